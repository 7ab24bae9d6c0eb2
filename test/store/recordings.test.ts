import { expect, test } from "vitest";
import type { MessageInput } from "../../src/domain/mapping-input.ts";
import { keys } from "../../src/store/keys.ts";
import { createRecordings } from "../../src/store/recordings.ts";
import { createClock } from "../support/clock.ts";
import { openRedis, uniqueChannel } from "../support/redis.ts";

const limits = { maxEvents: 3, maxAgeMs: 60_000 };

async function setUp() {
  const redis = await openRedis();
  const channel = uniqueChannel(redis);
  const recordings = createRecordings(redis);
  const clock = createClock();
  const add = async (id: string, key?: string) => {
    const message = { id, type: "text" as const, text: id, sentAt: "2026-11-20T08:15:00.000Z" };
    const input: MessageInput = { channel, person: {}, message };
    const given = key ?? (await recordings.key(channel, limits));
    return recordings.add(
      channel,
      { key: given, id, event: { kind: "ticket", input }, now: clock.now() },
      limits,
    );
  };
  const texts = async () => {
    const found: string[] = [];
    for await (const { input } of recordings.read(channel))
      if ("message" in input) found.push(input.message.text);
    return found;
  };
  return { redis, channel, recordings, clock, add, texts };
}

test("a recording is bounded in number and in age, and a repeat is recorded once", async () => {
  const { channel, recordings, clock, add, texts } = await setUp();
  for (const id of ["a", "b", "b", "c"]) {
    await add(id);
    clock.advance(1000);
  }
  expect(await texts()).toEqual(["a", "b", "c"]);
  await add("d");
  expect(await texts()).toEqual(["b", "c", "d"]);
  expect((await recordings.state(channel)).events).toBe(3);
  clock.advance(59_500);
  await add("e");
  expect(await texts()).toEqual(["d", "e"]);
});

test("key and inputs are forgotten together: by time, and when the recording is cleared", async () => {
  const { redis, channel, recordings, add, texts } = await setUp();
  await add("a");
  const key = await recordings.key(channel, limits);
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  for (const name of [keys.recording(channel), keys.recordedInputs(channel), keys.recordingKey(channel)]) {
    const left = await redis.pttl(name);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_000);
  }
  await recordings.clear(channel);
  expect(await texts()).toEqual([]);
  // A worker that had the former key in hand adds nothing that nobody could compare.
  expect(await add("b", key)).toBe(false);
  expect(await recordings.key(channel, limits)).not.toBe(key);
  expect(await add("b")).toBe(true);
});
