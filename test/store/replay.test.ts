import { expect, test } from "vitest";
import { channelTag, keys } from "../../src/store/keys.ts";
import { runScript } from "../../src/store/scripts.ts";
import { openPersonal } from "./personal-setup.ts";

test("a dead letter goes to the end of its mailbox once, and its person is listed as having events", async () => {
  const { redis, channel } = await openPersonal();
  await redis.hset(keys.dead(channel), { l1: "1", l2: "2" });
  await redis.rpush(keys.mailbox(channel, "out", "ada"), "first");
  const replay = () => runScript(redis, "replay", [channelTag(channel), "l1", "out", "ada", "again"]);
  expect([await replay(), await replay()]).toEqual([1, 0]);
  expect(await redis.lrange(keys.mailbox(channel, "out", "ada"), 0, -1)).toEqual(["first", "again"]);
  expect(await redis.smembers(keys.pending(channel, "out"))).toEqual(["ada"]);
  expect(await redis.hkeys(keys.dead(channel))).toEqual(["l2"]);
});
