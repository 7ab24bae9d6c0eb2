import type { TraceEntry } from "../domain/trace.ts";
import { channelTag, keys } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";

/** Entries kept per channel; older ones fall off. */
const MAX_ENTRIES = 20_000;

function toEntry(channel: string, fields: string[]): TraceEntry {
  const text = fields[1] ?? "{}";
  return { ...(JSON.parse(text) as Omit<TraceEntry, "channel">), channel };
}

export function createTraces(redis: Redis) {
  const waiting = new Map<string, { entries: string[]; written: Promise<void> }>();

  async function write(channel: string, entries: string[]): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    waiting.delete(channel);
    await runScript(redis, "trace", [channelTag(channel), MAX_ENTRIES, ...entries]);
  }

  return {
    /** What one turn of the event loop adds to a channel is written in one call. */
    add({ channel, ...entry }: TraceEntry): Promise<void> {
      const text = JSON.stringify(entry);
      const batch = waiting.get(channel);
      if (batch) {
        batch.entries.push(text);
        return batch.written;
      }
      const entries = [text];
      const written = write(channel, entries);
      waiting.set(channel, { entries, written });
      return written;
    },
    /** Forgets what is older (milliseconds), by the clock of Redis. */
    async trim(channel: string, before: number): Promise<void> {
      await redis.xtrim(keys.trace(channel), "MINID", Math.max(0, before));
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
