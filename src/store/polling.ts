import { keys } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";

/** Where polling of a connection stands, and which worker does it. */
export function createPolling(redis: Redis) {
  return {
    async cursor(connection: string): Promise<string | undefined> {
      return (await redis.get(keys.cursor(connection))) ?? undefined;
    },
    /** Where it begins. Whoever was first has it: what came since is not to be skipped. */
    async begin(connection: string, cursor: string): Promise<void> {
      await redis.set(keys.cursor(connection), cursor, "NX");
    },
    async saveCursor(connection: string, cursor: string): Promise<void> {
      await redis.set(keys.cursor(connection), cursor);
    },
    /** True for one holder at a time. Only spares calls: changes polled twice are recognised as repeats. */
    async lease(connection: string, holder: string, ms: number): Promise<boolean> {
      return (await runScript(redis, "lease", [keys.lease(connection), holder, ms])) === 1;
    },
  };
}

export type Polling = ReturnType<typeof createPolling>;
