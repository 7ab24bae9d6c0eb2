import type { Config } from "../../config/schema.ts";
import { type ConnectionGuard, createConnectionGuard, type GuardOptions } from "./guard.ts";

const MINUTE_MS = 60_000;

/** One guard a connection, for the life of the process: it outlives connectors that are built anew. */
export function createGuards(
  connections: Config["connections"],
  tools: Pick<GuardOptions, "store" | "metrics" | "logger" | "clock">,
): ReadonlyMap<string, ConnectionGuard> {
  return new Map(
    Object.entries(connections).map(([connection, { callsPerMinute }]) => {
      const limit = callsPerMinute ? { calls: callsPerMinute, windowMs: MINUTE_MS } : undefined;
      return [connection, createConnectionGuard({ ...tools, connection, limit, wait })];
    }),
  );
}

/** What operators should know of the helpdesks, in words; `reason` is asked on a Redis that answers soon or not at all. */
export async function troubles(
  guards: ReadonlyMap<string, ConnectionGuard>,
  reason: (connection: string) => Promise<string | undefined>,
): Promise<string[]> {
  const found: string[] = [];
  for (const [connection, guard] of guards) {
    if (guard.isOpen())
      found.push(`connections.${connection}: the helpdesk does not answer; calls are put off`);
    const refusal = await reason(connection).catch(() => undefined);
    if (refusal) found.push(`connections.${connection}: the helpdesk refuses the account: ${refusal}`);
  }
  return found;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
