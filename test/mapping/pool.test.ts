import { beforeEach, describe, expect, test, vi } from "vitest";
import { createPool, type Pool } from "../../src/mapping/pool.ts";
import type { Verdict } from "../../src/mapping/protocol.ts";
import type { Work, WorkerOptions } from "../../src/mapping/worker.ts";

const startWorker = vi.hoisted(() => vi.fn());
vi.mock("../../src/mapping/worker.ts", () => ({ startWorker }));

type Phase = "starting" | "ready" | "gone";

/** A child that answers when the test says so. */
class FakeWorker {
  phase: Phase = "starting";
  words = "";
  kills = 0;
  given: { version: string; limitMs: number; resolve(verdict: Verdict | "not begun"): void }[] = [];
  readonly options: WorkerOptions;

  constructor(options: WorkerOptions) {
    this.options = options;
  }
  state = () => this.phase;
  inHand = () => this.given.length;
  complaint = () => this.words;
  kill = async () => {
    this.kills += 1;
  };
  evaluate = ({ version }: Work, limitMs: number) =>
    new Promise<Verdict | "not begun">((resolve) => this.given.push({ version, limitMs, resolve }));

  become(phase: Phase): void {
    this.phase = phase;
    this.options.onChange();
  }
  async answer(verdict: Verdict | "not begun" = { ok: true }): Promise<void> {
    this.given.shift()?.resolve(verdict);
    await turn();
  }
  versions = () => this.given.map(({ version }) => version).join("");
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const limit = (retry?: true): Verdict => ({
  ok: false,
  failure: { kind: "limit", reason: "late", ...(retry ? { retry } : {}) },
});

let workers: FakeWorker[];
let pool: Pool;

function at(index: number): FakeWorker {
  const worker = workers[index];
  if (!worker) throw new Error(`there is no child ${index}`);
  return worker;
}
const run = (version: string) => pool.run({ version, source: "a" });

/** Runs one piece of work for each letter. */
const runAll = (versions: string) => [...versions].map(run);

beforeEach(() => {
  workers = [];
  startWorker.mockReset().mockImplementation((options: WorkerOptions) => {
    const worker = new FakeWorker(options);
    workers.push(worker);
    return worker;
  });
  pool = createPool({ children: 2, timeoutMs: 100, memoryMb: 48 });
});

describe("children", () => {
  test("start with the first work, one at a time, with the memory that they may have", () => {
    expect(workers).toHaveLength(0);
    void runAll("abc");
    expect(workers).toHaveLength(1);
    expect(at(0).options.memoryMb).toBe(48);
  });

  test("get four pieces of work at most; another starts when all have two, and no more than wanted", () => {
    void run("a");
    at(0).become("ready");
    expect(at(0).versions()).toBe("a");
    expect(workers).toHaveLength(1);
    void run("b");
    expect(workers).toHaveLength(2);
    void runAll("cdef");
    expect([at(0).versions(), workers.length]).toEqual(["abcd", 2]);
    at(1).become("ready");
    expect([at(0).versions(), at(1).versions(), workers.length]).toEqual(["abcd", "ef", 2]);
    void run("g");
    expect([at(0).versions(), at(1).versions(), workers.length]).toEqual(["abcd", "efg", 2]);
  });

  test("with the least in hand get the next", async () => {
    void runAll("ab");
    at(0).become("ready");
    at(1).become("ready");
    void runAll("cd");
    expect([at(0).versions(), at(1).versions()]).toEqual(["ab", "cd"]);
    await at(1).answer();
    void runAll("efg");
    expect([at(0).versions(), at(1).versions()]).toEqual(["abf", "deg"]);
  });

  test("that die are followed by another at once, so that the next event does not wait", async () => {
    const first = run("a");
    at(0).become("ready");
    at(0).phase = "gone";
    await at(0).answer(limit());
    expect(await first).toEqual(limit());
    expect(workers).toHaveLength(2);
  });

  test("that are gone with nothing waiting are not followed", () => {
    const only = createPool({ children: 1, timeoutMs: 100, memoryMb: 48 });
    void only.run({ version: "a", source: "a" });
    at(0).become("ready");
    at(0).given = [];
    at(0).become("gone");
    expect(workers).toHaveLength(1);
  });
});

describe("work", () => {
  test("has the time of one evaluation, and four times that at its second try", async () => {
    const result = run("a");
    at(0).become("ready");
    expect(at(0).given[0]?.limitMs).toBe(100);
    await at(0).answer(limit(true));
    expect(at(0).given[0]?.limitMs).toBe(400);
    await at(0).answer(limit(true));
    expect(await result).toEqual(limit(true));
    expect(at(0).given).toHaveLength(0);
  });

  test("that fails by its own fault is not tried again", async () => {
    const result = run("a");
    at(0).become("ready");
    await at(0).answer(limit());
    expect(await result).toEqual(limit());
    expect(at(0).given).toHaveLength(0);
  });

  test("that was not begun comes before what waits, as a first try", async () => {
    const [first] = runAll("abcde");
    at(0).become("ready");
    await at(0).answer("not begun");
    expect(at(0).versions()).toBe("bcda");
    expect(at(0).given[3]?.limitMs).toBe(100);
    at(0).given.unshift(...at(0).given.splice(3, 1));
    await at(0).answer({ ok: true, result: "1" });
    expect(await first).toEqual({ ok: true, result: "1" });
    expect(at(0).versions()).toBe("bcde");
  });
});

describe("children that do not start", () => {
  test("three times in a row are an error for all that waits, with what the child said", async () => {
    const results = runAll("ab").map((one) => one.catch((error: Error) => error.message));
    for (const index of [0, 1, 2]) {
      at(index).words = `${"x".repeat(500)}y`;
      at(index).become("gone");
    }
    const message = `the child process for mappings does not start: ${"x".repeat(500)}`;
    expect(await Promise.all(results)).toEqual([message, message]);
    expect(workers).toHaveLength(3);
    void run("c");
    expect(workers).toHaveLength(4);
    at(3).become("gone");
    expect(workers).toHaveLength(5);
  });

  test("are not counted together when one was ready between, nor with those that were ready", () => {
    void run("a");
    at(0).become("gone");
    at(1).become("gone");
    at(2).become("ready");
    at(2).become("gone");
    void run("b");
    at(3).become("gone");
    at(4).become("gone");
    expect(workers).toHaveLength(6);
  });
});

describe("a pool that is closed", () => {
  test("refuses what waits and what comes, and what was begun, and ends its children", async () => {
    const results = runAll("abcde").map((one) => one.catch((error: Error) => error.message));
    at(0).become("ready");
    await pool.close();
    const closed = "the mapper was closed";
    expect(await results[4]).toBe(closed);
    await expect(run("f")).rejects.toThrow(closed);
    expect(at(0).kills).toBe(1);
    at(0).phase = "gone";
    const started = workers.length;
    for (let left = 4; left > 0; left -= 1) await at(0).answer(limit(true));
    expect(await Promise.all(results)).toEqual(Array(5).fill(closed));
    at(0).become("gone");
    expect(workers).toHaveLength(started);
  });
});
