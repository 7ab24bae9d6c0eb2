import { createAnswerReader, type RecordRef } from "deskferry/sdk";
import { z } from "zod";

/** What the server answers, as far as we read it. */
export const record = z.object({ id: z.string().min(1) });
export const foundRecords = z.array(z.object({ id: z.string().min(1), externalId: z.string().optional() }));
export const newest = z.object({ id: z.number() });

/** A success of another shape may have had its effect, hence ambiguous. The value itself is never quoted. */
export const read = createAnswerReader("Acme Desk");

/** Only an equal id is ours: many servers match loosely, or ignore a filter that they do not know. */
export function exact(found: z.output<typeof foundRecords>, externalId: string): RecordRef | undefined {
  const match = found.find((each) => each.externalId === externalId);
  return match && { id: match.id };
}
