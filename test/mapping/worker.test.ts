import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type EvaluationRequest, KNOWN_VERSIONS, type Verdict } from "../../src/mapping/protocol.ts";
import { startWorker, type Work, type Worker } from "../../src/mapping/worker.ts";

const fork = vi.hoisted(() => vi.fn());
vi.mock("node:child_process", () => ({ fork }));

/** A child process that does what the test says. */
class FakeChild extends EventEmitter {
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;
  pid: number | undefined = 0;
  stderr = new EventEmitter();
  signals: unknown[] = [];
  asked: EvaluationRequest[] = [];

  send(requests: EvaluationRequest[]): void {
    this.asked.push(...requests);
  }
  kill(signal: unknown): void {
    this.signals.push(signal);
  }
}

let child: FakeChild;
let worker: Worker;
let changes: string[];

const ready = () => child.emit("message", { ready: true });
const answer = (id: number, verdict: Verdict = { ok: true }) => child.emit("message", { id, verdict });
const turn = () => vi.advanceTimersByTimeAsync(1);

/** Answers each question as it comes, until the evaluation ends. */
async function evaluated(work: Work): Promise<Verdict | "not begun"> {
  const verdict = worker.evaluate(work, 100);
  for (let next = child.asked.length; ; next += 1) {
    await turn();
    const asked = child.asked[next];
    if (!asked) return verdict;
    answer(asked.id, { ok: true, ...(asked.input === undefined ? {} : { result: asked.input }) });
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  child = new FakeChild();
  fork.mockReset().mockReturnValue(child);
  changes = [];
  worker = startWorker({ memoryMb: 48, onChange: () => changes.push(worker.state()) });
});
afterEach(() => {
  child.emit("exit", 0, null);
  vi.useRealTimers();
});

describe("a child process", () => {
  test("is started with bounded memory, an empty environment and none of our flags", () => {
    const [entry, args, options] = fork.mock.calls[0] ?? [];
    expect(entry).toMatch(/\/src\/mapping\/child\.ts$/);
    expect(args).toEqual([]);
    expect(options).toEqual({
      env: {},
      execArgv: ["--max-old-space-size=48", "--import", expect.stringMatching(/^file:.*tsx/)],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
  });

  test("is starting until it says that it is ready, and gone when it ends, told of once each", () => {
    expect(worker.state()).toBe("starting");
    ready();
    child.emit("exit", 1, null);
    child.emit("exit", 1, null);
    expect(changes).toEqual(["ready", "gone"]);
  });

  test("is killed when it is not ready within fifteen seconds, and not when it is", () => {
    vi.advanceTimersByTime(14_999);
    expect(child.signals).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(child.signals).toEqual(["SIGKILL"]);
    child.signals = [];
    startWorker({ memoryMb: 48, onChange: () => undefined });
    ready();
    vi.advanceTimersByTime(60_000);
    expect(child.signals).toEqual([]);
  });

  test("that ends while it starts is not killed later", () => {
    child.emit("exit", 1, null);
    vi.advanceTimersByTime(60_000);
    expect(child.signals).toEqual([]);
  });

  test("says before it is ready why it is not, two thousand characters or little more", () => {
    child.stderr.emit("data", Buffer.from(" out of "));
    child.stderr.emit("data", Buffer.from("files\n"));
    expect(worker.complaint()).toBe("out of files");
    child.stderr.emit("data", Buffer.from("x".repeat(1985)));
    child.stderr.emit("data", Buffer.from("y"));
    child.stderr.emit("data", Buffer.from("z"));
    expect(worker.complaint()).toMatch(/xy$/);
    expect(changes).toEqual([]);
    child.emit("error", new Error("ENOENT"));
    expect([worker.complaint().slice(-7), worker.state()]).toEqual(["yENOENT", "gone"]);
  });

  test("that is ready complains to nobody", () => {
    expect(worker.complaint()).toBe("");
    ready();
    child.stderr.emit("data", Buffer.from("a warning"));
    expect(worker.complaint()).toBe("");
  });
});

describe("work", () => {
  beforeEach(() => ready());

  test("is compiled once in a child and evaluated each time", async () => {
    const work = { version: "1", source: "a", input: "2", cover: true as const, resultLength: 9 };
    expect(await evaluated(work)).toEqual({ ok: true, result: "2" });
    expect(await evaluated({ ...work, input: "3" })).toEqual({ ok: true, result: "3" });
    expect(child.asked).toEqual([
      { id: 1, version: "1", source: "a", cover: true, resultLength: 9, timeoutMs: 800 },
      { id: 2, version: "1", input: "2", resultLength: 9, timeoutMs: 80 },
      { id: 3, version: "1", input: "3", resultLength: 9, timeoutMs: 80 },
    ]);
  });

  test("without an input is only compiled, with more time where more is given", async () => {
    const verdict = worker.evaluate({ version: "1", source: "a" }, 2000);
    expect(worker.inHand()).toBe(1);
    await turn();
    expect(child.asked).toEqual([{ id: 1, version: "1", source: "a", timeoutMs: 1600 }]);
    answer(1);
    expect(await verdict).toEqual({ ok: true });
    expect(worker.inHand()).toBe(0);
    expect(await evaluated({ version: "1", source: "a" })).toEqual({ ok: true });
    expect(child.asked).toHaveLength(1);
  });

  test("that does not compile is refused, and compiled again the next time", async () => {
    const failure = { kind: "compile" as const, reason: "no" };
    for (const id of [1, 2]) {
      const verdict = worker.evaluate({ version: "1", source: "a", input: "1" }, 100);
      await turn();
      answer(id, { ok: false, failure });
      expect(await verdict).toEqual({ ok: false, failure });
    }
    expect(child.asked.map(({ source }) => source)).toEqual(["a", "a"]);
  });

  test("brings what stands beside it whole when the child has got another last", async () => {
    const of = (version: string, lookups?: string): Work => ({
      version,
      source: "a",
      ...(lookups === undefined ? {} : { lookups: { version: lookups, text: `{${lookups}}` } }),
    });
    for (const work of [of("1", "x"), of("2", "x"), of("3"), of("4", "x"), of("5", "y"), of("6", "x")]) {
      await evaluated(work);
    }
    expect(child.asked.map(({ lookups }) => lookups)).toEqual([
      { version: "x", text: "{x}" },
      { version: "x" },
      undefined,
      { version: "x" },
      { version: "y", text: "{y}" },
      { version: "x", text: "{x}" },
    ]);
  });

  test("of more versions than a child keeps is sent with its source anew", async () => {
    for (let n = 0; n < KNOWN_VERSIONS; n += 1) await evaluated({ version: `v${n}`, source: "a" });
    await evaluated({ version: "v0", source: "a" });
    expect(child.asked).toHaveLength(KNOWN_VERSIONS);
    await evaluated({ version: "another", source: "a" });
    await evaluated({ version: "another", source: "a" });
    expect(child.asked).toHaveLength(KNOWN_VERSIONS + 1);
    await evaluated({ version: "v0", source: "a" });
    expect(child.asked).toHaveLength(KNOWN_VERSIONS + 2);
  });
});

describe("the end of a child with work in hand", () => {
  const died =
    "its process died, most likely out of memory. Look for large ranges, long texts or deep recursion";
  const late =
    "it took too long and was stopped. Look for recursion without an end, large ranges or long texts";

  test.each<[string, NodeJS.Signals | null, object]>([
    ["by V8, which is out of memory", "SIGABRT", {}],
    ["by a kill from outside", "SIGKILL", { retry: true }],
    ["by nobody knows what", null, { retry: true }],
  ])("%s is a verdict", async (_how, signal, more) => {
    ready();
    const [first, second] = [1, 2].map(() => worker.evaluate({ version: "1", source: "a" }, 100));
    await turn();
    child.emit("exit", null, signal);
    expect(await first).toEqual({ ok: false, failure: { kind: "limit", reason: died, ...more } });
    expect(await second).toBe("not begun");
  });

  test.each<[string, Verdict, object]>([
    [
      "came to a limit",
      { ok: false, failure: { kind: "limit", reason: "it took too long" } },
      { retry: true },
    ],
    ["failed otherwise", { ok: false, failure: { kind: "evaluate", reason: "no number" } }, {}],
    ["went well", { ok: true, result: "1" }, {}],
  ])("of memory after another piece %s: whose fault it is", async (_what, before, more) => {
    ready();
    const first = worker.evaluate({ version: "1", source: "a" }, 100);
    await turn();
    answer(1, before);
    await first;
    const second = worker.evaluate({ version: "2", source: "b" }, 100);
    await turn();
    child.emit("exit", null, "SIGABRT");
    expect(await second).toEqual({ ok: false, failure: { kind: "limit", reason: died, ...more } });
  });

  test("that took too long is killed, and may be tried again when the machine kept it waiting", async () => {
    ready();
    const verdict = worker.evaluate({ version: "1", source: "a" }, 100);
    await vi.advanceTimersByTimeAsync(999);
    expect(child.signals).toEqual([]);
    await vi.advanceTimersByTimeAsync(2);
    expect(child.signals).toEqual(["SIGKILL"]);
    child.emit("exit", null, "SIGKILL");
    expect(await verdict).toEqual({ ok: false, failure: { kind: "limit", reason: late, retry: true } });
  });
});

describe("killing", () => {
  test("ends when the child has ended", async () => {
    let isOver = false;
    child.pid = 7;
    const over = worker.kill().then(() => {
      isOver = true;
    });
    await turn();
    expect([isOver, child.signals]).toEqual([false, ["SIGKILL"]]);
    child.emit("exit", null, "SIGKILL");
    await over;
  });

  test.each([{ exitCode: 0 }, { signalCode: "SIGTERM" as const }, { pid: undefined }])(
    "has nothing to do for a child with %j",
    async (state) => {
      Object.assign(child, { pid: 7 }, state);
      await worker.kill();
      expect(child.signals).toEqual([]);
    },
  );
});
