import { readCursor } from "deskferry/sdk";
import { z } from "zod";

/**
 * How long a message may stay unseen. Odoo gives it the time at which its transaction began, and it shows when that is
 * committed; a request may take two minutes (`limit_time_real`).
 */
export const LATEST_MS = 150_000;

const schema = z.object({
  /** Messages since then are asked for, by Odoo's clock, in milliseconds. */
  since: z.number().int(),
  /** Those of them that are done: number and time of creation in seconds. */
  seen: z.array(z.tuple([z.number().int(), z.number().int()])),
});
export type Cursor = z.output<typeof schema>;

export const parseCursor = (text: string): Cursor => readCursor(text, schema);

/** Moves on to `LATEST_MS` before the newest one, and remembers only what can still be listed. */
export function writeCursor({ since, seen }: Cursor, isWhole: boolean): string {
  const newest = Math.max(0, ...seen.map(([, seconds]) => seconds * 1000));
  const next = isWhole ? Math.max(since, newest - LATEST_MS) : since;
  return JSON.stringify({ since: next, seen: seen.filter(([, seconds]) => seconds * 1000 >= next) });
}
