import type { Redis } from "ioredis";
import type { TraceEntry } from "../domain/trace.ts";
import { keys } from "./keys.ts";

/** Entries kept per channel; older ones fall off. */
const MAX_ENTRIES = 20_000;

function toEntry(channel: string, fields: string[]): TraceEntry {
  const text = fields[1] ?? "{}";
  return { ...(JSON.parse(text) as Omit<TraceEntry, "channel">), channel };
}

export function createTraces(redis: Redis) {
  return {
    async add({ channel, ...entry }: TraceEntry): Promise<void> {
      await redis.xadd(keys.trace(channel), "MAXLEN", "~", MAX_ENTRIES, "*", "entry", JSON.stringify(entry));
    },
    /** All entries of one event, oldest first. */
    async of(channel: string, event: string): Promise<TraceEntry[]> {
      const rows = await redis.xrange(keys.trace(channel), "-", "+");
      return rows.map(([, fields]) => toEntry(channel, fields)).filter((entry) => entry.event === event);
    },
    /** Entries from now on, for as long as the caller listens. Needs a connection of its own: it blocks. */
    async *follow(channel: string): AsyncGenerator<TraceEntry> {
      // Not "$", which means "from now on" anew at each look and misses what comes between two.
      const [newest] = await redis.xrevrange(keys.trace(channel), "+", "-", "COUNT", 1);
      let last = newest?.[0] ?? "0";
      for (;;) {
        const answer = await redis.xread("BLOCK", 5000, "STREAMS", keys.trace(channel), last);
        for (const [id, fields] of answer?.[0]?.[1] ?? []) {
          last = id;
          yield toEntry(channel, fields);
        }
      }
    },
  };
}
