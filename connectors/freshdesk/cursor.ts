import { PluginError } from "deskferry/sdk";
import { z } from "zod";

/** Where polling stands. Seconds, because Freshdesk writes no smaller ones. */
export interface Cursor {
  /** Everything before this second is done. */
  from: number;
  /** Where the list of changed tickets goes on: behind `from` while it is longer than a page. */
  at: number;
  /** Further page of the tickets of one second, where they are more than a page. */
  page: number;
  /** Ids of the events from that second on that were already given. */
  given: string[];
  /** Tickets looked into since, with the second of their last change then: they need no second look. */
  seen: Record<string, number>;
  /** Tickets whose status is not the one that we set last: the status, and our mark at that time. */
  statuses: Record<string, Known>;
}

/** A status as it was known when the ticket was last looked into. */
export type Known = [status: number, mark: string];

const written = z.object({
  from: z.int(),
  at: z.int(),
  page: z.int().min(1),
  given: z.array(z.string()),
  seen: z.record(z.string(), z.int()),
  statuses: z.record(z.string(), z.tuple([z.int(), z.string()])),
});

export function parseCursor(cursor: string): Cursor {
  try {
    const given = JSON.parse(cursor);
    // Older ones have no place of their own in the list.
    return written.parse({ at: given.from, ...given });
  } catch {
    const operatorMessage = "list changes: the cursor is not one of ours";
    throw new PluginError({ kind: "bug", operatorMessage });
  }
}

export function secondsOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
