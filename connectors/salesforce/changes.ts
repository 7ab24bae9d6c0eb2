import type { HelpdeskEvent, HttpAnswer } from "deskferry/sdk";
import { queryPath } from "./api.ts";
import { type Cursor, parseCursor } from "./cursor.ts";
import { commentSeen, type Seen, statusSeen } from "./events.ts";
import { commentRow, historyRow, ID_FIELD } from "./records.ts";
import { withFiles } from "./reply-files.ts";
import { moment, secondsOf } from "./soql.ts";
import type { CaseTools } from "./tickets.ts";

const what = "list changes";
const USUAL_LIMIT = 500;
/** A row has the time at which it was written, and is seen when its transaction ends. */
const SETTLED_S = 120;

const caseFields = (relation: string) =>
  [ID_FIELD, "Subject", "Status", "OwnerId", "Owner.Name"].map((field) => `${relation}.${field}`).join(", ");

interface Looked {
  /** In their order, up to the horizon. */
  seen: Seen[];
  /** The last second of which all is known; undefined: everything is. */
  horizon: number | undefined;
  /** Seconds, by Salesforce's own clock. */
  now: number;
}

/** Salesforce signs no webhooks (see setup.md): both queries together count as one call. */
export async function listChanges(
  cursor: string | undefined,
  tools: CaseTools,
): Promise<{ events: HelpdeskEvent[]; cursor: string; more: boolean }> {
  if (cursor === undefined) return { events: [], cursor: await startNow(tools), more: false };
  const from = parseCursor(cursor);
  const looked = await look(from, tools);
  const fresh = looked.seen.map(({ event }) => event).filter(({ id }) => !(id in from.given));
  const events: HelpdeskEvent[] = [];
  for (const event of fresh) events.push(await withFiles(event, tools));
  const next = nextCursor(from, looked);
  return { events, cursor: JSON.stringify(next), more: looked.horizon !== undefined };
}

/** Proves that the account may read all that polling asks for. */
export async function tryChanges(tools: CaseTools): Promise<void> {
  await look({ from: nowOf(tools), given: {}, limit: 1 }, tools);
}

/** What is there now counts as given. The first look tells the time, which our own clock may have wrong. */
async function startNow(tools: CaseTools): Promise<string> {
  const empty = { given: {}, limit: USUAL_LIMIT };
  const { now } = await look({ ...empty, from: nowOf(tools) - SETTLED_S }, tools);
  let cursor: Cursor = { ...empty, from: now - SETTLED_S };
  for (;;) {
    const looked = await look(cursor, tools);
    cursor = nextCursor(cursor, looked);
    if (looked.horizon === undefined) return JSON.stringify(cursor);
  }
}

async function look({ from, limit }: Cursor, tools: CaseTools): Promise<Looked> {
  const { api, settings } = tools;
  const requests = [comments(from, limit), statuses(from, limit)].map((soql) => ({
    method: "GET" as const,
    path: queryPath(soql),
  }));
  const { bodies, answer } = await api.together(requests, what);
  const commentRows = await api.rows(bodies[0], commentRow, what);
  const historyRows = await api.rows(bodies[1], historyRow, what);
  const reader = { settings, ownId: await api.ownId() };
  const ends = [
    ...(commentRows.length >= limit ? [secondsOf(commentRows.at(-1)?.SystemModstamp ?? "")] : []),
    ...(historyRows.length >= limit ? [secondsOf(historyRows.at(-1)?.CreatedDate ?? "")] : []),
  ];
  const horizon = ends.length > 0 ? Math.min(...ends) : undefined;
  const end = horizon ?? Number.POSITIVE_INFINITY;
  const spoken = commentRows.flatMap((row) => commentSeen(row, reader) ?? []);
  const changed = historyRows.flatMap((row) => statusSeen(row, reader) ?? []);
  return {
    // A status comes after the words that led to it, so after all of its second; the sort keeps the order of equal ones.
    seen: [
      ...spoken.filter(({ second }) => second <= end),
      ...changed.filter(({ second }) => second < end),
    ].sort((left, right) => left.second - right.second),
    horizon,
    now: nowOf(tools, answer),
  };
}

/** By the last change: what staff publish later comes, too. */
function comments(from: number, limit: number): string {
  const own = "Id, ParentId, CommentBody, IsPublished, CreatedById, CreatedDate, SystemModstamp";
  return [
    `SELECT ${own}, CreatedBy.Name, CreatedBy.UserType, ${caseFields("Parent")} FROM CaseComment`,
    `WHERE SystemModstamp >= ${moment(from)} AND Parent.${ID_FIELD} != null`,
    `ORDER BY SystemModstamp, Id LIMIT ${limit}`,
  ].join(" ");
}

function statuses(from: number, limit: number): string {
  const own = "Id, CaseId, OldValue, NewValue, CreatedById, CreatedDate";
  return [
    `SELECT ${own}, CreatedBy.Name, ${caseFields("Case")} FROM CaseHistory`,
    `WHERE Field = 'Status' AND CreatedDate >= ${moment(from)} AND Case.${ID_FIELD} != null`,
    `ORDER BY CreatedDate, Id LIMIT ${limit}`,
  ].join(" ");
}

/** Salesforce's time where its answer tells it. */
function nowOf({ clock }: CaseTools, answer?: HttpAnswer): number {
  const told = Date.parse(answer?.headers["date"] ?? "");
  return Math.floor((Number.isNaN(told) ? clock.now() : told) / 1000);
}

/** Up to the horizon, and some time back of now; a second with more rows than asked for is asked for whole. */
function nextCursor({ from, given, limit }: Cursor, { seen, horizon, now }: Looked): Cursor {
  const next = Math.max(from, Math.min(horizon ?? now, now - SETTLED_S));
  const isStuck = horizon !== undefined && next === from;
  const fresh = Object.fromEntries(seen.map(({ event, second }) => [event.id, second]));
  const all = Object.entries({ ...given, ...fresh });
  return {
    from: next,
    given: Object.fromEntries(all.filter(([, second]) => second >= next)),
    limit: isStuck ? limit * 2 : USUAL_LIMIT,
  };
}
