import { describe, expect, test } from "vitest";
import { GiveUp, RetryLater } from "../../src/domain/failure.ts";
import { type RetryPolicy, verdictOn } from "../../src/queue/verdict.ts";
import { PluginError } from "../../src/sdk/index.ts";
import { phone } from "../support/builders.ts";

const HOUR = 3_600_000;
const policy: RetryPolicy = { crashLimit: 5, giveUpAfterMs: 24 * HOUR, random: () => 0 };
const first = { tries: 0, ageMs: 0 };
const unavailable = new PluginError({ kind: "unavailable", operatorMessage: "the helpdesk answered 503" });

describe("a failure that may pass", () => {
  test.each([
    [0, 1000],
    [1, 2000],
    [2, 4000],
    [5, 32_000],
    [8, 256_000],
    [9, 300_000],
    [10_000, 300_000],
  ])("after %i failed tries waits %i ms", (tries, delayMs) => {
    expect(verdictOn(unavailable, { tries, ageMs: 0 }, policy)).toEqual({
      do: "wait",
      delayMs,
      kind: "unavailable",
      reason: "the helpdesk answered 503",
      isFailure: true,
    });
  });

  test("is spread by up to a fifth, so that waiting conversations do not all come back at once", () => {
    const delays = [0, 0.5, 0.999].map((random) =>
      verdictOn(unavailable, first, { ...policy, random: () => random }),
    );
    expect(delays).toMatchObject([{ delayMs: 1000 }, { delayMs: 1100 }, { delayMs: 1200 }]);
  });

  test("waits as long as the other side asks", () => {
    const throttled = new PluginError({ kind: "throttled", retryAfterMs: 90_000, operatorMessage: "429" });
    expect(verdictOn(throttled, { tries: 7, ageMs: 0 }, policy)).toMatchObject({
      do: "wait",
      delayMs: 90_000,
    });
  });

  test.each([
    [0, 1000],
    [1, 4000],
    [2, 16_000],
    [4, 256_000],
    [5, 300_000],
    [10_000, 300_000],
  ])(
    "R42: too much for one person: after %i failed tries waits %i ms, unless the other side says how long",
    (tries, delayMs) => {
      const problem = { action: "pace_person", reason: "pair", says: "too much was sent" } as const;
      const paced = { kind: "throttled", operatorMessage: "131056", problem } as const;
      expect(verdictOn(new PluginError(paced), { tries, ageMs: 0 }, policy)).toMatchObject({
        do: "wait",
        delayMs,
      });
      const told = new PluginError({ ...paced, retryAfterMs: 7000 });
      expect(verdictOn(told, { tries, ageMs: 0 }, policy)).toMatchObject({ do: "wait", delayMs: 7000 });
    },
  );

  test("is tried until its time is up, then buried with the time it took", () => {
    expect(verdictOn(unavailable, { tries: 300, ageMs: 24 * HOUR }, policy).do).toBe("wait");
    expect(verdictOn(unavailable, { tries: 300, ageMs: 24 * HOUR + 1 }, policy)).toEqual({
      do: "bury",
      kind: "unavailable",
      reason: "the helpdesk answered 503; gave up after 24 h",
    });
  });
});

describe("a failure that only an operator can end", () => {
  test.each(["auth", "config"] as const)("P22: %s waits for as long as it takes", (kind) => {
    const refused = new PluginError({ kind, operatorMessage: "the server answered 401" });
    expect(verdictOn(refused, { tries: 999, ageMs: 999 * HOUR }, policy)).toMatchObject({ do: "wait", kind });
  });
});

describe("a failure that cannot pass", () => {
  test("is buried at once", () => {
    const rejected = new PluginError({ kind: "rejected", operatorMessage: "field subject is too long" });
    expect(verdictOn(rejected, first, policy)).toEqual({
      do: "bury",
      kind: "rejected",
      reason: "field subject is too long",
    });
  });

  test("is buried with what an operator needs to find it: the mapping at fault, the record that may be there", () => {
    const why = { kind: "unclear", reason: "nobody knows" };
    expect(verdictOn(new GiveUp("unclear", "nobody knows"), first, policy)).toEqual({ do: "bury", ...why });
    const unclear = new GiveUp("unclear", "nobody knows", "deskferry/city/3f9a/1");
    expect(verdictOn(unclear, first, policy)).toEqual({
      do: "bury",
      ...why,
      unclear: "deskferry/city/3f9a/1",
    });
    const mapping = Object.assign(new GiveUp("mapping", "no subject"), { mapping: "ticket@3f2a" });
    expect(verdictOn(mapping, first, policy)).toEqual({
      do: "bury",
      kind: "mapping",
      reason: "no subject",
      mapping: "ticket@3f2a",
    });
  });
});

describe("an event that must wait", () => {
  test("waits its time and has not failed, however old it is", () => {
    const later = new RetryLater("an unclear send may still have a receipt", 120_000);
    expect(verdictOn(later, { tries: 99, ageMs: 999 * HOUR }, policy)).toEqual({
      do: "wait",
      delayMs: 120_000,
      kind: "waiting",
      reason: "an unclear send may still have a receipt",
      isFailure: false,
    });
  });
});

describe("an error that nobody foresaw", () => {
  const bug = new TypeError(`cannot read ${phone(1)}`);

  test.each([
    [0, "wait"],
    [3, "wait"],
    [4, "bury"],
    [400, "bury"],
  ])("after %i failed tries: %s", (tries, what) => {
    expect(verdictOn(bug, { tries, ageMs: 0 }, policy)).toMatchObject({ do: what, kind: "bug" });
  });

  test("has failed: its age counts from then", () => {
    expect(verdictOn(bug, first, policy)).toMatchObject({ do: "wait", delayMs: 1000, isFailure: true });
  });

  test("is named by its kind only: its message may quote personal data", () => {
    for (const error of [bug, phone(1), { phone: phone(1) }, null, undefined]) {
      for (const tries of [0, 4]) {
        const { reason } = verdictOn(error, { tries, ageMs: 0 }, policy);
        expect(reason).toMatch(/^unforeseen \w+ in a handler$/);
      }
    }
  });
});
