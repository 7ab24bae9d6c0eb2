import { expect, test } from "vitest";
import { keys } from "../../src/store/keys.ts";
import { runScript } from "../../src/store/scripts.ts";
import { openPersonal } from "./personal-setup.ts";

test("what is due is handed out, the longest overdue first, and to nobody else until a time", async () => {
  const { redis, channel } = await openPersonal();
  const key = keys.undelivered(channel);
  await redis.zadd(key, "3", "c", "1", "a", "2", "b", "4", "d");
  expect(await runScript(redis, "claim-undelivered", [key, 3, 50, 2])).toEqual(["a", "b"]);
  expect(await redis.zrange(key, "0", "-1", "WITHSCORES")).toEqual([
    "c",
    "3",
    "d",
    "4",
    "a",
    "50",
    "b",
    "50",
  ]);
});
