import { expect, test } from "vitest";
import { eventKey } from "../../src/domain/trace.ts";
import { createDeadLetters } from "../../src/store/dead-letters.ts";
import { fromEnvelope } from "../../src/store/envelope.ts";
import { createIntents } from "../../src/store/intents.ts";
import { channelTag, keys } from "../../src/store/keys.ts";
import { type DeadLetter, letterText, outsideOf } from "../../src/store/letter.ts";
import { where } from "../../src/store/where.ts";
import { messageReceived } from "../support/builders.ts";
import { openPersonal } from "./personal-setup.ts";

async function setUp(encrypted = false) {
  const open = await openPersonal({ encrypted });
  const { redis, cipher, channel } = open;
  const letters = createDeadLetters(redis, cipher);
  const put = async (id: string, more: Partial<DeadLetter> = {}) => {
    const event = messageReceived({ id: `wamid.${id}` });
    const about = { kind: "rejected", reason: "no", at: "2026-11-20T08:00:00.000Z", ...more };
    const letter: DeadLetter = { id, lane: "in", person: "ada", event, ...about };
    await redis.hset(keys.dead(channel), id, letterText(channel, letter, cipher));
    return letter;
  };
  return { ...open, letters, put };
}

test.each([false, true])(
  "a letter is found, counted and listed as it was (encrypted: %s)",
  async (encrypted) => {
    const { channel, other, letters, put } = await setUp(encrypted);
    const one = await put("l1", { mapping: "ticket@1", v: 1 });
    const two = await put("l2");
    expect(await letters.find(channel, "l1")).toEqual(one);
    expect(await letters.find(channel, "l3")).toBeUndefined();
    expect(await letters.count(channel)).toBe(2);
    expect(await letters.count(other)).toBe(0);
    const all: DeadLetter[] = [];
    for await (const letter of letters.list(channel)) all.push(letter);
    expect(all.sort((a, b) => a.id.localeCompare(b.id))).toEqual([one, two]);
  },
);

test.each([false, true])(
  "a replayed letter waits again at the end, behind all that come later (encrypted: %s)",
  async (encrypted) => {
    const { redis, cipher, channel, letters, put } = await setUp(encrypted);
    const letter = await put("l1", { v: 2 });
    await redis.rpush(keys.mailbox(channel, "in", "ada"), "first");
    expect(await letters.replay(channel, "l1")).toEqual(letter);
    const [first, raw = ""] = await redis.lrange(keys.mailbox(channel, "in", "ada"), 0, -1);
    expect(first).toBe("first");
    const written = JSON.parse(raw) as { v: number; to?: string };
    expect(written).not.toHaveProperty("sentAt");
    expect(written).toMatchObject(encrypted ? { v: 3, to: "ada" } : { v: 2 });
    const place = { channel, lane: "in", person: "ada" } as const;
    expect(fromEnvelope(raw, place, cipher)).toEqual({ raw, event: letter.event, alone: false });
    expect(await redis.smembers(keys.pending(channel, "in"))).toEqual(["ada"]);
    expect(await letters.replay(channel, "l1")).toBeUndefined();
    expect(await redis.llen(keys.mailbox(channel, "in", "ada"))).toBe(2);
  },
);

test("a letter that somebody else took meanwhile is not replayed twice", async () => {
  const { channel, letters, put } = await setUp();
  await put("l1");
  const both = await Promise.all([letters.replay(channel, "l1"), letters.replay(channel, "l1")]);
  expect(both.filter((letter) => letter)).toHaveLength(1);
});

test.each(["replay", "discard"] as const)(
  "whoever decides by %s lets go what may have been made",
  async (decide) => {
    const { redis, channel, letters, put } = await setUp();
    await put("l1", { unclear: "ticket-1" });
    await put("l2");
    const key = keys.intent(channel, "ticket-1");
    await createIntents(redis).begin(channel, "ticket-1", 1);
    await letters[decide](channel, "l2");
    expect(await redis.exists(key)).toBe(1);
    await letters[decide](channel, "l1");
    expect(await redis.exists(key)).toBe(0);
  },
);

test("a letter is discarded once", async () => {
  const { redis, channel, letters, put } = await setUp();
  await put("l1");
  expect(await letters.discard(channel, "l1")).toBe(true);
  expect(await letters.discard(channel, "l1")).toBe(false);
  expect(await redis.exists(keys.dead(channel))).toBe(0);
});

test("letters that died before a time go, whatever they hold; those of that time stay", async () => {
  const { channel, letters, put } = await setUp(true);
  await put("l1", { at: "2026-10-01T00:00:00.000Z" });
  await put("l2", { at: "2026-10-02T00:00:00.000Z" });
  await put("l3", { at: "2026-09-30T00:00:00.000Z" });
  expect(await letters.expire(channel, "2026-10-02T00:00:00.000Z")).toBe(2);
  expect(await letters.find(channel, "l2")).toBeDefined();
  expect(await letters.count(channel)).toBe(1);
  expect(await letters.expire(channel, "2026-10-02T00:00:00.000Z")).toBe(0);
});

test("the quarantine is read in its order, and only what was counted is forgotten", async () => {
  const { redis, cipher, channel, letters } = await setUp(true);
  const parts = ["a", "b", "c", "d"].map((reason) => ({ reason, payload: { reason }, at: "x" }));
  const hidden = parts.map((part) => cipher.encrypt(JSON.stringify(part), where.kept(channel, "quarantine")));
  await redis.rpush(keys.quarantine(channel), ...hidden);
  expect(await letters.quarantined(channel)).toBe(4);
  expect(await letters.quarantine(channel)).toEqual(parts);
  await letters.clearQuarantine(channel, 1);
  expect(await letters.quarantine(channel)).toEqual(parts.slice(1));
  expect(await letters.dropQuarantined(channel, { count: 2, of: 4 })).toBe(false);
  expect(await letters.quarantined(channel)).toBe(3);
  expect(await letters.dropQuarantined(channel, { count: 2, of: 3 })).toBe(true);
  expect(await letters.quarantine(channel)).toEqual(parts.slice(3));
});

test.each([false, true])(
  "what is outside of a letter tells whose it is, not what it says (encrypted: %s)",
  async (encrypted) => {
    const { redis, channel, put } = await setUp(encrypted);
    await put("l1", { unclear: "ticket-1" });
    await put("l2");
    const text = async (id: string) => (await redis.hget(`${channelTag(channel)}:dead`, id)) ?? "";
    expect(outsideOf(await text("l1"))).toEqual({
      ...{ person: "ada", unclear: "ticket-1", events: [eventKey("wamid.l1")] },
    });
    expect(outsideOf(await text("l2"))).toEqual({ person: "ada", events: [eventKey("wamid.l2")] });
  },
);
