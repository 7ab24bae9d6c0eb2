import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { alternativesOf, confirmationRecord } from "../../../src/domain/records.ts";
import type { TemplateInfo } from "../../../src/domain/template.ts";
import { LEGAL_PARAMETER } from "../../../src/domain/template-parameter.ts";
import type { Facts, Wanted } from "../../../src/outbound/plan/facts.ts";
import { plan } from "../../../src/outbound/plan/plan.ts";
import { planSecondTry } from "../../../src/outbound/plan/second-try.ts";
import type { SendAbility } from "../../../src/sdk/channel.ts";

interface Situation {
  name: string;
  wanted: Wanted;
  /** What differs from a person who has just written, on a channel that can send everything; null: not there. */
  facts: Record<string, unknown>;
  verdict: object;
}

const file = new URL("situations.json", import.meta.url);
const situations = JSON.parse(readFileSync(file, "utf8")) as Situation[];

function info(name: string, category: string, body: string[]): TemplateInfo {
  return { name, language: "en", status: "APPROVED", category, header: [], body, buttons: [], alsoNeeds: [] };
}

const usual: Facts = {
  now: Date.parse("2026-11-02T12:00:00Z"),
  lastMessageAt: "2026-11-02T10:00:00Z",
  lastMessageId: "wamid.last",
  earlier: { parts: 0 },
  respectsOptOut: true,
  consents: {},
  channel: { sends: new Set<SendAbility>(["media", "interactive", "reaction"]) },
  replyTemplate: { name: "staff_reply", language: "en", parameters: ["text"] },
  languages: [],
  templates: [
    info("staff_reply", "UTILITY", ["1"]),
    info("solved", "UTILITY", ["1"]),
    info("offer", "MARKETING", []),
  ],
  stopped: [],
  repliesThisMonth: 0,
};

function factsOf({ now, channel, ...others }: Record<string, unknown>): Facts {
  const given = Object.fromEntries(Object.entries(others).map(([key, value]) => [key, value ?? undefined]));
  const { sends, ...limits } = (channel ?? {}) as { sends?: SendAbility[] };
  return {
    ...usual,
    ...given,
    ...(typeof now === "string" ? { now: Date.parse(now) } : {}),
    ...(channel ? { channel: { ...limits, ...(sends ? { sends: new Set(sends) } : {}) } } : {}),
  };
}

describe("the planner", () => {
  test.each(situations)("$name", ({ wanted, facts, verdict }) => {
    if (wanted.kind === "confirmation")
      expect(confirmationRecord.safeParse(wanted.record).success).toBe(true);
    expect(plan(wanted, factsOf(facts))).toMatchObject(verdict);
  });

  test("changes nothing of what it is given, and says the same again", () => {
    for (const { wanted, facts } of situations) {
      const given = factsOf(facts);
      const before = structuredClone({ wanted, given });
      expect(plan(wanted, given)).toEqual(plan(wanted, given));
      expect({ wanted, given }).toEqual(before);
    }
  });

  const bits = ["", " ", "\n", "\t", "\r", "     ", "a", "é", "👩‍🚒", "x".repeat(1500), "\u0000", "\u2028"];
  const texts = bits.flatMap((one) => bits.flatMap((two) => bits.map((three) => one + two + three)));

  test("sends no parameter that WhatsApp refuses, whatever stands in a reply", () => {
    for (const text of texts) {
      const reply = { text, ticket: "7", name: undefined, agent: undefined };
      const [first] = plan({ kind: "reply", reply }, { ...usual, lastMessageAt: undefined }).send;
      const body = first?.kind === "template" ? first.template.body : undefined;
      const [value] = Array.isArray(body) ? body : [];
      expect(value).toMatch(LEGAL_PARAMETER);
      expect(value?.length).toBeGreaterThan(0);
      expect(value?.length).toBeLessThanOrEqual(1024);
    }
  });

  test("never sends free text outside the window, and never anything to who has opted out of all but answers", () => {
    for (const { wanted, facts } of situations) {
      const closed = plan(wanted, { ...factsOf(facts), earlier: { parts: 0 }, lastMessageAt: undefined });
      expect(closed.send.every(({ kind }) => kind === "template")).toBe(true);
      const stopped = plan(wanted, { ...factsOf(facts), earlier: { parts: 0 }, consents: { all: "stop" } });
      if (wanted.kind === "confirmation") expect(stopped.send).toEqual([]);
      expect(stopped.send.some(({ kind }) => kind === "template")).toBe(false);
    }
  });
});

describe("a second try after an unclear one", () => {
  const policy = { now: 1000, receiptWaitMs: 600, atMostOnce: false };
  test.each([
    ["waits for the receipt", { at: 500, attempts: 1 }, {}, { kind: "wait", waitMs: 100 }],
    ["is made when none has come", { at: 400, attempts: 1 }, {}, { kind: "send" }],
    ["is the last", { at: 400, attempts: 2 }, {}, { kind: "give_up" }],
    [
      "is not made where nothing may go out twice",
      { at: 400, attempts: 1 },
      { atMostOnce: true },
      { kind: "give_up" },
    ],
  ])("%s", (_name, known, given, expected) => {
    expect(planSecondTry(known, { ...policy, ...given })).toEqual(expected);
  });
});

describe("a confirmation's fallbacks", () => {
  test("are tried in their order, one or several", () => {
    const record = confirmationRecord.parse({ text: "a", fallback: [{ reaction: "❤" }, { text: "b" }] });
    expect(record && alternativesOf(record)).toEqual([{ text: "a" }, { reaction: "❤" }, { text: "b" }]);
    const one = confirmationRecord.parse({ text: "a", fallback: { text: "b" } });
    expect(one && alternativesOf(one)).toEqual([{ text: "a" }, { text: "b" }]);
  });

  test.each([
    { text: "a", fallback: [] },
    { text: "a", fallback: { text: "b", fallback: { text: "c" } } },
    { text: "a", fallback: null },
    { reaction: "ok" },
    { reaction: "✅✅" },
    { interactive: { type: "buttons", text: "?", buttons: [] } },
    { interactive: { type: "link", text: "?", label: "Go", url: "javascript:alert(1)" } },
  ])("must have a form that can be sent: %j", (record) => {
    expect(confirmationRecord.safeParse(record).success).toBe(false);
  });
});
