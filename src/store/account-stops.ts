import { keys } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";

const FIRST_PROBE_MS = 5000;
const LONGEST_PROBE_MS = 60_000;

/** Connections whose helpdesk refuses the account, known to all workers. Times are milliseconds. */
export function createAccountStops(redis: Redis) {
  return {
    /** Resolves with true for the one who stopped it, so that it is told once. */
    async stop(connection: string, says: string, now: number): Promise<boolean> {
      const key = keys.accountStop(connection);
      const results = await redis
        .multi()
        .hsetnx(key, "probeAt", now + FIRST_PROBE_MS)
        .hset(key, { says, since: now })
        .exec();
      return results?.[0]?.[1] === 1;
    },
    /** Milliseconds until the next probe, 0 when it is due; undefined: nothing is stopped. */
    async waiting(connection: string, now: number): Promise<number | undefined> {
      const at = await redis.hget(keys.accountStop(connection), "probeAt");
      return at === null ? undefined : Math.max(0, Number(at) - now);
    },
    /** 0: this one tries whether it is over; nobody else does for a while. */
    async probe(connection: string, now: number): Promise<number> {
      const args = [keys.accountStop(connection), now, FIRST_PROBE_MS, LONGEST_PROBE_MS];
      const [, waitMs] = (await runScript(redis, "probe", args)) as [string?, number?];
      return waitMs ?? 0;
    },
    /** What was wrong may just have been mended: the next call tries. */
    async probeNow(connection: string, now: number): Promise<void> {
      await runScript(redis, "probe-now", [keys.accountStop(connection), now]);
    },
    /** True for the one who ended the stop. */
    async resume(connection: string): Promise<boolean> {
      return (await redis.del(keys.accountStop(connection))) === 1;
    },
    /** Why, in words for operators; undefined when nothing is stopped. */
    async reason(connection: string): Promise<string | undefined> {
      return (await redis.hget(keys.accountStop(connection), "says")) ?? undefined;
    },
  };
}
