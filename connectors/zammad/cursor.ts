import { readCursor } from "deskferry/sdk";
import { z } from "zod";

const time = z.int();

/** Times are milliseconds, as Zammad writes them. */
const written = z.object({
  /** Everything that happened before is done. */
  from: time,
  /** Where the list of changed tickets goes on: behind `from` while it is longer than a page. */
  at: time,
  page: z.int().min(1),
  /** Changes since `from` that were given: number in the history, and time. */
  given: z.array(z.tuple([z.int(), time])),
  /** Tickets looked into since `from`, with the time of their last change then: they need no second look. */
  seen: z.record(z.string(), time),
});

export type Cursor = z.output<typeof written>;

export const parseCursor = (text: string): Cursor => readCursor(text, written);
