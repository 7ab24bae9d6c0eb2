import { expect, test } from "vitest";
import { keys } from "../../src/store/keys.ts";
import { runScript } from "../../src/store/scripts.ts";
import { openPersonal } from "./personal-setup.ts";

test("the latest news of a template counts, by the provider's time, and is kept for so long", async () => {
  const { redis, channel } = await openPersonal();
  const key = keys.templateNews(channel, { name: "hello", language: "en" });
  const note = (status: string, at: string, now: number) =>
    runScript(redis, "template-news", [key, status, at, now, 1000]);
  expect(await note("PAUSED", "2026-11-20", 5)).toBe(1);
  expect(await note("PENDING", "2026-11-19", 6)).toBe(0);
  expect(await redis.hgetall(key)).toEqual({ status: "PAUSED", at: "2026-11-20", arrivedAt: "5" });
  expect(await note("APPROVED", "2026-11-20", 7)).toBe(1);
  expect(await redis.hgetall(key)).toEqual({ status: "APPROVED", at: "2026-11-20", arrivedAt: "7" });
  expect(await redis.ttl(key)).toBeGreaterThan(900);
  expect(await redis.ttl(key)).toBeLessThanOrEqual(1000);
});
