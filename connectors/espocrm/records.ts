import { cleanText, createAnswerReader } from "deskferry/sdk";
import { z } from "zod";

/** What EspoCRM answers, as far as we read it. Attributes are absent where the role of the account hides them. */
const id = z.string().min(1);
const optional = z.string().nullish();

export const record = z.looseObject({ id });
export type SavedRecord = z.output<typeof record>;

export const contactRecord = z.looseObject({
  id,
  name: optional,
  phoneNumber: optional,
  emailAddress: optional,
  createdById: optional,
});
export type Contact = z.output<typeof contactRecord>;

export const caseRecord = z.looseObject({
  id,
  number: z.union([z.number(), z.string()]).nullish(),
  name: optional,
  status: optional,
  assignedUserName: optional,
});
export type Case = z.output<typeof caseRecord>;

export const userRecord = z.object({ id, userName: optional, type: optional });

/** An entry in the stream of a record. `number` counts all notes of EspoCRM, in the order in which they were made. */
export const noteRecord = z.object({
  id,
  number: z.number().int(),
  type: z.string(),
  post: optional,
  // PHP writes an empty object as a list.
  data: z.unknown(),
  parentId: optional,
  parentType: optional,
  isInternal: z.boolean().nullish(),
  createdAt: optional,
  createdById: optional,
  createdByName: optional,
  attachmentsIds: z.array(z.string()).nullish(),
  attachmentsNames: z.union([z.record(z.string(), z.string()), z.array(z.never())]).nullish(),
});
export type Note = z.output<typeof noteRecord>;

export const accountRecord = z.object({ user: z.object({ id }) });

/** A success of another shape may have had its effect, hence ambiguous. The value itself is never quoted. */
export const read = createAnswerReader("EspoCRM");

/** Without control characters, which XML exports and PHP's JSON of older databases stumble over. */
export function clean(text: string): string {
  return cleanText(text.replace(/\r\n?/g, "\n"));
}
