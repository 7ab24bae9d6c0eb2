import {
  type Attachment,
  cleanText,
  lastMark,
  markOf,
  type NewComment,
  PluginError,
  type RecordRef,
  textToHtml,
  transferTimeoutMs,
  uploadName,
  withEmptyFiles,
} from "deskferry/sdk";
import { associatedList, crmObject, fileRecord, objectList, read } from "./records.ts";
import { ticketPath, ticketRef } from "./tickets.ts";
import { associatedWith, type HubspotTools } from "./tools.ts";

/** Characters of a note, markup included. */
const MOST_CHARACTERS = 65_536;
const CUT = "<br>(cut here: a note in HubSpot holds 65,536 characters)";
const FOLDER = "/deskferry";
const MOST_READ = 100;
const MOST_PAGES = 20;

/** Everything is a note: nobody outside HubSpot sees notes, and only our connector sends some of them on. */
export async function addComment(comment: NewComment, tools: HubspotTools): Promise<RecordRef> {
  const { api, clock } = tools;
  const what = comment.visibility === "internal" ? "add internal comment" : "add comment";
  const files = comment.attachments.filter((file) => file.size > 0);
  const uploads: string[] = [];
  for (const file of files) uploads.push(await upload(file, tools));
  const properties = {
    hs_timestamp: new Date(clock.now()).toISOString(),
    hs_note_body: bodyOf(comment, tools),
    ...(uploads.length > 0 ? { hs_attachment_ids: uploads.join(";") } : {}),
  };
  const associations = [
    associatedWith(comment.ticketId, "noteToTicket"),
    ...(comment.contactId ? [associatedWith(comment.contactId, "noteToContact")] : []),
  ];
  const path = api.crm("objects", "/notes");
  try {
    const answer = await api.call({ method: "POST", path, json: { properties, associations }, what });
    return { ...ticketRef(tools, comment.ticketId), id: read(answer, crmObject, what).id };
  } catch (error) {
    // HubSpot does not say which association is not valid: a ticket that is gone is told apart by reading it.
    if (error instanceof PluginError && error.kind === "rejected") await readTicket(comment.ticketId, tools);
    throw error;
  }
}

async function readTicket(id: string, tools: HubspotTools): Promise<void> {
  await tools.api.call({ method: "GET", path: ticketPath(id, tools), what: "look up ticket" });
}

/** A file that no note takes up stays in HubSpot's files, private, and does no harm. */
async function upload(file: Attachment, { api }: HubspotTools): Promise<string> {
  const what = "upload file";
  const name = uploadName(file.name);
  const mimeType = /^[\w.+-]+\/[\w.+-]+$/.test(file.mimeType) ? file.mimeType : "application/octet-stream";
  const answer = await api.call({
    method: "POST",
    path: api.files(),
    form: [
      { name: "file", file: { ...file, name, mimeType } },
      { name: "fileName", value: name },
      { name: "folderPath", value: FOLDER },
      { name: "options", value: JSON.stringify({ access: "PRIVATE" }) },
    ],
    what,
    timeoutMs: transferTimeoutMs([file]),
  });
  return read(answer, fileRecord, what).id;
}

/** The last line tells staff where a note comes from, and us which one it is. */
function bodyOf(comment: NewComment, { warnOnce }: HubspotTools): string {
  const { visibility, externalId } = comment;
  const end = `<p>${visibility === "public" ? "WhatsApp" : "Deskferry"} ${markOf(externalId)}</p>`;
  const room = MOST_CHARACTERS - end.length - "<p></p>".length;
  const text = cleanText(withEmptyFiles(comment));
  const html = textToHtml(text);
  if (html.length <= room) return `<p>${html}</p>${end}`;
  warnOnce("a comment was cut: a note in HubSpot holds 65,536 characters");
  return `<p>${cut(text, room - CUT.length)}${CUT}</p>${end}`;
}

/** As much of the text as fits when written as HTML. */
function cut(text: string, room: number): string {
  let kept = text;
  let html = textToHtml(kept);
  while (html.length > room) {
    const most = Math.floor((kept.length * room) / html.length);
    kept = kept.slice(0, Math.min(most, kept.length - 1)).replace(/[\uD800-\uDBFF]$/, "");
    html = textToHtml(kept);
  }
  return html;
}

export async function findComment(
  ticketId: string,
  externalId: string,
  tools: HubspotTools,
): Promise<RecordRef | undefined> {
  const what = "look up comment";
  const { api } = tools;
  const wanted = markOf(externalId);
  const ids = await notesOf(ticketId, tools);
  for (let start = 0; start < ids.length; start += MOST_READ) {
    const inputs = ids.slice(start, start + MOST_READ).map((id) => ({ id }));
    const json = { inputs, properties: ["hs_note_body"] };
    const path = api.crm("objects", "/notes/batch/read");
    const { results } = read(await api.call({ method: "POST", path, json, what }), objectList, what);
    const found = results.find(({ properties }) => lastMark(properties["hs_note_body"] ?? "") === wanted);
    if (found) return { ...ticketRef(tools, ticketId), id: found.id };
  }
  return undefined;
}

/** Newest first, since what is looked up was written lately. */
async function notesOf(ticketId: string, tools: HubspotTools): Promise<string[]> {
  const what = "look up comment";
  const path = `${ticketPath(ticketId, tools)}/associations/notes`;
  const ids: string[] = [];
  let after: string | undefined;
  for (let count = 0; count < MOST_PAGES; count++) {
    const query = { limit: 500, ...(after ? { after } : {}) };
    const page = read(await tools.api.call({ method: "GET", path, query, what }), associatedList, what);
    ids.push(...page.results.map(({ toObjectId }) => toObjectId));
    after = page.paging?.next?.after;
    if (after === undefined) break;
  }
  return ids.sort((left, right) => Number(right) - Number(left));
}
