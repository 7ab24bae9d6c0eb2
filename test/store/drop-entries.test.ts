import { expect, test } from "vitest";
import { keys } from "../../src/store/keys.ts";
import { runScript } from "../../src/store/scripts.ts";
import { openPersonal } from "./personal-setup.ts";

async function setUp(...people: string[]) {
  const { redis, channel } = await openPersonal();
  const key = keys.trace(channel);
  for (const [at, person] of people.entries())
    await redis.xadd(key, `${at + 1}-1`, "entry", JSON.stringify({ step: "sent", person }));
  const drop = (...ids: string[]) => runScript(redis, "drop-entries", [key, ...ids]);
  const left = async () => (await redis.xrange(key, "-", "+")).map(([id]) => id);
  return { redis, key, drop, left };
}

test("entries of people go, by what stands in them or in a field of their own; the rest is as it was", async () => {
  const { redis, key, drop } = await setUp("ada", "eve", "bob");
  await redis.xadd(key, "4-1", "event", "added", "deduplicationId", "ada");
  await redis.xadd(key, "5-1", "event", "added", "deduplicationId", "ada-too");
  expect(await drop("ada", "bob")).toBe(3);
  expect(await redis.xrange(key, "-", "+")).toEqual([
    ["2-1", ["entry", '{"step":"sent","person":"eve"}']],
    ["5-1", ["event", "added", "deduplicationId", "ada-too"]],
  ]);
});

test("where nothing is theirs nothing is written anew", async () => {
  const { drop, left } = await setUp("eve", "bob");
  expect(await drop("ada")).toBe(0);
  expect(await left()).toEqual(["1-1", "2-1"]);
});

test("who reads on from the last entry misses nothing, although that one has gone", async () => {
  const { redis, key, drop, left } = await setUp("eve", "ada");
  expect(await drop("ada")).toBe(1);
  expect(await left()).toEqual(["1-1"]);
  await expect(redis.xadd(key, "2-1", "entry", "{}")).rejects.toThrow("equal or smaller");
});

test("a stream of theirs alone is gone", async () => {
  const { redis, key, drop } = await setUp("ada", "ada");
  expect(await drop("ada")).toBe(2);
  expect(await redis.exists(key)).toBe(0);
});
