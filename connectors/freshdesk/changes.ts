import type { HelpdeskEvent } from "deskferry/sdk";
import { conversationsOf } from "./conversations.ts";
import { type Cursor, parseCursor, secondsOf } from "./cursor.ts";
import { commentEvent, knownStatus, statusEvent } from "./events.ts";
import { read, type TicketRecord, ticketList } from "./records.ts";
import type { TicketTools } from "./tickets.ts";

const what = "list changes";
/** Few at a time, since each ticket costs a call for its comments, and Freshdesk counts calls by the minute. */
const PAGE = 30;
/** How long a change may come to light after its time. */
const SETTLED_S = 30;
const MOST_STATUSES = 500;

interface Looked {
  events: HelpdeskEvent[];
  /** Seconds, by Freshdesk's own clock. */
  now: number;
  tickets: TicketRecord[];
  seen: Record<string, number>;
  statuses: Cursor["statuses"];
}

/**
 * Freshdesk has no feed of changes for others: tickets that changed are listed, and their comments looked through. Its
 * automations could send webhooks, but unsigned and without the number of a comment; see setup.md.
 */
export async function listChanges(
  cursor: string | undefined,
  tools: TicketTools,
): Promise<{ events: HelpdeskEvent[]; cursor: string; more: boolean }> {
  if (cursor === undefined) return { events: [], cursor: await startNow(tools), more: false };
  const from = parseCursor(cursor);
  const looked = await look(from, tools);
  const events = looked.events.filter(({ id }) => !from.given.includes(id));
  const next = nextCursor(from, { ...looked, events });
  return { events, cursor: JSON.stringify(next), more: looked.tickets.length === PAGE };
}

const EMPTY = { page: 1, given: [], seen: {}, statuses: {} };

/** What happened in this very second is taken as done. */
async function startNow(tools: TicketTools): Promise<string> {
  const now = Math.floor(tools.clock.now() / 1000);
  const { events, now: theirs, statuses } = await look({ ...EMPTY, from: now - 1, at: now - 1 }, tools);
  const given = events.map(({ id }) => id);
  const cursor: Cursor = { ...EMPTY, from: theirs - 1, at: theirs - 1, given, statuses };
  return JSON.stringify(cursor);
}

async function look(cursor: Cursor, tools: TicketTools): Promise<Looked> {
  const answer = await tools.http.request({
    method: "GET",
    path: "/tickets",
    query: {
      updated_since: new Date((cursor.at - 1) * 1000).toISOString().replace(/\.\d+Z$/, "Z"),
      order_by: "updated_at",
      order_type: "asc",
      include: "stats",
      per_page: PAGE,
      page: cursor.page,
    },
    what,
  });
  const tickets = read(answer, ticketList, what);
  const told = secondsOf(answer.headers["date"] ?? "");
  const now = Number.isNaN(told) ? Math.floor(tools.clock.now() / 1000) : told;
  const events: HelpdeskEvent[] = [];
  const seen: Record<string, number> = {};
  const statuses = { ...cursor.statuses };
  for (const ticket of tickets.filter(isOurs(tools))) {
    const changed = secondsOf(ticket.updated_at);
    // A second that is not over may hold further changes.
    if (changed < now - 1) seen[ticket.id] = changed;
    if (cursor.seen[ticket.id] === changed) continue;
    events.push(...(await eventsOf(ticket, cursor, tools)));
    const known = knownStatus(ticket, tools.settings);
    if (known) statuses[ticket.id] = known;
    else delete statuses[ticket.id];
  }
  return { events: events.sort(inOrder), now, tickets, seen, statuses };
}

function isOurs({ settings }: TicketTools) {
  return ({ custom_fields: fields }: TicketRecord) => {
    const externalId = fields[settings.fields.ticket];
    return typeof externalId === "string" && externalId !== "";
  };
}

async function eventsOf(ticket: TicketRecord, cursor: Cursor, tools: TicketTools): Promise<HelpdeskEvent[]> {
  const { from } = cursor;
  const status = statusEvent(ticket, cursor.statuses[ticket.id], tools.settings);
  const events: HelpdeskEvent[] = status && secondsOf(status.at) >= from ? [status] : [];
  const ownId = await tools.directory.ownId();
  for await (const conversation of conversationsOf(ticket.id, what, tools)) {
    if (secondsOf(conversation.created_at) >= from) {
      events.push(commentEvent(conversation, ticket, { ownId, settings: tools.settings }));
    }
  }
  return events;
}

/** Within a second the numbers of comments tell the order; a status comes after the words that led to it. */
function inOrder(left: HelpdeskEvent, right: HelpdeskEvent): number {
  const numberIn = (event: HelpdeskEvent) =>
    event.type === "comment.added" ? Number(event.commentId) : Number.POSITIVE_INFINITY;
  const byTime = secondsOf(left.at) - secondsOf(right.at);
  if (byTime !== 0) return byTime;
  const [first, second] = [numberIn(left), numberIn(right)];
  return first === second ? 0 : first - second;
}

/**
 * After a full page the list goes on from its last second. What is done is decided at the end of the list only: tickets
 * that stand there for something late may hold something early, too. Some seconds back, for what comes to light late.
 */
function nextCursor(cursor: Cursor, { events, now, tickets, seen, statuses }: Looked): Cursor {
  const known = { ...cursor.seen, ...seen };
  // In the order of their numbers, so that the oldest tickets are let go.
  const latest = Object.fromEntries(Object.entries(statuses).slice(-MOST_STATUSES));
  const given = [...cursor.given, ...events.map(({ id }) => id)];
  if (tickets.length === PAGE) {
    const last = Math.max(cursor.at, secondsOf(tickets.at(-1)?.updated_at ?? ""));
    const page = last === cursor.at ? cursor.page + 1 : 1;
    return { from: cursor.from, at: last, page, given, seen: known, statuses: latest };
  }
  const from = Math.max(cursor.from, now - SETTLED_S);
  return {
    from,
    at: from,
    page: 1,
    given: given.filter((id) => secondIn(id) >= from),
    seen: Object.fromEntries(Object.entries(known).filter(([, at]) => at >= from - 1)),
    statuses: latest,
  };
}

/** Ids tell their second, so that those behind us can be let go. */
function secondIn(id: string): number {
  return Number(/@(\d+)$/.exec(id)?.[1] ?? Number.POSITIVE_INFINITY);
}
