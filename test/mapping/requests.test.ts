import type { ChildProcess } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Verdict } from "../../src/mapping/protocol.ts";
import { createRequests, type Requests } from "../../src/mapping/requests.ts";

let posted: unknown[][];
let overruns: string[];
let requests: Requests;

const ok: Verdict = { ok: true };
const died: Verdict = { ok: false, failure: { kind: "limit", reason: "it died" } };
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  [posted, overruns] = [[], []];
  const child = { send: (list: unknown[]) => posted.push(list) } as unknown as ChildProcess;
  requests = createRequests(child, (how) => overruns.push(how));
});
afterEach(() => vi.useRealTimers());

test("what is asked in one turn goes together, each with a number and a little less time than it has", async () => {
  void requests.ask({ version: "1", source: "a" }, 100);
  void requests.ask({ version: "2", input: "{}" }, 101);
  expect(posted).toEqual([]);
  await pass(0);
  void requests.ask({ version: "3" }, 100);
  await pass(0);
  expect(posted).toEqual([
    [
      { id: 1, version: "1", source: "a", timeoutMs: 80 },
      { id: 2, version: "2", input: "{}", timeoutMs: 81 },
    ],
    [{ id: 3, version: "3", timeoutMs: 80 }],
  ]);
});

test("each answer goes to what asked for it", async () => {
  const [first, second] = [requests.ask({ version: "1" }, 100), requests.ask({ version: "2" }, 100)];
  requests.answered(1, ok);
  requests.answered(2, died);
  requests.answered(1, died);
  expect([await first, await second]).toEqual([ok, died]);
  await pass(1000);
  expect(overruns).toEqual([]);
});

describe("the time of an evaluation", () => {
  test("begins with its asking when nothing is before it", async () => {
    void requests.ask({ version: "1" }, 100);
    await pass(99);
    expect(overruns).toEqual([]);
    await pass(2);
    expect(overruns).toEqual(["stalled"]);
  });

  test("begins with the answer to the one before", async () => {
    void requests.ask({ version: "1" }, 100);
    void requests.ask({ version: "2" }, 200);
    await pass(90);
    requests.answered(1, ok);
    await pass(199);
    expect(overruns).toEqual([]);
    await pass(2);
    expect(overruns).toEqual(["stalled"]);
  });

  test("is not over for an answer that was waiting to be read", async () => {
    void requests.ask({ version: "1" }, 100);
    vi.advanceTimersByTime(99);
    setImmediate(() => requests.answered(1, ok));
    setTimeout(() => requests.answered(1, ok), 1);
    await pass(5);
    expect(overruns).toEqual([]);
  });
});

test("the end of a child is the verdict on what it had begun; the others come back last first, and no time runs", async () => {
  const order: string[] = [];
  const asked = ["1", "2", "3"].map(async (version) => {
    const verdict = await requests.ask({ version }, 100);
    order.push(version);
    return verdict;
  });
  requests.ended(died);
  expect(await Promise.all(asked)).toEqual([died, "not begun", "not begun"]);
  expect(order).toEqual(["1", "3", "2"]);
  expect(await requests.ask({ version: "4" }, 100)).toBe("not begun");
  await pass(1000);
  expect(overruns).toEqual([]);
  expect(posted).toHaveLength(1);
});
