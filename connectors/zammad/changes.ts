import { type HelpdeskEvent, type HttpAnswer, PluginError } from "deskferry/sdk";
import { type Cursor, parseCursor } from "./cursor.ts";
import { commentEvent, externalIdOf, statusEvent } from "./events.ts";
import {
  articleRecord,
  type HistoryEntry,
  historyRecord,
  read,
  type TicketRecord,
  type ZammadTools,
} from "./records.ts";
import { findTickets } from "./tickets.ts";

const what = "list changes";
const PAGE = 50;
/** How long a change may come to light after its time. */
const SETTLED_MS = 30_000;

interface Found {
  entry: HistoryEntry;
  event: HelpdeskEvent;
}

interface Looked {
  tickets: TicketRecord[];
  found: Found[];
  seen: Record<string, number>;
  /** By Zammad's own clock. */
  now: number;
}

/** Tickets of ours that changed are listed, and the history of each tells what, when and by whom. */
export async function listChanges(
  cursor: string | undefined,
  tools: ZammadTools,
): Promise<{ events: HelpdeskEvent[]; cursor: string; more: boolean }> {
  if (cursor === undefined) return { events: [], cursor: await startNow(tools), more: false };
  const from = parseCursor(cursor);
  const looked = await look(from, tools);
  const next = nextCursor(from, looked);
  return {
    events: looked.found.map(({ event }) => event),
    cursor: JSON.stringify(next),
    more: looked.tickets.length === PAGE,
  };
}

/** What happened in the last second is taken as done. */
async function startNow(tools: ZammadTools): Promise<string> {
  const at = tools.clock.now() - 1000;
  const { found, seen, now } = await look({ from: at, at, page: 1, given: [], seen: {} }, tools);
  const from = Math.min(now - 1000, at);
  const cursor: Cursor = { from, at: from, page: 1, given: found.map(marked), seen };
  return JSON.stringify(cursor);
}

async function look(from: Cursor, tools: ZammadTools): Promise<Looked> {
  const { attribute } = tools.settings;
  const conditions = {
    [`ticket.${attribute}`]: { operator: "contains", value: "deskferry/" },
    "ticket.updated_at": { operator: "after (absolute)", value: new Date(from.at).toISOString() },
  };
  const oldestFirst = { sort_by: "updated_at", order_by: "asc", per_page: PAGE, page: from.page };
  const { answer, tickets } = await findTickets(conditions, oldestFirst, what, tools);
  const seen: Record<string, number> = {};
  const found: Found[] = [];
  for (const ticket of tickets) {
    const changed = Date.parse(ticket.updated_at);
    if (changed < from.at || !externalIdOf(ticket, tools.settings)) throw ignoredConditions();
    seen[ticket.id] = changed;
    if (from.seen[ticket.id] !== changed) found.push(...(await changesOf(ticket, from, tools)));
  }
  found.sort((left, right) => left.entry.id - right.entry.id);
  return { tickets, found, seen, now: nowOf(answer, tools) };
}

/** Without this we would go through all tickets there ever were. */
function ignoredConditions(): PluginError {
  const operatorMessage = `${what}: Zammad did not heed the conditions of the search, see "Versions" in setup.md`;
  return new PluginError({ kind: "config", operatorMessage });
}

function nowOf(answer: HttpAnswer, { clock }: ZammadTools): number {
  const told = Date.parse(answer.headers["date"] ?? "");
  return Number.isNaN(told) ? clock.now() : told;
}

async function changesOf(ticket: TicketRecord, from: Cursor, tools: ZammadTools): Promise<Found[]> {
  const path = `/ticket_history/${encodeURIComponent(ticket.id)}`;
  const { history } = read(await tools.http.request({ method: "GET", path, what }), historyRecord, what);
  const given = new Set(from.given.map(([number]) => number));
  const found: Found[] = [];
  for (const entry of history) {
    if (Date.parse(entry.created_at) < from.from || given.has(entry.id)) continue;
    const event = await eventOf(entry, ticket, tools);
    if (event) found.push({ entry, event });
  }
  return found;
}

/** Our own articles are not asked for: nobody needs their echo. */
async function eventOf(
  entry: HistoryEntry,
  ticket: TicketRecord,
  tools: ZammadTools,
): Promise<HelpdeskEvent | undefined> {
  const { settings } = tools;
  const { object, type, attribute, o_id: id, created_by_id: author } = entry;
  const isUs = author === settings.account;
  if (object === "Ticket::Article" && type === "created" && !isUs) return articleEvent(id, ticket, tools);
  if (object !== "Ticket" || type !== "updated" || attribute !== "state" || !entry.value_to) return undefined;
  const { created_at: at, value_from: before, value_to: to } = entry;
  return statusEvent(
    { at, author: { id: author, isUs }, to, ...(before ? { from: before } : {}) },
    ticket,
    settings,
  );
}

/** Undefined for one that was deleted since. */
async function articleEvent(id: string, ticket: TicketRecord, { http, settings }: ZammadTools) {
  const path = `/ticket_articles/${encodeURIComponent(id)}`;
  const answer = await http.request({ method: "GET", path, query: { expand: "true" }, what, accept: [404] });
  return answer.status === 404
    ? undefined
    : commentEvent(read(answer, articleRecord, what), ticket, settings);
}

function marked({ entry }: Found): [number, number] {
  return [entry.id, Date.parse(entry.created_at)];
}

/** After a full page the list goes on behind it; what is done is decided at its end, since a ticket's history is longer. */
function nextCursor(cursor: Cursor, { tickets, found, seen, now }: Looked): Cursor {
  const given = [...cursor.given, ...found.map(marked)];
  const all = { ...cursor.seen, ...seen };
  if (tickets.length === PAGE) {
    const last = Date.parse(tickets.at(-1)?.updated_at ?? "");
    return { ...cursor, at: last, page: last === cursor.at ? cursor.page + 1 : 1, given, seen: all };
  }
  const from = Math.max(cursor.from, now - SETTLED_MS);
  return {
    from,
    at: from,
    page: 1,
    given: given.filter(([, at]) => at >= from),
    seen: Object.fromEntries(Object.entries(all).filter(([, at]) => at >= from)),
  };
}
