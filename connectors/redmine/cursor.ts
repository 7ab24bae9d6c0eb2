import { readCursor } from "deskferry/sdk";
import { z } from "zod";

/** What is known of an issue that changed lately. */
const seenIssue = z.object({
  updatedOn: z.string(),
  /** Journals up to this one are done: those of one issue are written one after another. */
  lastJournal: z.number(),
  /** When it was first seen with this `updatedOn` and when it was last read, by our clock. */
  firstSeen: z.number(),
  lastRead: z.number(),
});
export type SeenIssue = z.output<typeof seenIssue>;

const schema = z.object({
  /** Issues changed since then are listed, by Redmine's clock. */
  since: z.iso.datetime(),
  seen: z.record(z.string(), seenIssue),
  /** When the round began of which this is a part, by our clock. */
  round: z.number().optional(),
});
export type Cursor = z.output<typeof schema>;

/**
 * How long a change may stay unseen while Redmine is still writing it. Its times are whole seconds and the time of the
 * change, not of its commit; an issue may change again within the second in which it was read.
 */
export const SETTLED_AFTER_MS = 30_000;
/** By which a journal may be younger than the change of its issue. */
const MARGIN_MS = 10_000;

export const parseCursor = (text: string): Cursor => readCursor(text, schema);

/** Behind the youngest change, and only what can still be listed is remembered. */
export function writeCursor(cursor: Cursor, newest: string | undefined): string {
  const moved = newest === undefined ? 0 : Date.parse(newest) - SETTLED_AFTER_MS;
  const since = Math.max(Date.parse(cursor.since), moved);
  const isRecent = ({ updatedOn }: SeenIssue) => Date.parse(updatedOn) >= since - MARGIN_MS;
  const seen = Object.fromEntries(Object.entries(cursor.seen).filter(([, issue]) => isRecent(issue)));
  return JSON.stringify({ ...cursor, since: inSeconds(since), seen });
}

export function inSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Whether there may be something in it that was not read yet. */
export function needsReading(updatedOn: string, known: SeenIssue | undefined, round: number): boolean {
  if (known?.updatedOn !== updatedOn) return true;
  return known.lastRead < round && known.lastRead - known.firstSeen < SETTLED_AFTER_MS;
}
