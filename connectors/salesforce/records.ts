import { cleanText, createAnswerReader, readAs } from "deskferry/sdk";
import { z } from "zod";
import { fault } from "./refusals.ts";

/** Our id on contacts, cases and messages. */
export const ID_FIELD = "Deskferry_Id__c";
/** One of these for every comment that we wrote: its unique id keeps a repeated one from being written again. */
export const MESSAGE = "Deskferry_Message__c";
/** The case of a message. */
export const CASE_FIELD = "Case__c";

const text = z.string().nullish();
export const recordId = z.string().regex(/^\w{15,18}$/);

export const saved = z.array(
  z.object({
    id: text,
    success: z.boolean(),
    errors: z
      .array(fault)
      .nullish()
      .transform((errors) => errors ?? []),
  }),
);

export const madeRecord = z.object({ id: recordId, success: z.literal(true) });
export const foundRecord = z.object({ Id: recordId, [ID_FIELD]: text });

const person = z.object({ Name: text, UserType: text }).nullish();

/** A case as comments and history show it. */
const caseOf = z.object({
  [ID_FIELD]: text,
  Subject: text,
  Status: text,
  OwnerId: text,
  Owner: z.object({ Name: text }).nullish(),
});
export type CaseRecord = z.output<typeof caseOf>;

export const commentRow = z.object({
  Id: recordId,
  ParentId: recordId,
  CommentBody: text,
  IsPublished: z.boolean().nullish(),
  CreatedById: text,
  CreatedBy: person,
  CreatedDate: z.string(),
  SystemModstamp: z.string(),
  Parent: caseOf,
});
export type CommentRow = z.output<typeof commentRow>;

export const historyRow = z.object({
  Id: recordId,
  CaseId: recordId,
  OldValue: z.unknown(),
  NewValue: z.unknown(),
  CreatedById: text,
  CreatedBy: person,
  CreatedDate: z.string(),
  Case: caseOf,
});
export type HistoryRow = z.output<typeof historyRow>;

/** The answer as a record. One that is none may still have had its effect: `ambiguous`. */
export const read = createAnswerReader("Salesforce");

export function readValue<T extends z.ZodType>(value: unknown, schema: T, what: string): z.output<T> {
  return readAs(value, schema, { what, server: "Salesforce" });
}

/** Without control characters and halves of characters, which Salesforce refuses or drops. */
export function clean(value: string): string {
  return cleanText(value.toWellFormed());
}

/** At most so many characters as Salesforce counts them, and no half of one. */
export function cut(value: string, most: number): string {
  return value.length <= most
    ? value
    : value
        .slice(0, most)
        .replace(/[\ud800-\udbff]$/, "")
        .trimEnd();
}
