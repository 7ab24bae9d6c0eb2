import { type HttpAnswer, PluginError } from "deskferry/sdk";
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
export function read<T extends z.ZodType>(answer: HttpAnswer, schema: T, what: string): z.output<T> {
  const result = schema.safeParse(answer.json());
  if (result.success) return result.data;
  const path = result.error.issues[0]?.path.join(".") ?? "";
  const operatorMessage = `${what}: the answer is not as Request Tracker writes it (${path || "as a whole"})`;
  throw new PluginError({ kind: "ambiguous", operatorMessage });
}

/** A text in RT's query language. RT looks it up without regard to case: the caller compares what comes back. */
export function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, "\\$&")}'`;
}

/** Without NUL and other control characters, which PostgreSQL or RT's pages refuse. */
export function clean(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
  return value.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "");
}
