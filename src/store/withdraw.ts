import { randomUUID } from "node:crypto";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";

/** A try certainly had no effect: it counts no more. `key`: of an intent or an outbound; an earlier unclear try stays on it. */
export async function withdrawTry(redis: Redis, key: string): Promise<void> {
  await runScript(redis, "withdraw", [key, randomUUID()]);
}
