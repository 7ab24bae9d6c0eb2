import { readCursor } from "deskferry/sdk";
import { z } from "zod";

/** How long searches may take to show a change: "a few moments" by HubSpot's documentation. */
const SETTLED_MS = 120_000;

const lane = z.object({
  /** Milliseconds since 1970: everything before is done. */
  from: z.int(),
  /** In a round of several pages, where the next one begins; else the same. */
  reach: z.int(),
  /** Records of that very millisecond that were looked at, where they are more than a page. */
  skip: z.int().min(0),
  /** Ids of the events from `from` on that were already given. Each ends with its time. */
  given: z.array(z.string()),
});
/** Where one of the two searches stands. */
export type Lane = z.output<typeof lane>;

const cursor = z.object({ notes: lane, tickets: lane });
export type Cursor = z.output<typeof cursor>;

export const parseCursor = (text: string): Cursor => readCursor(text, cursor);

export function laneFrom(from: number, given: string[] = []): Lane {
  return { from, reach: from, skip: 0, given };
}

/** One page of a search, in the order of its times. */
export interface Looked {
  /** Of the last record, in milliseconds. */
  last: number;
  /** How many records a full page has; undefined when it is not full. */
  full: number | undefined;
  /** Milliseconds, by HubSpot's own clock. */
  now: number;
}

/** After a full page on from its last record; else some time back, for what comes to light late. */
export function advance(before: Lane, { last, full, now }: Looked, fresh: string[]): Lane {
  const given = [...before.given, ...fresh];
  if (full !== undefined) {
    return last > before.reach
      ? { ...before, reach: last, skip: 0, given }
      : { ...before, skip: before.skip + full, given };
  }
  const from = Math.max(before.from, now - SETTLED_MS);
  return laneFrom(
    from,
    given.filter((id) => Number(/@(\d+)$/.exec(id)?.[1]) >= from),
  );
}
