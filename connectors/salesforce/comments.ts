import { createHash } from "node:crypto";
import { type NewComment, PluginError, type RecordRef } from "deskferry/sdk";
import type { NewRecord } from "./api.ts";
import { discard, type UploadedFile, uploadFiles } from "./files.ts";
import { partsOf } from "./parts.ts";
import { CASE_FIELD, clean, foundRecord, ID_FIELD, MESSAGE } from "./records.ts";
import { failureOf } from "./refusals.ts";
import { literal } from "./soql.ts";
import { type CaseTools, recordAddress } from "./tickets.ts";

/**
 * Our id as the message record has it: in hex, because Salesforce takes capitals for small letters in such fields unless
 * told otherwise, and without the phone number that WhatsApp's ids hold. A message that goes to another ticket, because
 * staff deleted the first, is another one.
 */
function messageId(ticketId: string, externalId: string): string {
  return createHash("sha256").update(`${ticketId}\n${externalId}`).digest("hex");
}

/**
 * Comments have no field of ours. A record beside them has, and is written in one transaction with all parts of the
 * comment: a second time its unique id is refused, and the comment with it (docs/decisions/0034).
 */
export async function addComment(comment: NewComment, tools: CaseTools): Promise<RecordRef> {
  const what = comment.visibility === "internal" ? "add internal comment" : "add comment";
  const files = await uploadFiles(comment.attachments, tools);
  const saved = await tools.api.create(recordsOf(comment, files), what);
  if ("ids" in saved) return refOf(saved.ids[0] ?? "", comment.ticketId, tools);
  await discard(files, tools);
  const { code } = saved.refused;
  const isSecond = code === "DUPLICATE_VALUE";
  const earlier = isSecond ? await findComment(comment.ticketId, comment.externalId, tools) : undefined;
  if (earlier) return earlier;
  if (code === NO_ACCESS && (await isGone(comment.ticketId, tools))) {
    const operatorMessage = `${what}: the case is not there any more, or out of sight for Deskferry's user`;
    throw new PluginError({ kind: "not_found", code, operatorMessage });
  }
  throw failureOf(saved.refused, what);
}

/** Salesforce says the same of a case that is not there and of a right that the user lacks. */
const NO_ACCESS = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY";

async function isGone(ticketId: string, { api }: CaseTools): Promise<boolean> {
  const soql = `SELECT Id, ${ID_FIELD} FROM Case WHERE Id = ${literal(ticketId)}`;
  return (await api.query(soql, foundRecord, "look up ticket")).length === 0;
}

/** Ten changes of kind are allowed in a request; these are two. */
function recordsOf(comment: NewComment, files: UploadedFile[]): NewRecord[] {
  const { ticketId, externalId, visibility } = comment;
  const isPublic = visibility === "public";
  const texts = partsOf(textOf(comment, files)).map((body) => ({
    type: "CaseComment",
    fields: { ParentId: ticketId, CommentBody: body, IsPublished: isPublic },
  }));
  const links = files.map(({ documentId }) => ({
    type: "ContentDocumentLink",
    fields: {
      ContentDocumentId: documentId,
      LinkedEntityId: ticketId,
      ShareType: "V",
      Visibility: isPublic ? "AllUsers" : "InternalUsers",
    },
  }));
  const fields = { [ID_FIELD]: messageId(ticketId, externalId), [CASE_FIELD]: ticketId };
  return [{ type: MESSAGE, fields }, ...texts, ...links];
}

/** Files hang on the case, not on a comment: so the comment names them. An empty one has nothing to lose but its name. */
function textOf({ body, attachments }: NewComment, files: UploadedFile[]): string {
  const empty = attachments.filter(({ size }) => size === 0).map(({ name }) => `(empty file: ${name})`);
  const lines = [...files.map(({ name }) => `(file: ${name})`), ...empty];
  return clean([body, ...lines].join("\n"))
    .replace(/\r\n?/g, "\n")
    .trim();
}

export async function findComment(
  ticketId: string,
  externalId: string,
  tools: CaseTools,
): Promise<RecordRef | undefined> {
  const wanted = messageId(ticketId, externalId);
  const soql = `SELECT Id, ${ID_FIELD} FROM ${MESSAGE} WHERE ${ID_FIELD} = ${literal(wanted)}`;
  const rows = await tools.api.query(soql, foundRecord, "look up comment");
  const found = rows.find((row) => row[ID_FIELD] === wanted);
  return found && refOf(found.Id, ticketId, tools);
}

function refOf(id: string, ticketId: string, tools: CaseTools): RecordRef {
  return { id, address: recordAddress(tools, ticketId) };
}
