import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";

export interface Patience {
  /** Milliseconds until it is given up. */
  withinMs?: number;
  /** Milliseconds between two looks. */
  everyMs?: number;
}

/**
 * Looks again and again until `condition` gives something truthy, and resolves with that. Rejects at the deadline
 * and tells `what` was waited for and what was seen last. A condition that throws counts as "not yet".
 *
 *     await until("three comments", () => desk.comments.length === 3);
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  { withinMs = 10_000, everyMs = 15 }: Patience = {},
): Promise<Exclude<T, false | null | undefined | "" | 0>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look(condition);
    if ("value" in seen && seen.value) return seen.value as Exclude<T, false | null | undefined | "" | 0>;
    if (performance.now() > deadline) {
      const last = "value" in seen ? `saw ${inspect(seen.value)}` : `it threw ${inspect(seen.error)}`;
      throw new Error(`waited ${withinMs} ms for ${what}; at last ${last}`);
    }
    await sleep(everyMs);
  }
}

async function look<T>(condition: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await condition() };
  } catch (error) {
    return { error };
  }
}
