import {
  type Attachment,
  base64Of,
  cleanText,
  type NewComment,
  type RecordRef,
  transferTimeoutMs,
  uploadName,
  uploadType,
  withEmptyFiles,
} from "deskferry/sdk";
import { z } from "zod";
import { articleRecord, read, refused, type ZammadTools } from "./records.ts";
import { ticketAddress } from "./tickets.ts";

/**
 * The person's messages are articles of the type `web`, which count as contact for Zammad's SLAs; our own are notes. Our
 * id of a comment is the article's message id, where Zammad's own channels keep theirs.
 */
export async function addComment(comment: NewComment, tools: ZammadTools): Promise<RecordRef> {
  const isInternal = comment.visibility === "internal";
  const what = isInternal ? "add internal article" : "add article";
  const files = comment.attachments.filter((file) => file.size > 0);
  const isPersons = !isInternal && comment.contactId !== undefined;
  const json = {
    ticket_id: ticketNumber(comment.ticketId),
    ...(isPersons
      ? { type: "web", sender: "Customer", origin_by_id: Number(comment.contactId) }
      : { type: "note", sender: "Agent" }),
    internal: isInternal,
    content_type: "text/plain",
    body: cleanText(withEmptyFiles(comment)),
    message_id: comment.externalId,
    ...(files.length > 0 ? { attachments: await Promise.all(files.map(attached)) } : {}),
  };
  const timeoutMs = transferTimeoutMs(files);
  const path = "/ticket_articles";
  const answer = await tools.http.request({ method: "POST", path, json, what, timeoutMs, accept: [422] });
  if (answer.status === 422) throw refused(answer, what, Object.keys(json));
  const { id } = read(answer, articleRecord, what);
  return { id, address: ticketAddress(tools, comment.ticketId) };
}

function ticketNumber(ticketId: string): number | string {
  return /^\d{1,15}$/.test(ticketId) ? Number(ticketId) : ticketId;
}

/** Zammad takes files within its JSON only, so they are held in memory; hence the limit of the settings. */
async function attached(file: Attachment): Promise<Record<string, string>> {
  return {
    filename: uploadName(file.name),
    data: await base64Of(file),
    "mime-type": uploadType(file.mimeType),
  };
}

export async function findComment(
  ticketId: string,
  externalId: string,
  tools: ZammadTools,
): Promise<RecordRef | undefined> {
  const what = "look up article";
  const path = `/ticket_articles/by_ticket/${encodeURIComponent(ticketId)}`;
  const articles = read(
    await tools.http.request({ method: "GET", path, what }),
    z.array(articleRecord),
    what,
  );
  const found = articles.find((article) => article.message_id === externalId);
  return found && { id: found.id, address: ticketAddress(tools, ticketId) };
}
