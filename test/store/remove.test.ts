import { expect, test, vi } from "vitest";
import { eventKey } from "../../src/domain/trace.ts";
import { noCipher } from "../../src/store/cipher.ts";
import { envelopeOf } from "../../src/store/envelope.ts";
import { channelTag, keys } from "../../src/store/keys.ts";
import type { Holding, Kind, Part } from "../../src/store/personal/holding.ts";
import { keepStops, removeHoldings, takeEvents } from "../../src/store/personal/remove.ts";
import { messageReceived } from "../support/builders.ts";
import { keysLike } from "../support/redis.ts";
import { openPersonal, subjectOf } from "./personal-setup.ts";

type Open = Awaited<ReturnType<typeof openPersonal>>;

const holding = ({ channel }: Open, kind: Kind, key: string, part?: Part): Holding => ({
  ...{ kind, key, subject: subjectOf(channel) },
  ...(part ? { part } : {}),
});
const left = async ({ redis, channel }: Open) =>
  (await keysLike(redis, `${channelTag(channel)}:*`)).map((key) => key.slice(channelTag(channel).length + 1));

test("events are taken out of every lane, are known as done, and are counted", async () => {
  const open = await openPersonal();
  const { redis, channel } = open;
  const ids = { in: ["wamid.a", "wamid.b"], out: ["wamid.c"], receipt: ["wamid.d"] };
  for (const [lane, ofLane] of Object.entries(ids) as ["in", string[]][])
    for (const id of ofLane) {
      const raw = envelopeOf(messageReceived({ id }), { channel, lane }, { cipher: noCipher });
      await redis.rpush(keys.mailbox(channel, lane, id === "wamid.b" ? "ada-too" : "ada"), raw);
      await redis.hset(keys.head(channel, lane, "ada"), "tries", 1);
      await redis.sadd(keys.pending(channel, lane), "ada", "eve");
      if (id !== "wamid.d") await redis.set(keys.seen(channel, id), "waiting", "EX", 1000);
    }
  const subject = subjectOf(channel, { people: new Set(["ada", "ada-too"]) });
  expect(await takeEvents(redis, subject)).toBe(4);
  expect([...subject.events].sort()).toEqual(Object.values(ids).flat().map(eventKey).sort());
  const seen = (id: string) => keys.seen(channel, id).slice(channelTag(channel).length + 1);
  expect((await left(open)).sort()).toEqual(
    ["pending:in", "pending:out", "pending:receipt", ...["wamid.a", "wamid.b", "wamid.c"].map(seen)].sort(),
  );
  expect(await redis.smembers(keys.pending(channel, "in"))).toEqual(["eve"]);
  expect(await redis.get(keys.seen(channel, "wamid.c"))).toBe("done");
  // Repeats are recognised no longer than before.
  expect(await redis.ttl(keys.seen(channel, "wamid.c"))).toBeGreaterThan(900);
  expect(await takeEvents(redis, subject)).toBe(0);
});

test("of what others share only the person's part goes, whatever it is a part of", async () => {
  const open = await openPersonal();
  const { redis, channel } = open;
  await redis.hset(keys.dead(channel), { l1: "1", l2: "2" });
  await redis.hset(keys.recordedInputs(channel), { r1: "1", l1: "2" });
  await redis.zadd(keys.recording(channel), "1", "r1", "2", "l1");
  await redis.sadd(keys.pending(channel, "in"), "ada", "eve");
  await redis.zadd(keys.undelivered(channel), "1", "1a-0", "2", "2b-0");
  await redis.rpush(keys.quarantine(channel), "hers", "other", "hers");
  await redis.set(keys.reply(channel, "1a-0"), "{}");
  await removeHoldings(redis, [
    holding(open, "triesOfEvents", keys.pending(channel, "in"), { of: "set", name: "ada" }),
    holding(open, "replies", keys.reply(channel, "1a-0")),
    holding(open, "undelivered", keys.undelivered(channel), { of: "zset", name: "1a-0" }),
    holding(open, "deadLetters", keys.dead(channel), { of: "hash", name: "l1" }),
    holding(open, "quarantine", keys.quarantine(channel), { of: "list", name: "hers" }),
    holding(open, "recordedInputs", keys.recordedInputs(channel), { of: "hash", name: "r1" }),
  ]);
  expect(await redis.hgetall(keys.dead(channel))).toEqual({ l2: "2" });
  expect(await redis.hgetall(keys.recordedInputs(channel))).toEqual({ l1: "2" });
  // A dead letter of the same name as a recorded input leaves the recording alone.
  expect(await redis.zrange(keys.recording(channel), "0", "-1")).toEqual(["l1"]);
  expect(await redis.smembers(keys.pending(channel, "in"))).toEqual(["eve"]);
  expect(await redis.zrange(keys.undelivered(channel), "0", "-1")).toEqual(["2b-0"]);
  expect(await redis.lrange(keys.quarantine(channel), 0, -1)).toEqual(["other"]);
  expect(await redis.exists(keys.reply(channel, "1a-0"))).toBe(0);
});

test("a stream keeps what is of others, for all of the subject's ids at once", async () => {
  const open = await openPersonal();
  const { redis, channel } = open;
  const key = keys.trace(channel);
  for (const [at, person] of ["ada", "eve", "ada-too", "bob"].entries())
    await redis.xadd(key, `${at + 1}-1`, "entry", JSON.stringify({ person }));
  const entry = (name: string, ...people: string[]): Holding => ({
    ...holding(open, "traces", key, { of: "stream", name }),
    subject: subjectOf(channel, { people: new Set(people) }),
  });
  await removeHoldings(redis, [entry("1-1", "ada", "ada-too"), entry("4-1", "bob")]);
  expect((await redis.xrange(key, "-", "+")).map(([id]) => id)).toEqual(["2-1"]);
});

test("more than one round trip holds all go, on each side of the traces", async () => {
  const open = await openPersonal();
  const { redis, channel } = open;
  const all = Array.from({ length: 1001 }, (_, n) => [
    holding(open, "replies", keys.reply(channel, `${n}`)),
    holding(open, "pace", keys.personPace(channel, `${n}`)),
  ]).flat();
  await redis.mset(Object.fromEntries(all.map(({ key }) => [key, "1"])));
  await removeHoldings(redis, all);
  expect(await left(open)).toEqual([]);
});

test("whatever leads to the person goes last, the ways back of the connections before the rest", async () => {
  const open = await openPersonal();
  const { redis, channel, connection } = open;
  const holdings = [
    holding(open, "replies", keys.reply(channel, "1a-0")),
    holding(open, "traces", `${channelTag(channel)}:trace:x`),
    holding(open, "pace", keys.personPace(channel, "ada")),
    holding(open, "consents", keys.consent(channel, "ada", "all")),
    holding(open, "wayBack", keys.reverse(connection, "t1")),
    holding(open, "person", keys.person(channel, "ada")),
  ];
  const [reply, trace, pace, consent, back, person] = holdings.map(({ key }) => key);
  for (const { key } of holdings) await redis.set(key, "1");
  const sent = vi.spyOn(redis, "sendCommand");
  await removeHoldings(redis, holdings);
  const unlinks = sent.mock.calls.map(([command]) => command).filter(({ name }) => name === "unlink");
  sent.mockRestore();
  const removed = unlinks.map(({ args: [key] }) => key);
  expect(removed).toEqual([reply, trace, pace, back, consent, person]);
});

test("a stop stays under every id that the person would come back under, without what showed it", async () => {
  const { redis, channel } = await openPersonal();
  const at = "2026-11-20T08:00:00.000Z";
  const key = (scope: "all" | "marketing", alias: string) => keys.consent(channel, alias, scope);
  const stop = { state: "stop", at, source: "message" };
  await redis.hset(key("all", "ada"), { ...stop, evidence: "e1" });
  await redis.hset(key("marketing", "ada"), { ...stop, source: "preference", evidence: "e2" });
  const subject = subjectOf(channel, { aliases: new Set(["a1", "ada"]) });
  const kept = await keepStops(redis, [
    { kind: "consents", subject, key: key("all", "ada") },
    { kind: "consents", subject, key: key("marketing", "ada") },
  ]);
  expect(kept).toEqual([
    ...[key("all", "ada"), key("all", "a1")],
    ...[key("marketing", "ada"), key("marketing", "a1")],
  ]);
  for (const one of kept.slice(0, 2))
    expect(await redis.hgetall(one)).toEqual({ ...stop, evidence: "erased" });
  for (const one of kept.slice(2))
    expect(await redis.hgetall(one)).toEqual({ ...stop, source: "preference", evidence: "erased" });
});

test.each<[string, Kind, Record<string, string>]>([
  ["they asked to start again", "consents", { state: "start", at: "x", source: "message" }],
  ["it says no time", "consents", { state: "stop", source: "message" }],
  ["it says no source", "consents", { state: "stop", at: "x" }],
  ["it is no consent", "person", { state: "stop", at: "x", source: "message" }],
])("no stop is kept where %s", async (_why, kind, fields) => {
  const { redis, channel } = await openPersonal();
  const key = keys.consent(channel, "ada", "all");
  await redis.hset(key, fields);
  const subject = subjectOf(channel, { aliases: new Set(["a1"]) });
  expect(await keepStops(redis, [{ kind, subject, key }])).toEqual([]);
  expect(await redis.exists(keys.consent(channel, "a1", "all"))).toBe(0);
});
