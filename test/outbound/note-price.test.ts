import { describe, expect, it } from "vitest";
import { noteFreeEntry, notePrice } from "../../src/outbound/note-price.ts";
import type { OutboundTools } from "../../src/outbound/tools.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-22T12:00:00Z");
const key = { channel: "city", person: "ada" };
const iso = (ms: number) => new Date(NOW + ms).toISOString();

function setUp(talk: { adAt?: string; freeUntil?: string } = {}) {
  const noted: string[] = [];
  const metrics = createMetrics();
  const people = {
    talk: async () => talk,
    noteFreeUntil: async (_key: unknown, until: string) => void noted.push(until),
  };
  const tools = { store: { people }, metrics, clock: { now: () => NOW } } as unknown as OutboundTools;
  return { tools, noted, metrics };
}

describe("our first answer to somebody who came by an advertisement", () => {
  const FREE = [iso(72 * HOUR)];
  it.each<[string, { adAt?: string; freeUntil?: string }, string[]]>([
    ["makes it free for three days", { adAt: iso(-HOUR) }, FREE],
    ["does so from the very click on", { adAt: iso(0) }, FREE],
    ["does so until a day has passed", { adAt: iso(-24 * HOUR + 1) }, FREE],
    ["does nothing after a day", { adAt: iso(-24 * HOUR) }, []],
    ["does nothing before the click", { adAt: iso(1) }, []],
    ["does nothing without an advertisement", {}, []],
    ["does nothing where it is free already", { adAt: iso(-HOUR), freeUntil: iso(1) }, []],
    ["counts again once that has ended", { adAt: iso(-HOUR), freeUntil: iso(0) }, FREE],
  ])("%s", async (_name, talk, expected) => {
    const { tools, noted } = setUp(talk);
    await noteFreeEntry(key, tools);
    expect(noted).toEqual(expected);
  });
});

describe("a receipt", () => {
  const origin = { type: "referral_conversion" };
  const receipt = { messageId: "wamid.1", state: "delivered" } as const;

  it.each<[object | undefined, string[]]>([
    [{ origin, expiration_timestamp: "1795000000" }, ["2026-11-18T11:06:40.000Z"]],
    [{ origin, expiration_timestamp: 1_795_000_000 }, ["2026-11-18T11:06:40.000Z"]],
    [{ origin: { type: "service" }, expiration_timestamp: "1795000000" }, []],
    [{ origin: "referral_conversion", expiration_timestamp: "1795000000" }, []],
    [{ origin: null, expiration_timestamp: "1795000000" }, []],
    [{ origin: {}, expiration_timestamp: "1795000000" }, []],
    [{ expiration_timestamp: "1795000000" }, []],
    [{ origin }, []],
    [{ origin, expiration_timestamp: "soon" }, []],
    [{ origin, expiration_timestamp: "0" }, []],
    [{ origin, expiration_timestamp: "100000000000" }, []],
    [undefined, []],
  ])("with the conversation %j tells that it is free until %j", async (conversation, expected) => {
    const { tools, noted } = setUp();
    const given = conversation
      ? { ...receipt, conversation: conversation as Record<string, unknown> }
      : receipt;
    expect(await notePrice(given, key, tools)).toEqual({});
    expect(noted).toEqual(expected);
  });

  it.each([
    ["delivered", { category: "utility", type: "regular" }, "utility regular", 1],
    ["read", { category: "marketing-lite", type: "free_entry_point" }, "marketing_lite free_entry_point", 1],
    ["failed", { category: "new", type: "newer" }, "other other", 1],
    ["sent", { category: "utility", type: "regular" }, "utility regular", 0],
  ] as const)(
    "of the state %s with the price %j is traced as %s and counted %i times",
    async (state, pricing, priced, count) => {
      const { tools, metrics } = setUp();
      expect(await notePrice({ ...receipt, state, pricing }, key, tools)).toEqual({ priced });
      const { values } = await metrics.priced.get();
      const [category, type] = priced.split(" ");
      const line = { labels: { channel: "city", category, type }, value: 1 };
      expect(values).toMatchObject(count === 1 ? [line] : []);
    },
  );
});
