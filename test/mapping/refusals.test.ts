import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { refusalOf } from "../../src/mapping/allowed.ts";
import { checkRecord } from "../../src/mapping/check-record.ts";
import { describeError } from "../../src/mapping/describe-error.ts";
import { showDifferences } from "../../src/mapping/difference.ts";
import { MappingError } from "../../src/mapping/errors.ts";
import { appendItem } from "../../src/mapping/json-text.ts";
import type { Verdict } from "../../src/mapping/protocol.ts";
import { LinearRegexEngine } from "../../src/mapping/regex.ts";
import { createRequests } from "../../src/mapping/requests.ts";
import { addTestCase } from "../../src/mapping/test-file.ts";
import { runTestsBeside } from "../../src/mapping/test-runner.ts";
import { type Overrun, startLimit } from "../../src/mapping/time-limit.ts";
import { recordVersions } from "../../src/mapping/used-versions.ts";

const root = mkdtempSync(join(tmpdir(), "refusals-"));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => vi.useRealTimers());

test("a kind of node that we do not know is refused, wherever it stands", () => {
  const unknown = { type: "block", position: 4, expressions: [{ type: "eval", position: 9 }] };
  expect(refusalOf(unknown, [])).toEqual({
    reason: '"eval" is not allowed in mapping files. Leave it out',
    position: 9,
  });
  expect(refusalOf({ type: "eval" }, [])).not.toHaveProperty("position");
});

describe("what failed inside JSONata", () => {
  test.each([
    ["a text that was thrown", "canary", "it failed inside JSONata (unknown error)"],
    ["nothing", undefined, "it failed inside JSONata (unknown error)"],
    ["an error without a code", new TypeError("canary"), "it failed inside JSONata (TypeError)"],
    ["a code without words", { code: "T9999" }, "it failed inside JSONata (unknown error)"],
    ["a full stack", new RangeError("canary"), "it needs too deep a recursion or too long a text"],
    ["an error of the mapping's own", { code: "D3137", message: "canary" }, "refused this input with $error"],
    [
      "a value of the input",
      { code: "T0410", message: 'not "canary"', value: "canary" },
      "not … (JSONata T0410)",
    ],
  ])("is told without what was in it: %s", (_name, error, reason) => {
    const described = describeError(error);
    expect(described.reason).toContain(reason);
    expect(described.reason).not.toContain("canary");
  });
});

test("a record that would change what all objects inherit is refused", () => {
  const value: unknown = JSON.parse('{"name": "A", "custom": {"__proto__": {"polluted": true}}}');
  const check = () => checkRecord("contact", value, { name: "contact.jsonata", source: '{\n"custom": 1}' });
  expect(check).toThrow("contact.jsonata:2 (custom): the record has a key __proto__. Remove it");
});

test("a pattern that cannot run in linear time does not run at all", () => {
  let thrown: unknown;
  try {
    new LinearRegexEngine(/(a)\1/);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toEqual({ code: "MAPPING", message: "the regular expression cannot run in linear time" });
});

test("a record that differs as a whole is shown as such", () => {
  expect(showDifferences([{ path: "", expected: null }])).toBe(
    "the record\n  expected null\n  got      nothing",
  );
});

test("versions of the files used are told once, and none where none was used", async () => {
  const recorder = recordVersions({
    map: async (_folder, kind) => ({ record: {}, version: kind === "route" ? "none" : "3f2a" }) as never,
  });
  expect(recorder.take()).toEqual({});
  for (const kind of ["ticket", "route"] as const) await recorder.mapper.map("f", kind, {});
  expect(recorder.take()).toEqual({ mapping: "ticket@3f2a" });
  expect(recorder.take()).toEqual({});
});

describe("a test file", () => {
  test("of anything but a list gets no case, and neither does one that cannot be read", async () => {
    expect(() => appendItem("{}", {})).toThrow("the text is not a list");
    expect(() => appendItem("", {})).toThrow("the text is not a list");
    await expect(addTestCase(root, { name: "a", input: {}, expected: {} })).rejects.toThrow("EISDIR");
  });

  const payload = { file: "hook.json", message: 0, channelType: "meta", channel: "city" };
  const folderOf = (name: string) => {
    const folder = mkdtempSync(join(root, "p-"));
    const cases = [{ name: "recorded", payload, expected: { queue: "Water" } }];
    writeFileSync(join(folder, `${name}.jsonata`), "{}");
    writeFileSync(join(folder, `${name}.test.json`), JSON.stringify(cases));
    return folder;
  };
  const failureOf = async (folder: string, options: Parameters<typeof runTestsBeside>[2] = {}) => {
    const map = async (kind: string, input: unknown) => {
      if (kind === "ticket") return { record: { subject: "s" } };
      return { record: { queue: "Water", ticket: (input as { ticket?: unknown }).ticket } };
    };
    const results = await runTestsBeside(folder, map, options);
    return results.find(({ name }) => name === "recorded")?.failure;
  };

  test("with a recorded payload says so where none can be read", async () => {
    expect(await failureOf(folderOf("comment"))).toBe("payloads cannot be read here. Give the input itself");
  });

  test("with a payload that cannot be read says why", async () => {
    const rejects = (error: unknown) => ({ readPayload: () => Promise.reject(error) });
    const folder = folderOf("comment");
    expect(await failureOf(folder, rejects(new Error("no such file")))).toBe("payload: no such file");
    expect(await failureOf(folder, rejects("odd"))).toBe("payload: unknown error");
  });

  test("of a route sees the ticket that the folder makes of the payload", async () => {
    const failure = await failureOf(folderOf("route"), { readPayload: async () => ({ message: {} }) });
    expect(failure).toContain("ticket.subject");
  });

  test("whose mapping breaks for a reason of ours ends the run; one kept waiting is marked", async () => {
    const folder = folderOf("comment");
    const options = { readPayload: async () => ({}) };
    await expect(runTestsBeside(folder, () => Promise.reject(new Error("ours")), options)).rejects.toThrow(
      "ours",
    );
    const stalled = new MappingError({ kind: "limit", file: "f", reason: "late", isStalled: true });
    const results = await runTestsBeside(folder, () => Promise.reject(stalled), options);
    expect(results.find(({ name }) => name === "recorded")).toMatchObject({ isStalled: true });
  });
});

describe("the time of an evaluation", () => {
  function limitOf(pid: number, during: () => void = () => undefined): Overrun[] {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const overruns: Overrun[] = [];
    startLimit(pid, 100, (how) => overruns.push(how));
    vi.advanceTimersByTime(20);
    during();
    vi.advanceTimersByTime(79);
    expect(overruns).toEqual([]);
    vi.advanceTimersByTime(1);
    return overruns;
  }

  test("ends as stalled for a process that was kept waiting, or of which nothing is known", () => {
    expect(limitOf(process.pid)).toEqual(["stalled"]);
    expect(limitOf(0)).toEqual(["stalled"]);
  });

  test.runIf(existsSync("/proc/self/stat"))("ends as busy for a process that was at work", () => {
    const work = () => {
      const before = process.cpuUsage();
      const usedMs = () => (process.cpuUsage(before).user + process.cpuUsage(before).system) / 1000;
      while (usedMs() < 80);
    };
    expect(limitOf(process.pid, work)).toEqual(["busy"]);
  });

  test("is not asked about once it is stopped", () => {
    vi.useFakeTimers();
    const over = vi.fn();
    startLimit(process.pid, 100, over)();
    vi.advanceTimersByTime(1000);
    expect(over).not.toHaveBeenCalled();
  });
});

test("what a child is asked after its end was not begun, and an answer nobody waits for is left", async () => {
  const verdict: Verdict = { ok: true };
  const sent: unknown[] = [];
  const child = {
    pid: process.pid,
    send: (message: unknown) => sent.push(message),
  } as unknown as ChildProcess;
  const requests = createRequests(child, () => undefined);
  const first = requests.ask({ version: "1" }, 10_000);
  requests.answered(99, verdict);
  const second = requests.ask({ version: "1" }, 10_000);
  requests.ended({ ok: false, failure: { kind: "limit", reason: "it died" } });
  expect(await first).toMatchObject({ ok: false });
  expect(await second).toBe("not begun");
  expect(await requests.ask({ version: "1" }, 10_000)).toBe("not begun");
});
