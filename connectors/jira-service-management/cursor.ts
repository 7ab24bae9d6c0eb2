import { type HelpdeskEvent, readCursor } from "deskferry/sdk";
import { z } from "zod";

const seenIssue = z.object({
  issue: z.string(),
  /** Time of its last change when it was read. */
  updated: z.string(),
  /** That was long enough ago: a further change has a later time. */
  isSettled: z.boolean(),
});

const schema = z.object({
  /** What happened before is done; milliseconds by Jira's clock. */
  from: z.number(),
  /** How far Jira's clock is ahead of ours. */
  ahead: z.number(),
  /** Changes since `from` that were given: id and time. */
  given: z.array(z.tuple([z.string(), z.number()])),
  /** Issues that were read and need no second look; those that are not settled only for as long as there is more to read. */
  seen: z.array(seenIssue),
});

/** Where polling stands. */
export type Cursor = z.output<typeof schema>;

/**
 * How far back each poll looks. Jira's search shows a change some time after it was made, mostly seconds, without a
 * promise; what was read once is not read again.
 */
export const LOOK_BACK_MS = 10 * 60_000;

export const parseCursor = (text: string): Cursor => readCursor(text, schema);

export interface Looked {
  events: HelpdeskEvent[];
  /** Milliseconds by Jira's clock, and how far it is ahead of ours. */
  now: number;
  ahead: number;
  /** Issues that were read now. */
  read: z.output<typeof seenIssue>[];
  /** Every issue that the search showed was read, now or before. */
  isWhole: boolean;
}

export function nextCursor(from: Cursor, { events, now, ahead, read, isWhole }: Looked): string {
  const next = isWhole ? Math.max(from.from, now - LOOK_BACK_MS) : from.from;
  const given = [...from.given, ...events.map(({ id, at }): [string, number] => [id, Date.parse(at)])];
  const readNow = new Set(read.map(({ issue }) => issue));
  // The latest last, of whom the search is told.
  const seen = [...from.seen.filter(({ issue }) => !readNow.has(issue)), ...read];
  const cursor: Cursor = {
    from: next,
    ahead,
    given: given.filter(([, at]) => at >= next),
    seen: seen.filter(({ updated, isSettled }) => Date.parse(updated) >= next && (isSettled || !isWhole)),
  };
  return JSON.stringify(cursor);
}
