import { type HelpdeskEvent, type HttpAnswer, PluginError } from "deskferry/sdk";
import { z } from "zod";
import { commentPages } from "./comments.ts";
import { type Cursor, type Looked, nextCursor, parseCursor } from "./cursor.ts";
import { commentEvent, momentOf, statusEvents } from "./events.ts";
import { type CommentRecord, changeItem, type IssueRecord, id, read, userRecord } from "./records.ts";
import type { Settings } from "./settings.ts";
import { clauseOf, foundIssues } from "./tickets.ts";
import type { JiraTools } from "./tools.ts";

const what = "list changes";
const PAGE = 100;
const MOST_PAGES = 500;
/** Issues that are read in one call; each costs a request for its comments. */
const BATCH = 40;
/** As many as Jira takes, of issues whose latest state the search must know. */
const MOST_RECONCILED = 50;
const MINUTE_MS = 60_000;
/** An issue that changed less long ago may change again without a later time. */
const SETTLED_MS = 2000;

const historyRecord = z.object({
  id,
  author: userRecord.nullish(),
  created: z.union([z.string(), z.number()]),
  items: z.array(changeItem),
});
const changePage = z.object({
  issueChangeLogs: z.array(z.object({ issueId: id, changeHistories: z.array(historyRecord) })),
  nextPageToken: z.string().nullish(),
});

type History = z.output<typeof historyRecord>;

/** Jira has no feed of changes: issues that changed are searched for, and their comments and history looked through. */
export async function listChanges(
  cursor: string | undefined,
  tools: JiraTools,
): Promise<{ events: HelpdeskEvent[]; cursor: string; more: boolean }> {
  if (cursor === undefined) return { events: [], cursor: await startNow(tools), more: false };
  const from = parseCursor(cursor);
  const looked = await look(from, tools);
  return { events: looked.events, cursor: nextCursor(from, looked), more: !looked.isWhole };
}

/** The second in which Jira answers is begun: what happened in it so far is taken as done. */
async function startNow(tools: JiraTools): Promise<string> {
  const empty = { ahead: 0, given: [], seen: [] };
  const { now, ahead } = await search({ ...empty, from: tools.clock.now() }, tools);
  const start: Cursor = { ...empty, from: now, ahead };
  const looked = await look(start, tools);
  return nextCursor(start, looked);
}

async function look(from: Cursor, tools: JiraTools): Promise<Looked> {
  const { issues, now, ahead } = await search(from, tools);
  const seen = new Map(from.seen.map(({ issue, updated }) => [issue, updated]));
  const due = issues.filter(({ id: issue, fields }) => {
    const updated = fields.updated ?? "";
    return !(Date.parse(updated) < from.from) && seen.get(issue) !== updated;
  });
  const batch = due.slice(0, BATCH);
  const given = new Set(from.given.map(([event]) => event));
  const found = [...(await statusChanges(batch, tools)), ...(await newComments(batch, from.from, tools))];
  const events = found.filter((event) => Date.parse(event.at) >= from.from && !given.has(event.id));
  return {
    events: events.sort(inOrder),
    now,
    ahead,
    read: batch.map(({ id: issue, fields: { updated } }) => {
      const isSettled = Date.parse(updated ?? "") <= now - SETTLED_MS;
      return { issue, updated: updated ?? "", isSettled };
    }),
    isWhole: batch.length === due.length,
  };
}

/** Of what happened at once, the words come first; numbers tell the order of words. */
function inOrder(left: HelpdeskEvent, right: HelpdeskEvent): number {
  const byTime = Date.parse(left.at) - Date.parse(right.at);
  if (byTime !== 0) return byTime;
  if (left.type !== right.type) return left.type === "comment.added" ? -1 : 1;
  return numberIn(left) - numberIn(right);
}

function numberIn({ id: event }: HelpdeskEvent): number {
  return Number(event.split("/").at(-1));
}

/**
 * Our tickets, the longest unchanged first, also those that were moved to another project. The time is told in minutes back from now, because Jira takes a date for one of
 * the account's time zone. What it has seen of late is reconciled, that is searched as it stands and not as it was indexed.
 */
async function search(from: Cursor, tools: JiraTools) {
  const { settings, clock } = tools;
  const field = settings.fields.ticket;
  const minutes = Math.max(1, Math.ceil((clock.now() + from.ahead - from.from) / MINUTE_MS)) + 1;
  const json = {
    jql: `${clauseOf(field)} IS NOT EMPTY AND updated >= -${minutes}m ORDER BY updated ASC`,
    fields: ["summary", "status", "assignee", "updated", field],
    maxResults: PAGE,
    ...(from.seen.length > 0 ? { reconcileIssues: latestOf(from).map(Number) } : {}),
  };
  const issues = new Map<string, IssueRecord>();
  let told: { now: number; ahead: number } | undefined;
  for await (const { page, answer } of pagesOf("/rest/api/3/search/jql", json, foundIssues, tools)) {
    told ??= timeOf(answer, tools);
    for (const issue of page.issues) if (issue.fields[field]) issues.set(issue.id, issue);
  }
  return { issues: [...issues.values()], ...(told ?? { now: clock.now(), ahead: 0 }) };
}

function latestOf({ seen }: Cursor): string[] {
  return seen.slice(-MOST_RECONCILED).map(({ issue }) => issue);
}

/** Each page names the next one; some searches have been seen to go round in circles. */
async function* pagesOf<T extends z.ZodType<{ nextPageToken?: string | null | undefined }>>(
  path: string,
  wanted: Record<string, unknown>,
  schema: T,
  { http }: JiraTools,
): AsyncGenerator<{ page: z.output<T>; answer: HttpAnswer }> {
  let next: { nextPageToken?: string } = {};
  for (let count = 0; count < MOST_PAGES; count++) {
    const answer = await http.request({ method: "POST", path, json: { ...wanted, ...next }, what });
    const page = read(answer, schema, what);
    yield { page, answer };
    if (!page.nextPageToken) return;
    next = { nextPageToken: page.nextPageToken };
  }
  throw new PluginError({ kind: "ambiguous", operatorMessage: `${what}: Jira's pages do not end` });
}

/** By Jira's own clock where it tells the time. */
function timeOf({ headers }: HttpAnswer, { clock }: JiraTools): { now: number; ahead: number } {
  const told = Date.parse(headers["date"] ?? "");
  const now = Number.isNaN(told) ? clock.now() : told;
  return { now, ahead: now - clock.now() };
}

async function newComments(batch: IssueRecord[], since: number, tools: JiraTools): Promise<HelpdeskEvent[]> {
  const events: HelpdeskEvent[] = [];
  for (const issue of batch) {
    const comments = await commentsSince(issue.key, since, tools);
    events.push(...comments.flatMap((comment) => commentEvent(comment, issue, tools.settings)));
  }
  return events;
}

/** Oldest first. The search may show an issue for a while that was deleted. */
async function commentsSince(key: string, since: number, tools: JiraTools): Promise<CommentRecord[]> {
  const comments: CommentRecord[] = [];
  try {
    for await (const page of commentPages(key, what, tools)) {
      const fresh = page.filter(({ created }) => !(Date.parse(created) < since));
      comments.push(...fresh);
      if (fresh.length < page.length) break;
    }
  } catch (error) {
    if (!(error instanceof PluginError) || error.kind !== "not_found") throw error;
  }
  return comments.reverse();
}

/** All that ever happened to the statuses of these issues, mostly by one call. */
async function statusChanges(batch: IssueRecord[], tools: JiraTools): Promise<HelpdeskEvent[]> {
  const events: HelpdeskEvent[] = [];
  if (batch.length === 0) return events;
  const issues = new Map(batch.map((issue) => [issue.id, issue]));
  const json = { issueIdsOrKeys: [...issues.keys()], fieldIds: ["status"], maxResults: 1000 };
  for await (const { page } of pagesOf("/rest/api/3/changelog/bulkfetch", json, changePage, tools)) {
    for (const { issueId, changeHistories } of page.issueChangeLogs) {
      const issue = issues.get(issueId);
      if (issue) events.push(...changeHistories.flatMap((one) => changeEvents(one, issue, tools.settings)));
    }
  }
  return events;
}

function changeEvents(
  { created, author, ...change }: History,
  issue: IssueRecord,
  settings: Settings,
): HelpdeskEvent[] {
  const at = momentOf(created);
  return at === undefined ? [] : statusEvents({ ...change, author, at }, issue, settings);
}
