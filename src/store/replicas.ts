import { keys } from "./keys.ts";
import type { Redis } from "./redis.ts";

/** Longer than any healthy replica takes, short enough for an answer within a second. */
const MOST_MS = 200;

/** What was written may be gone when a replica takes over; it is to be sent again. */
export class NotReplicated extends Error {
  constructor(held: number, wanted: number) {
    super(`${held} of ${wanted} replicas confirmed a write within ${MOST_MS} ms`);
    this.name = "NotReplicated";
  }
}

/**
 * Resolves when `wanted` replicas hold all that this Redis has taken until now, from whomever; rejects with NotReplicated.
 * The write of its own is for repeats, which write nothing: WAIT waits only for what its own connection wrote, and what
 * is to be confirmed may have come by another one.
 */
export async function confirmByReplicas(redis: Redis, channel: string, wanted: number): Promise<void> {
  const answers = await redis.pipeline().set(keys.confirmed(channel), "1").wait(wanted, MOST_MS).exec();
  const [written, waited] = answers ?? [];
  const failure = written?.[0] ?? waited?.[0];
  if (failure) throw failure;
  const held = Number(waited?.[1] ?? 0);
  if (held < wanted) throw new NotReplicated(held, wanted);
}
