import {
  type Attachment,
  cleanText,
  type HttpRequest,
  lastMark,
  markOf,
  type NewComment,
  type RecordRef,
  textToHtml,
  transferTimeoutMs,
  uploadName,
} from "deskferry/sdk";
import { conversationsOf } from "./conversations.ts";
import { madeRecord, numberOf, read, refusalsOf, refused } from "./records.ts";
import { inBin, type TicketTools, ticketAddress, ticketPath } from "./tickets.ts";

type FormParts = NonNullable<HttpRequest["form"]>;

/**
 * What a person wrote becomes a public note by that person; Freshdesk's replies would be mails to them. Notes have no
 * field of ours, so our mark stands below the text, small and grey.
 */
export async function addComment(comment: NewComment, tools: TicketTools): Promise<RecordRef> {
  const what = comment.visibility === "internal" ? "add internal comment" : "add comment";
  const files = comment.attachments.filter((file) => file.size > 0);
  const path = `${ticketPath(comment.ticketId)}/notes`;
  const post = (note: Record<string, unknown>, added: Attachment[]) =>
    tools.http.request({
      method: "POST",
      path,
      what,
      accept: [400, 405],
      ...(added.length === 0
        ? { json: note }
        : { form: formOf(note, added), timeoutMs: transferTimeoutMs(added) }),
    });
  const empty = comment.attachments.filter((file) => file.size === 0);
  const first = await post(noteOf(comment, mentions(empty, "empty file")), files);
  const isFull = first.status === 400 && files.length > 0 && refusesFiles(refusalsOf(first));
  const lines = [
    ...mentions(empty, "empty file"),
    ...mentions(files, "not attached, the ticket's files reach 20 MB"),
  ];
  const answer = isFull ? await post(noteOf(comment, lines), []) : first;
  if (isFull)
    tools.log.warn("files of a comment were left out: Freshdesk takes 20 MB for all files of a ticket");
  if (answer.status === 405) throw inBin(comment.ticketId, what);
  if (answer.status === 400) throw refused(answer, what, ["body", "user_id", "attachments"]);
  return { id: read(answer, madeRecord, what).id, address: ticketAddress(tools, comment.ticketId) };
}

function refusesFiles(faults: { field: string }[]): boolean {
  return faults.some(({ field }) => /^attachments(\b|\[)/.test(field));
}

function mentions(files: Attachment[], why: string): string[] {
  return files.map(({ name }) => `(${why}: ${name})`);
}

function noteOf(comment: NewComment, lines: string[]): Record<string, unknown> {
  const isPublic = comment.visibility === "public";
  const text = textToHtml(cleanText([comment.body, ...lines].join("\n")));
  const mark = `<div><span style="color:#9ea7ad;font-size:10px">${markOf(comment.externalId)}</span></div>`;
  return {
    body: `<div>${text}</div>${mark}`,
    private: !isPublic,
    ...(isPublic && comment.contactId ? { incoming: true, user_id: numberOf(comment.contactId) } : {}),
  };
}

function formOf(note: Record<string, unknown>, files: Attachment[]): FormParts {
  const parts: FormParts = Object.entries(note).map(([name, value]) => ({ name, value: String(value) }));
  for (const file of files) {
    const mimeType = /^[\w.+-]+\/[\w.+-]+$/.test(file.mimeType) ? file.mimeType : "application/octet-stream";
    parts.push({ name: "attachments[]", file: { ...file, name: uploadName(file.name), mimeType } });
  }
  return parts;
}

export async function findComment(
  ticketId: string,
  externalId: string,
  tools: TicketTools,
): Promise<RecordRef | undefined> {
  const wanted = markOf(externalId);
  for await (const conversation of conversationsOf(ticketId, "look up comment", tools)) {
    if (lastMark(conversation.body ?? "") === wanted)
      return { id: conversation.id, address: ticketAddress(tools, ticketId) };
  }
  return undefined;
}
