import { readCursor } from "deskferry/sdk";
import { z } from "zod";

/** Everything before `from` is done. Written as JSON. */
export interface Cursor {
  /** Seconds since 1970, by Salesforce's clock. */
  from: number;
  /** Ids of the events from that second on that were given already, with their second. */
  given: Record<string, number>;
  /** Rows that are asked for at once. More than usual where one second has more. */
  limit: number;
}

const written = z.object({
  from: z.int(),
  given: z.record(z.string(), z.int()),
  limit: z.int().min(1),
});

export const parseCursor = (text: string): Cursor => readCursor(text, written);
