import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { ChildMessage, EvaluationRequest, Verdict } from "../../src/mapping/protocol.ts";
import { KNOWN_VERSIONS } from "../../src/mapping/protocol.ts";
import { sampleLookups } from "./sample-lookups.ts";

const locked = vi.hoisted(() => vi.fn());
// The doors of this process stay open: the tests after this one need them.
vi.mock("../../src/mapping/lock-down.ts", () => ({ lockDown: locked }));

/** What the child would send to its parent, and what it listens to. */
const sent: ChildMessage[] = [];
const heard = new Map<string, (message: unknown) => void>();

beforeAll(async () => {
  const send = process.send?.bind(process);
  const isOurs = (message: object) => "ready" in message || "verdict" in message;
  vi.spyOn(process as { send(...message: unknown[]): boolean }, "send").mockImplementation(((
    message: object,
    ...others: never[]
  ) => (isOurs(message) ? sent.push(message as ChildMessage) > 0 : send?.(message, ...others))) as never);
  const on = vi.spyOn(process, "on").mockImplementation(((name: string, listener: () => void) => {
    heard.set(name, listener);
    return process;
  }) as never);
  await import("../../src/mapping/child.ts");
  on.mockRestore();
});
afterAll(() => vi.restoreAllMocks());

let lastId = 0;
const request = (more: Omit<EvaluationRequest, "id" | "timeoutMs">): EvaluationRequest => {
  lastId += 1;
  return { id: lastId, timeoutMs: 2000, ...more };
};

/** The verdicts on these requests, given together. */
async function verdicts(...requests: EvaluationRequest[]): Promise<Verdict[]> {
  const before = sent.length;
  heard.get("message")?.(requests);
  await vi.waitFor(() => expect(sent).toHaveLength(before + requests.length));
  return sent.slice(before).map((message, index) => {
    if (!("verdict" in message)) throw new Error("no verdict");
    expect(message.id).toBe(requests[index]?.id);
    return message.verdict;
  });
}

async function verdictOn(more: Omit<EvaluationRequest, "id" | "timeoutMs">): Promise<Verdict | undefined> {
  return (await verdicts(request(more)))[0];
}

describe("a child", () => {
  test("locks itself down, is ready once all is warm, and outlives signals to its group", () => {
    expect(locked).toHaveBeenCalledTimes(1);
    expect(sent[0]).toEqual({ ready: true });
    expect([...heard.keys()]).toEqual(["SIGINT", "SIGTERM", "disconnect", "message"]);
    for (const signal of ["SIGINT", "SIGTERM"]) expect(() => heard.get(signal)?.(undefined)).not.toThrow();
  });

  test("ends with its parent", () => {
    const exit = vi.spyOn(process, "exit").mockImplementation((() => undefined) as never);
    heard.get("disconnect")?.(undefined);
    expect(exit).toHaveBeenCalledWith(0);
    exit.mockRestore();
  });

  test("answers all that it is given, in order, and knows a version without its source again", async () => {
    const input = '{"a": 1}';
    const [compiled, first, again, other] = await verdicts(
      request({ version: "v1", source: "a + 1" }),
      request({ version: "v1", input }),
      request({ version: "v1", input: '{"a": 2}' }),
      request({ version: "v2", source: "a * 10", input }),
    );
    expect(compiled).toEqual({ ok: true });
    expect([first, again, other]).toMatchObject([{ result: "2" }, { result: "3" }, { result: "10" }]);
  });

  test("refuses what cannot be compiled, and what it never got", async () => {
    expect(await verdictOn({ version: "v3", source: "$eval(a)" })).toMatchObject({
      ok: false,
      failure: { kind: "compile", reason: expect.stringContaining("$eval is switched off") },
    });
    expect(await verdictOn({ version: "v3", input: "{}" })).toEqual({
      ok: false,
      failure: { kind: "compile", reason: "the file could not be compiled before" },
    });
  });

  test("keeps to the bounds that it is given", async () => {
    const source = '$pad("", 50, "y")';
    expect(await verdictOn({ version: "v4", source, input: "{}", resultLength: 51 })).toMatchObject({
      failure: { kind: "limit" },
    });
    const endless = "($f := function($n) { $f($n + 1) }; $f(0))";
    const [verdict] = await verdicts({
      ...request({ version: "v5", source: endless, input: "{}" }),
      timeoutMs: 30,
    });
    expect(verdict).toMatchObject({ ok: false, failure: { kind: "limit" } });
  });
});

describe("what stands beside a file", () => {
  const source = '$table("wards", "12", "queue")';
  const lookups = { version: "l1", text: JSON.stringify(sampleLookups) };

  test("is kept for the next file of its folder, and is not there for a file without", async () => {
    expect(await verdictOn({ version: "t1", source, lookups, input: "{}" })).toMatchObject({
      result: '"Water works south"',
    });
    const spaced = ` ${source}`;
    expect(
      await verdictOn({ version: "t2", source: spaced, lookups: { version: "l1" }, input: "{}" }),
    ).toMatchObject({ ok: true, result: '"Water works south"' });
    expect(await verdictOn({ version: "t3", source, input: "{}" })).toMatchObject({
      ok: false,
      failure: { reason: expect.stringContaining("table of this name") },
    });
  });
});

describe("branches", () => {
  test("are told of a version that is to be watched, and of no other", async () => {
    const source = "a ? 1 : 2";
    const verdict = await verdictOn({ version: "c1", source, input: '{"a": true}', cover: true });
    expect(verdict?.coverage?.branches.map(({ what, taken }) => [what, taken])).toEqual([
      ["then", true],
      ["else", false],
    ]);
    expect((await verdictOn({ version: "c1", input: "{}" }))?.coverage?.branches[1]?.taken).toBe(true);
    expect(await verdictOn({ version: "c2", source, input: "{}" })).not.toHaveProperty("coverage");
  });
});

test("the last versions are kept, twice as many as the parent counts on, the one compiled last the longest", async () => {
  const compileOne = (version: string) => request({ version, source: version.slice(1) });
  const count = 2 * KNOWN_VERSIONS;
  await verdicts(...Array.from({ length: count }, (_, n) => compileOne(`k${n}`)));
  await verdicts(compileOne("k0"));
  const known = async (version: string) => (await verdictOn({ version, input: "{}" }))?.ok;
  expect(await known("k1")).toBe(true);
  await verdicts(compileOne(`k${count}`));
  expect([await known("k0"), await known("k1"), await known("k2")]).toEqual([true, false, true]);
});
