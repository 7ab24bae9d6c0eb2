import type { Redis } from "ioredis";
import { keys, SEEN_SECONDS } from "./keys.ts";

/** What was already done for an event, so that a second try skips it. */
export function createSteps(redis: Redis) {
  return {
    async done(channel: string, eventId: string): Promise<Record<string, string>> {
      return redis.hgetall(keys.steps(channel, eventId));
    },
    async remember(channel: string, eventId: string, results: Record<string, string>): Promise<void> {
      const key = keys.steps(channel, eventId);
      await redis.multi().hset(key, results).expire(key, SEEN_SECONDS).exec();
    },
  };
}
