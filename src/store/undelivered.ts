import { keys, OUTBOUND_SECONDS } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";

/** Time for a worker to deal with what it was handed. */
const CLAIM_MS = 600_000;

/** Which outbounds await the word that they were delivered, and until when. Times are milliseconds. */
export function createUndelivered(redis: Redis) {
  return {
    /** The intents that are due, each for this worker alone. */
    async claim(channel: string, now: number, most: number): Promise<string[]> {
      const args = [keys.undelivered(channel), now, now + CLAIM_MS, most];
      return (await runScript(redis, "claim-undelivered", args)) as string[];
    },
    /** Staff have read that it has not arrived; it is looked at again at `dueAt`, if that is given. */
    async told(channel: string, intent: string, dueAt: number | undefined): Promise<void> {
      const outbound = keys.outbound(channel, intent);
      const steps = redis.multi().hset(outbound, "undelivered", "told").expire(outbound, OUTBOUND_SECONDS);
      if (dueAt === undefined) steps.zrem(keys.undelivered(channel), intent);
      else steps.zadd(keys.undelivered(channel), dueAt, intent);
      await steps.exec();
    },
    /** Nobody waits for it any more. */
    async forget(channel: string, intent: string): Promise<void> {
      await redis.zrem(keys.undelivered(channel), intent);
    },
    count: (channel: string) => redis.zcard(keys.undelivered(channel)),
  };
}
