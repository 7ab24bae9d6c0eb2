import { expect, test } from "vitest";
import { createConsents } from "../../src/store/consents.ts";
import { keepArguments } from "../../src/store/kept.ts";
import { channelTag, keys, OUTBOUND_SECONDS, SEEN_SECONDS } from "../../src/store/keys.ts";
import { createPeople } from "../../src/store/people.ts";
import { createSteps } from "../../src/store/steps.ts";
import { createUndelivered } from "../../src/store/undelivered.ts";
import { where } from "../../src/store/where.ts";
import { phone, userId } from "../support/builders.ts";
import { openPersonal } from "./personal-setup.ts";

const AT = "2026-11-20T08:00:00.000Z";

test("a person is known as last seen, decrypted, whoever they turned out to be", async () => {
  const { redis, cipher, channel, other } = await openPersonal({ encrypted: true });
  const people = createPeople(redis, cipher);
  const hidden = { userId: userId(1), phone: phone(1), name: "Ada", lastMessageId: "wamid.1" };
  for (const [field, text] of Object.entries(hidden))
    await redis.hset(keys.person(channel, "ada"), field, cipher.encrypt(text, where.person(channel, field)));
  const plain = { username: "ada", lastMessageAt: AT, adAt: "a", freeUntil: "f", other: "x" };
  await redis.hset(keys.person(channel, "ada"), plain);
  await redis.hset(keys.person(channel, "first"), "sameAs", "ada");
  const { lastMessageId, ...shown } = hidden;
  for (const person of ["ada", "first"]) {
    const key = { channel, person };
    expect(await people.get(key)).toEqual({ ...shown, username: "ada", lastMessageAt: AT });
    expect(await people.talk(key)).toEqual({
      ...{ lastMessageAt: AT, lastMessageId, adAt: "a", freeUntil: "f" },
    });
  }
  expect(await people.get({ channel: other, person: "ada" })).toStrictEqual({});
});

test("how long messages are free is noted where the person is, and never shortened", async () => {
  const { redis, channel } = await openPersonal();
  const people = createPeople(redis);
  await redis.hset(keys.person(channel, "first"), "sameAs", "ada");
  const until = () => redis.hget(keys.person(channel, "ada"), "freeUntil");
  await people.noteFreeUntil({ channel, person: "first" }, "2026-11-20");
  expect(await until()).toBe("2026-11-20");
  await people.noteFreeUntil({ channel, person: "ada" }, "2026-11-19");
  expect(await until()).toBe("2026-11-20");
  await people.noteFreeUntil({ channel, person: "ada" }, "2026-11-21");
  expect(await until()).toBe("2026-11-21");
  expect(await redis.hgetall(keys.person(channel, "first"))).toEqual({ sameAs: "ada" });
});

test("what a person asked for last counts, in each scope, whoever they turned out to be", async () => {
  const { redis, channel } = await openPersonal();
  const consents = createConsents(redis);
  const consent = (at: string, state: "stop" | "start" = "stop") =>
    ({ state, at, evidence: "e1", source: "message" }) as const;
  await redis.hset(keys.person(channel, "first"), "sameAs", "second");
  await redis.hset(keys.person(channel, "second"), "sameAs", "ada");
  const first = { channel, person: "first" };
  const ada = { channel, person: "ada" };
  expect(await consents.get(first)).toEqual({});
  expect(await consents.note(first, "marketing", consent("2026-11-20"))).toBe(true);
  for (const key of [first, ada])
    expect(await consents.get(key)).toEqual({ marketing: consent("2026-11-20") });
  expect(await consents.note(ada, "marketing", consent("2026-11-19", "start"))).toBe(false);
  expect(await consents.note(ada, "marketing", consent("2026-11-20", "start"))).toBe(true);
  expect(await consents.note(ada, "all", consent("2026-11-18"))).toBe(true);
  expect(await consents.get(first)).toEqual({
    ...{ all: consent("2026-11-18"), marketing: consent("2026-11-20", "start") },
  });
  await redis.hset(keys.consent(channel, "eve", "all"), "at", "2026-11-20");
  expect(await consents.get({ channel, person: "eve" })).toEqual({});
});

test("messages that were not delivered in time are handed out once in ten minutes, the oldest first", async () => {
  const { redis, channel, other } = await openPersonal();
  const undelivered = createUndelivered(redis);
  await redis.zadd(keys.undelivered(channel), "30", "c", "10", "a", "20", "b", "99", "late");
  expect(await undelivered.count(channel)).toBe(4);
  expect(await undelivered.claim(channel, 30, 2)).toEqual(["a", "b"]);
  expect(await undelivered.claim(channel, 29, 2)).toEqual([]);
  expect(await undelivered.claim(channel, 30, 2)).toEqual(["c"]);
  expect(await undelivered.claim(channel, 600_029, 9)).toEqual(["late"]);
  expect(await undelivered.claim(channel, 600_030, 9)).toEqual(["a", "b", "c"]);
  expect(await undelivered.claim(other, 600_030, 9)).toEqual([]);
  await undelivered.forget(channel, "c");
  expect(await undelivered.count(channel)).toBe(3);
});

test("a message of which staff were told is looked at again only if a time is given", async () => {
  const { redis, channel } = await openPersonal();
  const undelivered = createUndelivered(redis);
  await redis.zadd(keys.undelivered(channel), "10", "a", "20", "b");
  await undelivered.told(channel, "a", undefined);
  await undelivered.told(channel, "b", 77);
  expect(await redis.zrange(keys.undelivered(channel), "0", "-1", "WITHSCORES")).toEqual(["b", "77"]);
  for (const intent of ["a", "b"]) {
    expect(await redis.hgetall(keys.outbound(channel, intent))).toEqual({ undelivered: "told" });
    expect(await redis.ttl(keys.outbound(channel, intent))).toBeGreaterThan(OUTBOUND_SECONDS - 60);
  }
});

test("steps of an event are remembered for as long as its repeats are recognised", async () => {
  const { redis, channel } = await openPersonal();
  const steps = createSteps(redis);
  expect(await steps.done(channel, "e1")).toEqual({});
  await steps.remember(channel, "e1", { contact: "7", ticket: "8" });
  await steps.remember(channel, "e1", { ticket: "9" });
  expect(await steps.done(channel, "e1")).toEqual({ contact: "7", ticket: "9" });
  expect(await steps.done(channel, "e2")).toEqual({});
  expect(await redis.ttl(keys.steps(channel, "e1"))).toBeGreaterThan(SEEN_SECONDS - 60);
});

test.each([
  ["quarantine", 0],
  ["account", 1000],
] as const)("what goes to no mailbox is kept in %s, of which %i stay (0: all)", (list, limit) => {
  const args = keepArguments({ channel: "city", list, id: "i1", content: { a: 1 } });
  const seen = keys.seen("city", `${list}/i1`);
  expect(args).toEqual([channelTag("city"), list, seen, SEEN_SECONDS, '{"a":1}', limit]);
});
