import { type NewComment, PluginError, type RecordRef, withEmptyFiles } from "deskferry/sdk";
import { z } from "zod";
import { documentOf, type Link, partsOf, textOf } from "./document.ts";
import { commentRecord, id, issueAddress, issuePath, read } from "./records.ts";
import type { JiraTools } from "./tools.ts";

/** Our property of a comment. Staff neither see nor change it. */
const OUR_PROPERTY = "deskferry";
/** By which Jira Service Management tells internal comments from public ones. */
const VISIBILITY_PROPERTY = "sd.public.comment";
/** So many that the list of comments by number answers them at once. */
const PAGE = 50;
const MOST_PAGES = 100;

const mark = z.object({ id: z.string(), part: z.number(), of: z.number() });
const created = z.object({ id, jsdPublic: z.boolean().nullish() });
export const commentPage = z.object({ comments: z.array(commentRecord), total: z.number() });
const markedPage = z.object({
  values: z.array(
    z.object({ id, properties: z.array(z.object({ key: z.string(), value: z.unknown() })).nullish() }),
  ),
});

type Mark = z.output<typeof mark>;

/** A text that is too long for one comment becomes several; the last of them carries the files. */
export async function addComment(comment: NewComment, tools: JiraTools): Promise<RecordRef> {
  const parts = partsOf(textOf(withEmptyFiles(comment)));
  const there = parts.length > 1 ? await partsThere(comment, tools) : new Map<number, string>();
  const links = await tools.uploads.links(comment);
  let last = "";
  for (const [index, text] of parts.entries()) {
    const part = index + 1;
    const ours = { id: comment.externalId, part, of: parts.length };
    const files = part === parts.length ? links : [];
    last = there.get(part) ?? (await post(comment, { text, files, ours }, tools));
  }
  tools.uploads.forget(comment);
  return { id: last, address: issueAddress(tools.settings, comment.ticketId) };
}

/** Version 3 takes text as a document, in which nothing of it is markup, and our id with it. */
async function post(
  { ticketId, visibility }: NewComment,
  { text, files, ours }: { text: string; files: Link[]; ours: Mark },
  { http, warnOnce }: JiraTools,
): Promise<string> {
  const internal = visibility === "internal";
  const what = internal ? "add internal comment" : "add comment";
  const json = {
    body: documentOf(text, files),
    properties: [
      { key: OUR_PROPERTY, value: ours },
      { key: VISIBILITY_PROPERTY, value: { internal } },
    ],
  };
  const answer = await http.request({ method: "POST", path: issuePath(ticketId, "comment"), json, what });
  const comment = read(answer, created, what);
  if (internal && comment.jsdPublic === true)
    warnOnce("Jira made an internal comment public: is the service project one of Jira Service Management?");
  return comment.id;
}

async function partsThere({ ticketId, externalId }: NewComment, tools: JiraTools) {
  const there = new Map<number, string>();
  for await (const { id: comment, ours } of ourComments(ticketId, "look up parts of a comment", tools)) {
    if (ours.id === externalId) there.set(ours.part, comment);
  }
  return there;
}

/** There when its last part is. */
export async function findComment(
  ticketId: string,
  externalId: string,
  tools: JiraTools,
): Promise<RecordRef | undefined> {
  for await (const { id: comment, ours } of ourComments(ticketId, "look up comment", tools)) {
    if (ours.id !== externalId || ours.part !== ours.of) continue;
    return { id: comment, address: issueAddress(tools.settings, ticketId) };
  }
  return undefined;
}

/** Newest first. The list of an issue's comments does not tell properties; the list by numbers does. */
async function* ourComments(
  ticketId: string,
  what: string,
  tools: JiraTools,
): AsyncGenerator<{ id: string; ours: Mark }> {
  for await (const page of commentPages(ticketId, what, tools)) {
    const ids = page.flatMap((comment) =>
      comment.author?.accountId === tools.settings.accountId ? [Number(comment.id)] : [],
    );
    if (ids.length === 0) continue;
    const answer = await tools.http.request({
      method: "POST",
      path: "/rest/api/3/comment/list",
      query: { expand: "properties" },
      json: { ids },
      what,
    });
    const { values } = read(answer, markedPage, what);
    if (values.length < ids.length) {
      const operatorMessage = `${what}: Jira told ${values.length} of ${ids.length} comments`;
      throw new PluginError({ kind: "ambiguous", operatorMessage });
    }
    for (const { id: comment, properties } of values) {
      const found = mark.safeParse(properties?.find(({ key }) => key === OUR_PROPERTY)?.value);
      if (found.success) yield { id: comment, ours: found.data };
    }
  }
}

/** Newest first, in wiki markup: by version 2 of the API, as webhooks tell them. */
export async function* commentPages(
  ticketId: string,
  what: string,
  { http }: Pick<JiraTools, "http">,
): AsyncGenerator<z.output<typeof commentRecord>[]> {
  const path = issuePath(ticketId, "comment", 2);
  for (let count = 0; count < MOST_PAGES; count++) {
    const query = { orderBy: "-created", startAt: count * PAGE, maxResults: PAGE };
    const page = read(await http.request({ method: "GET", path, query, what }), commentPage, what);
    yield page.comments;
    if ((count + 1) * PAGE >= page.total || page.comments.length === 0) return;
  }
}
