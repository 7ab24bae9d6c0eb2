import { expect, test } from "vitest";
import { ticketExternalId } from "../../src/domain/conversation.ts";
import { channelTag, keys } from "../../src/store/keys.ts";
import { ask } from "../../src/store/personal/ask.ts";
import { findDerived } from "../../src/store/personal/derived.ts";
import { findHoldings } from "../../src/store/personal/find.ts";
import { where } from "../../src/store/where.ts";
import { phone } from "../support/builders.ts";
import { linesOf, openPersonal, subjectOf } from "./personal-setup.ts";

test("what one channel keeps is nobody's of another channel, and both are looked through", async () => {
  const { redis, cipher, channel, other } = await openPersonal();
  const text = `{"wa_id":"${phone(1).slice(1)}"}`;
  await redis.rpush(keys.quarantine(channel), text);
  await redis.sadd(keys.pending(other, "in"), "ada");
  const known = { phones: new Set([phone(1)]) };
  const found = await findHoldings(
    { redis, cipher },
    [subjectOf(channel, known), subjectOf(other, known)],
    [],
  );
  expect(found.map(({ kind, subject, key }) => [kind, subject.channel, key])).toEqual([
    ["triesOfEvents", other, keys.pending(other, "in")],
    ["quarantine", channel, keys.quarantine(channel)],
  ]);
});

test("what shows two people is found for each of them, and once for each", async () => {
  const { redis, channel, find } = await openPersonal();
  const text = `${phone(1)} wrote to ${phone(2)}`;
  await redis.rpush(keys.quarantine(channel), text, text);
  const people = [1, 2].map((n) =>
    subjectOf(channel, { people: new Set([`p${n}`]), phones: new Set([phone(n)]) }),
  );
  const found = await find(...people);
  expect(found.map(({ subject }) => [...subject.people][0])).toEqual(["p1", "p2"]);
});

test("everything is in the order in which it is removed", async () => {
  const { redis, channel, connection, find } = await openPersonal();
  await redis.hset(keys.person(channel, "ada"), "phone", phone(1));
  await redis.set(keys.alias(channel, "a1"), "ada");
  await redis.hset(keys.contact(channel, "ada"), "id", "7");
  await redis.hset(keys.ticket(channel, "ada"), { id: "t2", epoch: 2 });
  await redis.set(keys.reverse(connection, "t1"), JSON.stringify({ channel, person: "ada", epoch: 1 }));
  await redis.hset(keys.consent(channel, "ada", "all"), "state", "stop");
  await redis.sadd(keys.pending(channel, "in"), "ada");
  await redis.hset(keys.outbound(channel, "1a2b-0"), "person", "ada");
  await redis.hset(keys.stepsOf(channel, "e1"), "ticket", "t1");
  await redis.hset(keys.stepsOf(channel, "e2"), "ticket", "t2");
  await redis.rpush(keys.mailbox(channel, "in", "ada"), "{}");
  const subject = subjectOf(channel);
  const lines = linesOf(await find(subject));
  expect(lines.map((line) => line.split(" ")[0])).toEqual([
    ...["waitingEvents", "triesOfEvents", "steps", "steps", "outbounds", "consents"],
    ...["wayBack", "ticket", "contact", "aliases", "person"],
  ]);
  expect([...subject.tickets].sort()).toEqual(["t1", "t2"]);
  expect([...subject.events].sort()).toEqual(["1a2b", "e1", "e2"]);
  expect(subject.epoch).toBe(2);
});

test("a ticket without an id, and one that is not there, tell nothing", async () => {
  const { redis, channel, find } = await openPersonal();
  await redis.hset(keys.ticket(channel, "ada"), "status", "new");
  const subject = subjectOf(channel, { people: new Set(["ada", "ada-too"]), epoch: 4 });
  await find(subject);
  expect([...subject.tickets]).toEqual([]);
  expect(subject.epoch).toBe(4);
});

test("what events led to: steps, intents and turns at each helpdesk's limit", async () => {
  const { redis, cipher, channel, connection } = await openPersonal();
  await redis.hset(keys.stepsOf(channel, "e1"), "ticket", "t1");
  await redis.set(keys.intent(channel, "e2"), "1");
  await redis.zadd(keys.callLine(connection), 0, "e1", 5, "e3");
  const subject = subjectOf(channel, { events: new Set(["e1", "e2"]) });
  const about = { subjects: [subject], connections: [connection] };
  const found = await findDerived({ redis, cipher }, [], about);
  expect(found.map(({ kind, key, part }) => [kind, key, part])).toEqual([
    ["steps", keys.stepsOf(channel, "e1"), undefined],
    ["callTurns", keys.callLine(connection), { of: "zset", name: "e1" }],
    ["intents", keys.intent(channel, "e2"), undefined],
  ]);
  expect(await findDerived({ redis, cipher }, [], { ...about, connections: [] })).toHaveLength(2);
});

test("intents of all tickets that are known, and of one more", async () => {
  const { redis, cipher, channel } = await openPersonal();
  const intent = (epoch: number) => keys.intent(channel, ticketExternalId({ channel, person: "ada" }, epoch));
  for (const epoch of [0, 1, 2, 3, 4]) await redis.set(intent(epoch), "1");
  const subject = subjectOf(channel, { epoch: 2 });
  const found = await findDerived({ redis, cipher }, [], { subjects: [subject], connections: [] });
  expect(found.map(({ kind, key }) => [kind, key])).toEqual([1, 2, 3].map((n) => ["intents", intent(n)]));
});

test.each([false, true])("what messages to them led to (encrypted: %s)", async (encrypted) => {
  const { redis, cipher, channel } = await openPersonal({ encrypted });
  const subject = subjectOf(channel);
  const outbound = (intent: string) =>
    ({ kind: "outbounds", subject, key: keys.outbound(channel, intent) }) as const;
  const id = cipher.encrypt("wamid.1", where.outbound(channel, "1a-0", "messageId"));
  await redis.hset(keys.outbound(channel, "1a-0"), "messageId", id);
  await redis.hset(keys.outbound(channel, "2b-0"), "state", "begun");
  await redis.set(keys.sent(channel, "wamid.1"), "1a-0");
  await redis.set(keys.reply(channel, "1a-0"), "{}");
  await redis.set(keys.reply(channel, "2b-0"), "{}");
  await redis.zadd(keys.undelivered(channel), 9, "2b-0");
  // Not of a message: what only ends like one.
  const contact = { kind: "contact", subject, key: keys.outbound(channel, "3c-0") } as const;
  await redis.set(keys.reply(channel, "3c-0"), "{}");
  const holdings = [outbound("1a-0"), outbound("2b-0"), contact];
  const found = await findDerived({ redis, cipher }, holdings, { subjects: [], connections: [] });
  const sent = keys.sent(channel, "wamid.1").slice(channelTag(channel).length + 1);
  expect(linesOf(found)).toEqual([
    "replies reply:1a-0",
    `sentMessages ${sent}`,
    "replies reply:2b-0",
    "undelivered undelivered zset 2b-0",
  ]);
});

test("answers come in the order of the commands, over all channels; one that failed fails all", async () => {
  const { redis, channel, other } = await openPersonal();
  await redis.set(keys.pace(channel), "a");
  await redis.set(keys.pace(other), "b");
  const both = [keys.pace(channel), keys.pace(other), keys.pace(channel)];
  expect(
    await ask(
      redis,
      both.map((key) => ["get", key]),
    ),
  ).toEqual(["a", "b", "a"]);
  expect(await ask(redis, [])).toEqual([]);
  await expect(ask(redis, [["hget", keys.pace(channel), "x"]])).rejects.toThrow("WRONGTYPE");
});
