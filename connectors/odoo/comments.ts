import {
  type Attachment,
  type NewComment,
  PluginError,
  type RecordRef,
  textToHtml,
  transferTimeoutMs,
} from "deskferry/sdk";
import { z } from "zod";
import { addressOf } from "./applications.ts";
import { messageIdOf } from "./message-id.ts";
import { clean, madeId, numberOf, oneLine, text } from "./records.ts";
import { quiet, ticketNumber } from "./tickets.ts";
import type { OdooTools } from "./tools.ts";

/** Bytes per millisecond below which a file counts as stuck. */

export async function addComment(comment: NewComment, tools: OdooTools): Promise<RecordRef> {
  const isInternal = comment.visibility === "internal";
  const what = isInternal ? "add internal comment" : "add comment";
  const number = ticketNumber(comment.ticketId, what);
  const author = isInternal || !comment.contactId ? {} : await authorOf(comment.contactId, tools);
  const files: number[] = [];
  for (const file of comment.attachments) files.push(await upload(file, tools));
  const { settings, application, rpc } = tools;
  const id = await rpc.call({
    model: application.model,
    method: "message_post",
    ids: [number],
    given: {
      body: textToHtml(clean(comment.body)),
      // Text would be escaped, and lose its line ends.
      body_is_html: true,
      message_type: "comment",
      subtype_xmlid: isInternal ? "mail.mt_note" : "mail.mt_comment",
      message_id: messageIdOf(comment.externalId),
      ...author,
      ...(files.length > 0 ? { attachment_ids: files } : {}),
    },
    context: quiet,
    returns: madeId,
    what,
  });
  return { id: String(id), address: addressOf(settings, application.model, comment.ticketId) };
}

/** Odoo wants an address of the sender too, and a person on WhatsApp has none: mails to followers come from our account. */
async function authorOf(contactId: string, { directory }: OdooTools) {
  const { sender } = await directory.account();
  return { author_id: numberOf(contactId), ...(sender ? { email_from: sender } : {}) };
}

/** As Odoo's own page does it: a file of no ticket, which the message takes along. Odoo removes what none took in a day. */
async function upload(file: Attachment, { rpc }: OdooTools): Promise<number> {
  const bytes = await bytesOf(file);
  const values = {
    name: oneLine(file.name) || "file",
    mimetype: file.mimeType.split(";")[0]?.trim() || "application/octet-stream",
    datas: bytes.toString("base64"),
    res_model: "mail.compose.message",
    res_id: 0,
  };
  return rpc.call({
    model: "ir.attachment",
    method: "create",
    given: { vals_list: [values] },
    returns: madeId,
    what: "upload file",
    timeoutMs: transferTimeoutMs([file]),
  });
}

/** Whole, since JSON wants it as base64 in one piece. */
async function bytesOf(file: Attachment): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of file.open()) chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  if (bytes.length === file.size) return bytes;
  const operatorMessage = "upload file: the file is not as long as it was announced";
  throw new PluginError({ kind: "unavailable", operatorMessage });
}

export async function findComment(
  ticketId: string,
  externalId: string,
  { application, settings, rpc }: OdooTools,
): Promise<RecordRef | undefined> {
  const wanted = messageIdOf(externalId);
  const domain = [
    ["model", "=", application.model],
    ["res_id", "=", numberOf(ticketId)],
    ["message_id", "=", wanted],
  ];
  const found = await rpc.call({
    model: "mail.message",
    method: "search_read",
    given: { domain, fields: ["message_id"], order: "id", limit: 10 },
    returns: z.array(z.object({ id: z.number().int(), message_id: text })),
    what: "look up comment",
  });
  const message = found.find((candidate) => candidate.message_id === wanted);
  return message && { id: String(message.id), address: addressOf(settings, application.model, ticketId) };
}
