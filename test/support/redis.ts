import { onTestFinished } from "vitest";
import { connectRedis, type RedisAddress } from "../../src/store/connection.ts";
import { channelTag, connectionTag } from "../../src/store/keys.ts";
import { type Redis, type RedisServer, scanKeys } from "../../src/store/redis.ts";

/** The Redis that global-setup.ts gives to all test files. Never flush it: others are using it. */
export function redisUrl(): string {
  const url = process.env["REDIS_URL"];
  if (!url)
    throw new Error("REDIS_URL is not set: run the tests by vitest, whose global setup starts a Redis");
  return url;
}

/** A connection that knows our scripts, closed when the running test ends. To be called in a test or a beforeEach. */
export function openRedis(purpose?: "intake" | "worker", url?: string): Promise<RedisServer>;
export function openRedis(purpose: "intake" | "worker", address: string | RedisAddress): Promise<Redis>;
export async function openRedis(
  purpose: "intake" | "worker" = "worker",
  address: string | RedisAddress = redisUrl(),
): Promise<Redis> {
  const redis = await connectRedis(address, purpose);
  onTestFinished(() => redis.disconnect());
  return redis;
}

let names = 0;

/** A channel of this test's own; its keys are removed when the test ends. Open the connection first. */
export function uniqueChannel(redis: Redis): string {
  return uniqueName(redis, "channel", channelTag);
}

/** A connection (account of a helpdesk) of this test's own; its keys are removed when the test ends. */
export function uniqueConnection(redis: Redis): string {
  return uniqueName(redis, "connection", connectionTag);
}

function uniqueName(redis: Redis, kind: string, tagOf: (name: string) => string): string {
  const name = `${kind}-${Date.now().toString(36)}-${process.pid}-${++names}`;
  onTestFinished(() => removeKeys(redis, `${tagOf(name)}:*`));
  return name;
}

/** Forgets everything under a pattern. */
export async function removeKeys(redis: Redis, pattern: string): Promise<void> {
  if (redis.status !== "ready") return;
  for (const key of await keysLike(redis, pattern)) await redis.unlink(key);
}

/** All keys that match a glob pattern. */
export async function keysLike(redis: Redis, pattern: string): Promise<string[]> {
  const found = new Set<string>();
  for await (const keys of scanKeys(redis, pattern)) {
    for (const key of keys) found.add(key);
  }
  return [...found];
}
