import { expect, test } from "vitest";
import { channelTag, keys } from "../../src/store/keys.ts";
import { findKeys, findWaysBack } from "../../src/store/personal/keyspace.ts";
import { linesOf, openPersonal, subjectOf } from "./personal-setup.ts";

test.each([
  ["person:ada", "person"],
  ["contact:ada", "contact"],
  ["ticket:ada", "ticket"],
  ["pace:ada", "pace"],
  ["stop:person:ada", "templateHolds"],
  ["consent:all:ada", "consents"],
  ["consent:marketing:ada", "consents"],
  ["mailbox:in:ada", "waitingEvents"],
  ["mailbox:out:ada", "waitingEvents"],
  ["mailbox:receipt:ada", "waitingEvents"],
  ["head:in:ada", "triesOfEvents"],
  ["head:out:ada", "triesOfEvents"],
  ["head:receipt:ada", "triesOfEvents"],
  ["in:de:ada", "wakeJobs"],
  ["out:de:ada", "wakeJobs"],
  ["receipt:de:ada", "wakeJobs"],
  ["in:dn:ada", "wakeJobs"],
  ["out:dn:ada", "wakeJobs"],
  ["receipt:dn:ada", "wakeJobs"],
])(
  "%s is the person's, of the kind %s; the same of somebody else or of another channel is not",
  async (name, kind) => {
    const { redis, channel, other } = await openPersonal();
    await redis.set(`${channelTag(channel)}:${name}`, "1");
    await redis.set(`${channelTag(channel)}:${name.replace(/ada$/, "eve")}`, "1");
    await redis.set(`${channelTag(other)}:${name}`, "1");
    expect(linesOf(await findKeys(redis, [subjectOf(channel)]))).toEqual([`${kind} ${name}`]);
  },
);

test("a key that is of no family, or of an unknown one, belongs to nobody", async () => {
  const { redis, channel } = await openPersonal();
  for (const name of ["ada", "other:ada", "mailbox:ada", ":ada", "person:ada:more"])
    await redis.set(`${channelTag(channel)}:${name}`, "ada");
  expect(await findKeys(redis, [subjectOf(channel)])).toEqual([]);
});

test("aliases that lead to the person are found and noted", async () => {
  const { redis, channel } = await openPersonal();
  await redis.set(keys.alias(channel, "a1"), "ada");
  await redis.set(keys.alias(channel, "a2"), "eve");
  const subject = subjectOf(channel);
  expect(linesOf(await findKeys(redis, [subject]))).toEqual(["aliases alias:a1"]);
  expect([...subject.aliases]).toEqual(["a1"]);
});

test("messages to the person are found, and the events that they came from", async () => {
  const { redis, channel } = await openPersonal();
  await redis.hset(keys.outbound(channel, "1a2b-0"), "person", "ada");
  await redis.hset(keys.outbound(channel, "3c4d-0"), "person", "eve");
  await redis.hset(keys.outbound(channel, "5e6f-0"), "state", "sent");
  const subject = subjectOf(channel);
  expect(linesOf(await findKeys(redis, [subject]))).toEqual(["outbounds outbound:1a2b-0"]);
  expect([...subject.events]).toEqual(["1a2b"]);
});

test.each(["in", "out", "receipt"])("wake jobs of the lane %s are known by what they carry", async (lane) => {
  const { redis, channel } = await openPersonal();
  const job = (id: string) => `${channelTag(channel)}:${lane}:${id}`;
  await redis.hset(job("17"), "data", JSON.stringify({ person: "ada" }));
  await redis.hset(job("18"), "data", JSON.stringify({ person: "eve" }));
  await redis.hset(job("19"), "data", "{}");
  await redis.hset(job("20"), "name", "wake");
  await redis.hset(job("x21"), "data", JSON.stringify({ person: "ada" }));
  await redis.hset(job("22x"), "data", JSON.stringify({ person: "ada" }));
  // BullMQ's own keys beside its jobs are of other types.
  await redis.set(job("id"), "22");
  await redis.rpush(job("wait"), "17");
  expect(linesOf(await findKeys(redis, [subjectOf(channel)]))).toEqual([`wakeJobs ${lane}:17`]);
});

test("steps belong to whom the ticket belongs to, in that channel only", async () => {
  const { redis, channel, other } = await openPersonal();
  await redis.hset(keys.stepsOf(channel, "e1"), "ticket", "t1");
  await redis.hset(keys.stepsOf(channel, "e2"), "ticket", "t2");
  await redis.hset(keys.stepsOf(channel, "e3"), "comment", "t1");
  await redis.hset(keys.stepsOf(other, "e4"), "ticket", "t1");
  await redis.hset(`${channelTag(channel)}:notes:e5`, "ticket", "t1");
  const [mine, theirs] = [subjectOf(channel, { tickets: new Set(["t1"]) }), subjectOf(other)];
  await findKeys(redis, [mine, theirs]);
  expect([...mine.events]).toEqual(["e1"]);
  expect([...theirs.events]).toEqual([]);
});

test("ways back tell which tickets there have been, and the latest", async () => {
  const { redis, channel, other, connection } = await openPersonal();
  const back = (ticket: string, link: object) =>
    redis.set(keys.reverse(connection, ticket), JSON.stringify(link));
  await back("a:1", { channel, person: "ada", epoch: 3 });
  await back("a2", { channel, person: "ada", epoch: 2 });
  await back("b1", { channel, person: "eve", epoch: 9 });
  await back("c1", { channel: other, person: "ada", epoch: 8 });
  const subject = subjectOf(channel);
  const found = await findWaysBack(redis, [subject]);
  expect(found.map(({ kind, key }) => [kind, key]).sort()).toEqual([
    ["wayBack", keys.reverse(connection, "a2")],
    ["wayBack", keys.reverse(connection, "a:1")],
  ]);
  expect([...subject.tickets].sort()).toEqual(["a2", "a:1"]);
  expect(subject.epoch).toBe(3);
});
