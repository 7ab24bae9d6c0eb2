import { createAnswerReader } from "deskferry/sdk";
import { z } from "zod";

/** RT writes ids as numbers in some answers and as texts in others. */
const id = z.union([z.string(), z.number()]).transform(String);
const text = z.string().nullish();

/** An empty text stands for "no custom fields". */
const customFields = z
  .union([z.array(z.object({ name: z.string(), values: z.array(z.unknown()) })), z.literal("")])
  .nullish()
  .transform((fields) => new Map((fields || []).map(({ name, values }) => [name, values.map(String)])));

export const userRecord = z.object({
  /** Absent where the account lacks the right AdminUsers. */
  id: id.optional(),
  Name: z.string(),
  RealName: text,
  EmailAddress: text,
  Privileged: z.union([z.number(), z.string(), z.boolean()]).nullish().transform(Number).transform(Boolean),
  CustomFields: customFields,
});

/** All fields of a user as RT sends them, for comparing the ones we set. */
export const userFields = z.record(z.string(), z.unknown());

export const ticketRecord = z.object({
  id,
  Subject: text,
  Status: z.string(),
  Queue: z.object({ id, Name: text }),
  Owner: z.object({ id }).nullish(),
  Requestor: z.array(z.object({ id })).nullish(),
  CustomFields: customFields,
});

export type TicketRecord = z.output<typeof ticketRecord>;

const fieldNames = z
  .array(z.object({ name: z.string() }))
  .nullish()
  .transform((fields) => new Set((fields ?? []).map(({ name }) => name)));

export const queueRecord = z.object({
  id,
  Name: z.string(),
  TicketCustomFields: fieldNames,
  TicketTransactionCustomFields: fieldNames,
  _hyperlinks: z.array(z.object({ ref: z.string() })).nullish(),
});

export type QueueRecord = z.output<typeof queueRecord>;

/** A page of something found. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item) });
}

export const foundUser = z.object({ id: z.string(), CustomFields: customFields });
export const foundTicket = z.object({ id, CustomFields: customFields });
export const foundQueue = z.object({ id, Name: z.string() });
export const foundTransaction = z.object({
  id,
  Type: z.string(),
  ObjectId: id,
  OldValue: text,
  NewValue: text,
  Created: z.string(),
  Creator: z.object({ id: z.string() }),
  CustomFields: customFields,
});
export const foundAttachment = z.object({ id, Filename: text, ContentType: text });
export const madeTicket = z.object({ id });
export const attachmentContent = z.object({ Content: text });

export type FoundTransaction = z.output<typeof foundTransaction>;

/** The answer as a record. One that is none may still have had its effect: `ambiguous`. */
export const read = createAnswerReader("Request Tracker");

/** A text in RT's query language. RT looks it up without regard to case: the caller compares what comes back. */
export function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, "\\$&")}'`;
}
