import { fromHttpResponse, markOf, type NewComment, PluginError, type RecordRef } from "deskferry/sdk";
import { type EspoTools, list } from "./api.ts";
import { upload } from "./files.ts";
import { clean, noteRecord, read, record } from "./records.ts";
import { caseAddress, casePath, isGone } from "./tickets.ts";

/**
 * Notes have no field of their own for our id. So a mark of it ends the text, as a definition in Markdown, which staff
 * see neither in the stream nor in e-mails: `[//]: # (#wa-…)`.
 */
function hiddenMarkOf(externalId: string): string {
  return `[//]: # (${markOf(externalId)})`;
}

const MARK = /^[>\s]*\[\/\/\]: # \(#wa-[\w-]{16}\)[^\S\n]*$/gm;

/** What staff read. Somebody who quotes one of our notes quotes its mark with it. */
export function withoutMarks(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(MARK, "").trim();
}

export async function addComment(comment: NewComment, tools: EspoTools): Promise<RecordRef> {
  const { ticketId, externalId, body, visibility, attachments } = comment;
  const isInternal = visibility === "internal";
  const what = `add ${isInternal ? "internal note" : "note"}`;
  const attachmentsIds: string[] = [];
  const left: string[] = [];
  for (const file of attachments) {
    const id = await upload(file, tools);
    if (id) attachmentsIds.push(id);
    else left.push(`(EspoCRM does not take this file: ${clean(file.name)})`);
  }
  const post = `${[clean(body), ...left].join("\n")}\n\n${hiddenMarkOf(externalId)}`;
  const json = { type: "Post", parentType: "Case", parentId: ticketId, post, isInternal, attachmentsIds };
  const answer = await tools.http.request({ method: "POST", path: "/Note", json, what, accept: [403] });
  if (answer.status === 403) {
    if (await isGone(ticketId, tools)) throw caseGone(ticketId, what);
    throw fromHttpResponse(answer, what, tools.clock.now());
  }
  return { id: read(answer, record, what).id, address: caseAddress(ticketId, tools) };
}

function caseGone(id: string, what: string): PluginError {
  return new PluginError({
    kind: "not_found",
    code: 403,
    operatorMessage: `${what}: case ${id} is not there`,
  });
}

export async function findComment(
  ticketId: string,
  externalId: string,
  tools: EspoTools,
): Promise<RecordRef | undefined> {
  const mark = hiddenMarkOf(externalId);
  const account = await tools.directory.account();
  const where = [{ type: "contains" as const, attribute: "post", value: mark }];
  const asked = { item: noteRecord, what: "look up note" };
  const notes = await list(`${casePath(ticketId)}/stream`, { where, maxSize: 100 }, asked, tools);
  // Who quotes our note carries its mark too.
  const found = notes.find((note) => note.createdById === account && note.post?.trimEnd().endsWith(mark));
  return found && { id: found.id, address: caseAddress(ticketId, tools) };
}
