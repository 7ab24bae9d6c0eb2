import { keys, SEEN_SECONDS } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";
import { withdrawTry } from "./withdraw.ts";

/** A create that was decided; recorded before it is tried, so that a crash in between is noticed. */
export interface Intent {
  /** Milliseconds: the latest moment at which a try is known to have been under way. */
  at: number;
  attempts: number;
  /** The record made, once known. */
  result?: string;
}

export function createIntents(redis: Redis) {
  return {
    async get(channel: string, id: string): Promise<Intent | undefined> {
      const fields = await redis.hgetall(keys.intent(channel, id));
      if (!fields["at"]) return undefined;
      const intent = { at: Number(fields["at"]), attempts: Number(fields["attempts"]) };
      return fields["result"] ? { ...intent, result: fields["result"] } : intent;
    },
    /**
     * Durable before the call goes out. Resolves with the number of this try: more than one above what was read before
     * means that somebody else has begun meanwhile.
     */
    async begin(channel: string, id: string, now: number): Promise<number> {
      return Number(await runScript(redis, "intend", [keys.intent(channel, id), now, SEEN_SECONDS]));
    },
    /** The call has ended unclear: it may have had its effect until now, which is what look-ups count from. */
    async endedUnclear(channel: string, id: string, now: number): Promise<void> {
      await redis.hset(keys.intent(channel, id), "at", now);
    },
    async finish(channel: string, id: string, result: string): Promise<void> {
      await redis.hset(keys.intent(channel, id), "result", result);
    },
    /** The latest try certainly had no effect; an earlier unclear one stays on record. */
    async withdraw(channel: string, id: string): Promise<void> {
      await withdrawTry(redis, keys.intent(channel, id));
    },
  };
}

export type Intents = ReturnType<typeof createIntents>;
