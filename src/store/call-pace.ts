import { keys } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";

/** So many calls in so many milliseconds. */
export interface CallLimit {
  calls: number;
  windowMs: number;
}

export interface Turn {
  /** Stable over the tries of one thing, so that it keeps its place in line. */
  who: string;
  /** Nothing has been called for it yet. What has begun is never put off: half of it would be done. */
  begins: boolean;
  /** Of the settings. */
  limit: CallLimit | undefined;
  /** Milliseconds. */
  now: number;
}

/** A pause longer than this is looked at again: a vendor's clock may be wrong. */
const LONGEST_PAUSE_MS = 3_600_000;

/** Keeps all workers together below the number of calls that a helpdesk allows. Times are milliseconds. */
export function createCallPace(redis: Redis) {
  return {
    /** Milliseconds to wait; 0: the call may be made now, and is counted. Inside, it is counted either way. */
    async turn(connection: string, { who, begins, limit, now }: Turn): Promise<number> {
      const place = [keys.calls(connection), keys.callLine(connection)];
      const args = [now, who, begins ? "begin" : "inside", limit?.calls ?? 0, limit?.windowMs ?? 0];
      return Number(await runScript(redis, "call-turn", [...place, ...args]));
    },
    /** The helpdesk wants no calls for so long. */
    async pause(connection: string, ms: number, now: number): Promise<void> {
      const wanted = Math.min(Math.ceil(ms), LONGEST_PAUSE_MS);
      await runScript(redis, "call-pause", [keys.calls(connection), now, wanted]);
    },
    /** What the helpdesk itself says of its limit. */
    async learn(connection: string, { calls, windowMs }: CallLimit): Promise<void> {
      await redis.hset(keys.calls(connection), { calls, window: windowMs });
    },
    /** How many wait for their turn. */
    inLine: (connection: string): Promise<number> => redis.zcard(keys.callLine(connection)),
  };
}
