import {
  type Attachment,
  cleanText,
  type NewComment,
  PluginError,
  type RecordRef,
  transferTimeoutMs,
  uploadName,
  withEmptyFiles,
} from "deskferry/sdk";
import { z } from "zod";
import { auditRecord, numberOf, read } from "./records.ts";
import { refusal, type TicketTools, ticketAddress, ticketPath } from "./tickets.ts";

const updated = z.object({ audit: auditRecord });
const uploaded = z.object({ upload: z.object({ token: z.string().min(1) }) });
const auditPage = z.object({
  audits: z.array(auditRecord),
  meta: z.object({ has_more: z.boolean(), after_cursor: z.string().nullish() }).nullish(),
});

/** Where our id of a comment stands in the metadata of its audit. Staff do not see it, and cannot change it. */
const METADATA_KEY = "deskferry_id";
/** A ticket holds 5,000 comments at most. */
const MOST_PAGES = 100;

export async function addComment(comment: NewComment, tools: TicketTools): Promise<RecordRef> {
  const what = comment.visibility === "internal" ? "add internal comment" : "add comment";
  const files = comment.attachments.filter((file) => file.size > 0);
  const uploads: string[] = [];
  for (const file of files) uploads.push(await upload(file, tools));
  const isPersons = comment.visibility === "public" && comment.contactId !== undefined;
  const ticket = {
    metadata: { [METADATA_KEY]: comment.externalId },
    comment: {
      body: cleanText(withEmptyFiles(comment)),
      public: comment.visibility === "public",
      ...(isPersons ? { author_id: numberOf(comment.contactId ?? "") } : {}),
      ...(uploads.length > 0 ? { uploads } : {}),
    },
  };
  const path = ticketPath(comment.ticketId);
  const answer = await tools.http.request({ method: "PUT", path, json: { ticket }, what, accept: [422] });
  if (answer.status === 422) throw refusal(answer, what);
  const id = commentIn(read(answer, updated, what).audit);
  if (id) return { id, address: ticketAddress(tools.settings, comment.ticketId) };
  const operatorMessage = `${what}: Zendesk did not say which comment it made`;
  throw new PluginError({ kind: "ambiguous", operatorMessage });
}

/** An upload that no comment takes up is gone after an hour, so one too many does no harm. */
async function upload(file: Attachment, { http }: TicketTools): Promise<string> {
  const what = "upload file";
  const answer = await http.request({
    method: "POST",
    path: "/api/v2/uploads.json",
    query: { filename: uploadName(file.name) },
    headers: { "Content-Type": "application/binary" },
    file,
    what,
    timeoutMs: transferTimeoutMs([file]),
  });
  return read(answer, uploaded, what).upload.token;
}

function commentIn(audit: z.output<typeof auditRecord>): string | undefined {
  return audit.events.find(({ type }) => type === "Comment")?.id;
}

/** Comments carry nothing of ours, but their audits do. */
export async function findComment(
  ticketId: string,
  externalId: string,
  { http, settings }: TicketTools,
): Promise<RecordRef | undefined> {
  const what = "look up comment";
  const path = `/api/v2/tickets/${encodeURIComponent(ticketId)}/audits.json`;
  let after: string | undefined;
  for (let count = 0; count < MOST_PAGES; count++) {
    const query = { "page[size]": 100, ...(after ? { "page[after]": after } : {}) };
    const page = read(await http.request({ method: "GET", path, query, what }), auditPage, what);
    const audit = page.audits.find(({ metadata }) => metadata?.custom?.[METADATA_KEY] === externalId);
    const id = audit && commentIn(audit);
    if (id) return { id, address: ticketAddress(settings, ticketId) };
    after = page.meta?.has_more ? (page.meta.after_cursor ?? undefined) : undefined;
    if (after === undefined) return undefined;
  }
  return undefined;
}
