import { keys, SEEN_SECONDS } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";

/** What was already done for an event, so that a second try skips it. */
export function createSteps(redis: Redis) {
  return {
    async done(channel: string, eventId: string): Promise<Record<string, string>> {
      return redis.hgetall(keys.steps(channel, eventId));
    },
    async remember(channel: string, eventId: string, results: Record<string, string>): Promise<void> {
      const args = [keys.steps(channel, eventId), SEEN_SECONDS, ...Object.entries(results).flat()];
      await runScript(redis, "note-steps", args);
    },
  };
}
