import { type HelpdeskEvent, type HttpAnswer, PluginError } from "deskferry/sdk";
import { z } from "zod";
import { commentEvent, type Origin, statusEvent } from "./events.ts";
import {
  type FoundChild,
  type FoundEvent,
  read,
  type TicketRecord,
  ticketEvent,
  ticketRecord,
  toStatus,
  userRecord,
} from "./records.ts";
import type { TicketTools } from "./tickets.ts";

const what = "list changes";
/** Zendesk shows what is older than a minute, and refuses a later start; the rest is for clocks that differ. */
const SETTLED_S = 120;
const MOST_AT_ONCE = 100;
const MOST_USERS = 5_000;

const eventPage = z.object({ ticket_events: z.array(ticketEvent), end_of_stream: z.boolean().nullish() });
const ticketsFound = z.object({ tickets: z.array(ticketRecord) });
const usersFound = z.object({ users: z.array(userRecord) });

type User = z.output<typeof userRecord>;

/** Users by number, over polls: who is staff changes seldom, and a change shows after a restart. */
export type KnownUsers = Map<string, User>;

/** Everything before `from` (seconds) is done, and of that second the events named. Written `1700000000,17,18`. */
interface Cursor {
  from: number;
  given: ReadonlySet<string>;
}

export async function listChanges(
  cursor: string | undefined,
  users: KnownUsers,
  tools: TicketTools,
): Promise<{ events: HelpdeskEvent[]; cursor: string; more: boolean }> {
  if (cursor === undefined) {
    const answer = await fetchFrom(nowOf(tools), tools);
    const now = nowOf(tools, answer);
    const page = read(answer, eventPage, what).ticket_events.filter(({ timestamp }) => timestamp >= now);
    return { events: [], cursor: nextCursor({ from: now, given: new Set() }, page), more: false };
  }
  const from = parseCursor(cursor);
  const page = read(await fetchFrom(from.from, tools), eventPage, what);
  const fresh = page.ticket_events.filter(
    ({ id, timestamp }) => timestamp >= from.from && !from.given.has(id),
  );
  const events = await eventsOf(fresh.filter(tellsSomething), users, tools);
  const next = nextCursor(from, fresh);
  return { events, cursor: next, more: page.end_of_stream === false && next !== cursor };
}

/** Also proves in `checkConnection` that the account may export. */
export function fetchFrom(seconds: number, { http, clock }: TicketTools): Promise<HttpAnswer> {
  const latest = Math.floor(clock.now() / 1000) - SETTLED_S;
  return http.request({
    method: "GET",
    path: "/api/v2/incremental/ticket_events.json",
    query: { start_time: Math.min(seconds, latest), include: "comment_events" },
    what,
  });
}

/** Seconds; by Zendesk's own clock where it tells the time. */
function nowOf({ clock }: TicketTools, answer?: HttpAnswer): number {
  const told = Date.parse(answer?.headers["date"] ?? "");
  return Math.floor((Number.isNaN(told) ? clock.now() : told) / 1000);
}

function parseCursor(cursor: string): Cursor {
  if (!/^\d+(,\d+)*$/.test(cursor)) {
    throw new PluginError({ kind: "bug", operatorMessage: `${what}: the cursor is not one of ours` });
  }
  const [from = "0", ...given] = cursor.split(",");
  return { from: Number(from), given: new Set(given) };
}

function nextCursor({ from, given }: Cursor, fresh: FoundEvent[]): string {
  const latest = Math.max(from, ...fresh.map(({ timestamp }) => timestamp));
  const ids = fresh.filter(({ timestamp }) => timestamp === latest).map(({ id }) => id);
  return [latest, ...(latest === from ? given : []), ...ids].join(",");
}

function tellsSomething({ child_events: children }: FoundEvent): boolean {
  return children.some((child) => isComment(child) || isStatusChange(child));
}

const isComment = (child: FoundChild) => child.event_type === "Comment";
const isStatusChange = (child: FoundChild) =>
  child.event_type === "Change" && typeof child.status === "string";

async function eventsOf(found: FoundEvent[], users: KnownUsers, tools: TicketTools) {
  const tickets = new Map<string, TicketRecord>();
  for (const ids of chunks(found.map(({ ticket_id: id }) => id))) {
    const page = read(await many("tickets", ids, tools), ticketsFound, what);
    for (const ticket of page.tickets) tickets.set(ticket.id, ticket);
  }
  const ours = found.filter(({ ticket_id: id }) => tickets.get(id)?.external_id);
  await learnUsers(ours, users, tools);
  return ours.flatMap((event) => {
    const ticket = tickets.get(event.ticket_id);
    return ticket ? toEvents(event, ticket, { users, tools }) : [];
  });
}

/** Zendesk's own doings have the number -1. */
async function learnUsers(found: FoundEvent[], users: KnownUsers, tools: TicketTools): Promise<void> {
  if (users.size > MOST_USERS) users.clear();
  const ids = found.flatMap(({ updater_id: updater, child_events: children }) =>
    [updater, ...children.map(({ author_id: author }) => author)].filter(
      (id) => typeof id === "string" && /^\d+$/.test(id) && !users.has(id),
    ),
  );
  for (const some of chunks(ids as string[])) {
    const page = read(await many("users", some, tools), usersFound, what);
    for (const user of page.users) if (user.id !== null) users.set(user.id, user);
  }
}

function many(kind: "tickets" | "users", ids: string[], { http }: TicketTools): Promise<HttpAnswer> {
  const query = { ids: ids.join(",") };
  return http.request({ method: "GET", path: `/api/v2/${kind}/show_many.json`, query, what });
}

function chunks(ids: string[]): string[][] {
  const all = [...new Set(ids)];
  const count = Math.ceil(all.length / MOST_AT_ONCE);
  return Array.from({ length: count }, (_, index) =>
    all.slice(index * MOST_AT_ONCE, (index + 1) * MOST_AT_ONCE),
  );
}

function toEvents(
  event: FoundEvent,
  ticket: TicketRecord,
  { users, tools }: { users: KnownUsers; tools: TicketTools },
): HelpdeskEvent[] {
  const origin = originOf(event, ticket, { users, tools });
  return event.child_events.flatMap((child) => {
    if (isComment(child) && child.id) {
      // A person who writes by mail or in the help centre is heard by staff, and needs no copy on WhatsApp.
      const isStaffs = isStaff(users.get(child.author_id ?? event.updater_id ?? ""));
      return commentEvent(origin, {
        id: child.id,
        isPublic: child.public === true && isStaffs,
        body: child.plain_body ?? child.body ?? "",
        files: (child.attachments ?? []).flatMap(({ content_url: address }) => address ?? []),
      });
    }
    if (!isStatusChange(child)) return [];
    const from = typeof child.previous_value === "string" ? child.previous_value : undefined;
    return statusEvent(origin, String(child.status), from) ?? [];
  });
}

function isStaff(user: User | undefined): boolean {
  return user?.role === "agent" || user?.role === "admin";
}

function originOf(
  { updater_id: updater, timestamp }: FoundEvent,
  ticket: TicketRecord,
  { users, tools }: { users: KnownUsers; tools: TicketTools },
): Origin {
  const author = updater ?? "-1";
  const name = users.get(author)?.name;
  const status = toStatus[ticket.status];
  return {
    at: new Date(timestamp * 1000).toISOString(),
    author: { id: author, isUs: author === tools.settings.accountId, ...(name ? { name } : {}) },
    ticket: {
      id: ticket.id,
      rawStatus: ticket.status,
      ...(status ? { status } : {}),
      ...(ticket.external_id ? { externalId: ticket.external_id } : {}),
      ...(ticket.subject ? { subject: ticket.subject } : {}),
      ...(ticket.assignee_id ? { assignee: ticket.assignee_id } : {}),
    },
  };
}
