import {
  type Attachment,
  cleanText,
  type HttpAnswer,
  type HttpRequest,
  type NewComment,
  PluginError,
  type RecordRef,
  transferTimeoutMs,
  uploadName,
  uploadType,
  withEmptyFiles,
} from "deskferry/sdk";
import { z } from "zod";
import { foundTransaction, pageOf, quoted, read } from "./records.ts";
import { refusal, type TicketTools, ticketAddress } from "./tickets.ts";

/**
 * RT converts text, pages and mails to UTF-8 and loses names on the way (RT::I18N, SetMIMEEntityToEncoding; seen
 * with Latin-1 and UTF-16). As plain bytes they stay what they are.
 */
const RECODED = /^(text\/(plain|html)|message\/|multipart\/)/i;

type FormParts = NonNullable<HttpRequest["form"]>;

/** Correspondence for what the person may see, a comment for what stays inside. */
export async function addComment(comment: NewComment, tools: TicketTools): Promise<RecordRef> {
  const { settings, log } = tools;
  const action = comment.visibility === "internal" ? "comment" : "correspond";
  const what = `add ${action === "comment" ? "internal comment" : "comment"}`;
  const files = comment.attachments.filter((file) => file.size > 0);
  const json = {
    Content: cleanText(withEmptyFiles(comment)),
    ContentType: "text/plain",
    TxnCustomFields: { [settings.fields.message]: comment.externalId },
  };
  const answer = await tools.http.request({
    method: "POST",
    path: `/ticket/${encodeURIComponent(comment.ticketId)}/${action}`,
    what,
    accept: [400],
    ...(files.length === 0 ? { json } : { form: formOf(json, files), timeoutMs: transferTimeoutMs(files) }),
  });
  if (answer.status === 400) throw await refusal(comment.ticketId, what, tools);
  if (
    read(answer, z.array(z.unknown()), what).some((line) => String(line).includes(settings.fields.message))
  ) {
    log.warn("RT did not keep our id of a comment: the custom field is not applied to the ticket's queue", {
      field: settings.fields.message,
      ticket: comment.ticketId,
    });
  }
  const id = transactionOf(answer) ?? (await lookUpWritten(comment.externalId, what, tools));
  return { id, address: addressOf(comment.ticketId, id, tools) };
}

/** Where a proxy takes `Location` away. The comment is there, so that anything but finding it is unclear. */
async function lookUpWritten(externalId: string, what: string, tools: TicketTools): Promise<string> {
  const found = await findComment(externalId, tools).catch(() => undefined);
  if (found) return found.id;
  const operatorMessage = `${what}: RT did not say which transaction it made`;
  throw new PluginError({ kind: "ambiguous", operatorMessage });
}

function formOf(json: unknown, files: Attachment[]): FormParts {
  const parts: FormParts = [{ name: "JSON", value: JSON.stringify(json) }];
  for (const file of files) {
    const mimeType = RECODED.test(file.mimeType) ? "application/octet-stream" : uploadType(file.mimeType);
    parts.push({ name: "Attachments", file: { ...file, name: uploadName(file.name), mimeType } });
  }
  return parts;
}

/** The answer's body tells only that it worked; `Location` names the transaction. */
function transactionOf(answer: HttpAnswer): string | undefined {
  return /\/transaction\/(\d+)$/.exec(answer.headers["location"] ?? "")?.[1];
}

function addressOf(ticketId: string, id: string, { settings }: TicketTools): string {
  return `${ticketAddress(settings, ticketId)}#txn-${id}`;
}

/** On whichever ticket: staff may have merged the one it was written to into another. */
export async function findComment(externalId: string, tools: TicketTools): Promise<RecordRef | undefined> {
  const what = "look up comment";
  const field = tools.settings.fields.message;
  const answer = await tools.http.request({
    method: "GET",
    path: "/transactions",
    query: {
      query: `ObjectType = 'RT::Ticket' AND CF.{${field}} = ${quoted(externalId)}`,
      fields: "Type,ObjectId,OldValue,NewValue,Created,Creator,CustomFields",
      per_page: 100,
      orderby: "id",
    },
    what,
  });
  const { items } = read(answer, pageOf(foundTransaction), what);
  const found = items.find((item) => item.CustomFields.get(field)?.includes(externalId));
  return found && { id: found.id, address: addressOf(found.ObjectId, found.id, tools) };
}
