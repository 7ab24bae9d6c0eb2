import type { Redis } from "ioredis";
import { beforeEach, expect, test } from "vitest";
import { keys } from "../../src/store/keys.ts";
import { createStore, type Store } from "../../src/store/store.ts";
import { openRedis, uniqueChannel } from "../support/redis.ts";

let redis: Redis;
let intents: Store["intents"];
let channel: string;
const id = "deskferry/city/3f9a/1";

beforeEach(async () => {
  redis = await openRedis();
  intents = createStore(redis).intents;
  channel = uniqueChannel(redis);
});

test("an intent is on record from the moment it is begun, with the time and number of its tries", async () => {
  expect(await intents.get(channel, id)).toBeUndefined();
  await intents.begin(channel, id, 1000);
  expect(await intents.get(channel, id)).toStrictEqual({ at: 1000, attempts: 1 });
  await intents.begin(channel, id, 2000);
  expect(await intents.get(channel, id)).toStrictEqual({ at: 2000, attempts: 2 });
});

test("a try that ended unclear may have had its effect until then", async () => {
  await intents.begin(channel, id, 1000);
  await intents.endedUnclear(channel, id, 31_000);
  expect(await intents.get(channel, id)).toStrictEqual({ at: 31_000, attempts: 1 });
});

test("a finished intent tells what was made", async () => {
  await intents.begin(channel, id, 1000);
  await intents.finish(channel, id, "T1");
  expect(await intents.get(channel, id)).toStrictEqual({ at: 1000, attempts: 1, result: "T1" });
});

test("a try without effect leaves no intent", async () => {
  await intents.begin(channel, id, 1000);
  await intents.withdraw(channel, id);
  expect(await intents.get(channel, id)).toBeUndefined();
});

test("a try without effect after an unclear one keeps the unclear one on record", async () => {
  await intents.begin(channel, id, 1000);
  await intents.endedUnclear(channel, id, 2000);
  await intents.begin(channel, id, 9000);
  await intents.withdraw(channel, id);
  expect(await intents.get(channel, id)).toMatchObject({ attempts: 1 });
});

test("an intent outlives the sender's repeats, and not by much", async () => {
  await intents.begin(channel, id, 1000);
  const days = (await redis.ttl(keys.intent(channel, id))) / 86_400;
  expect(Math.round(days)).toBe(8);
});
