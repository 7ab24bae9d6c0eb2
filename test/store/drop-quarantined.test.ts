import { expect, test } from "vitest";
import { keys } from "../../src/store/keys.ts";
import { runScript } from "../../src/store/scripts.ts";
import { openPersonal } from "./personal-setup.ts";

test("the oldest of the quarantine go, unless there are more or fewer than were counted", async () => {
  const { redis, channel } = await openPersonal();
  const key = keys.quarantine(channel);
  await redis.rpush(key, "a", "b", "c");
  const drop = (count: number, of: number) => runScript(redis, "drop-quarantined", [key, count, of]);
  expect([await drop(2, 2), await drop(2, 4)]).toEqual([0, 0]);
  expect(await redis.llen(key)).toBe(3);
  expect(await drop(2, 3)).toBe(1);
  expect(await redis.lrange(key, 0, -1)).toEqual(["c"]);
});
