import { type Clock, type HelpdeskEvent, type HttpAnswer, readCursor } from "deskferry/sdk";
import { z } from "zod";
import { messagesOf } from "./comments.ts";
import { commentEvent, statusEvent, typeOf } from "./events.ts";
import {
  below,
  type ChatwootTools,
  type ConversationRecord,
  conversationPage,
  type MessageRecord,
  read,
} from "./records.ts";

const what = "list changes";
const PAGE = 100;
const MOST_PAGES = 200;
const MOST_STATUSES = 500;
/** How long a message may stay unseen while Chatwoot is still writing it. */
const SETTLED_S = 60;

/**
 * Messages are numbered when they begin and seen when they are committed: 17 may show up after 18. So the cursor stays
 * behind the youngest ones and names those that were already given. Changes of status leave no record with a number:
 * they are found by what the status was.
 */
const cursorShape = z.object({
  /** Conversations without activity since then (seconds) are done. */
  since: z.number(),
  /** Messages up to here are done, and those in `given`. */
  settled: z.number(),
  given: z.array(z.number()),
  /** Conversation and status, the latest active last. */
  statuses: z.array(z.tuple([z.string(), z.string()])),
});

type Cursor = z.output<typeof cursorShape>;

interface Found {
  /** For the order of events. */
  key: number;
  event: HelpdeskEvent;
}

export async function listChanges(
  cursor: string | undefined,
  tools: ChatwootTools & { clock: Clock },
): Promise<{ events: HelpdeskEvent[]; cursor: string; more: boolean }> {
  if (cursor === undefined) return { events: [], cursor: await startNow(tools), more: false };
  const from = parseCursor(cursor);
  const { conversations, now } = await activeSince(from.since - SETTLED_S, tools);
  const statuses = new Map(from.statuses);
  const given = new Set(from.given);
  const found: Found[] = [];
  const messages: MessageRecord[] = [];
  let end = Number.POSITIVE_INFINITY;
  for (const conversation of conversations.reverse()) {
    const page = await newMessages(conversation, from.settled, tools);
    if (page.length === PAGE) end = Math.min(end, ...page.slice(-1).map(({ id }) => id));
    messages.push(...page);
    found.push(...changesIn(conversation, page, { given, statuses, tools }));
  }
  found.sort((left, right) => left.key - right.key);
  const isCut = Number.isFinite(end);
  const next = {
    since: isCut ? from.since : Math.max(from.since, now),
    ...settle(from.settled, messages, { now, end }),
    statuses: [...statuses].slice(-MOST_STATUSES),
  };
  return { events: found.map(({ event }) => event), cursor: JSON.stringify(next), more: isCut };
}

async function startNow(tools: ChatwootTools & { clock: Clock }): Promise<string> {
  const answer = await listPage(1, tools);
  const conversations = read(answer, conversationPage, what);
  const ids = conversations.flatMap(({ messages }) => (messages ?? []).map(({ id }) => id));
  const cursor: Cursor = {
    since: nowOf(answer, tools.clock),
    settled: Math.max(0, ...ids),
    given: [],
    statuses: conversations.map(({ id, status }): [string, string] => [id, status]).reverse(),
  };
  return JSON.stringify(cursor);
}

const parseCursor = (text: string): Cursor => readCursor(text, cursorShape);

/** Seconds; by Chatwoot's own clock where it tells the time. */
function nowOf(answer: HttpAnswer, clock: Clock): number {
  const told = Date.parse(answer.headers["date"] ?? "");
  return Math.floor((Number.isNaN(told) ? clock.now() : told) / 1000);
}

function listPage(page: number, { http, settings }: ChatwootTools): Promise<HttpAnswer> {
  const query = { inbox_id: settings.inbox, status: "all", assignee_type: "all", page };
  return http.request({ method: "GET", path: below(settings, "conversations"), query, what });
}

/** The list begins with the latest activity. A conversation that moves up while we turn pages is met twice. */
async function activeSince(since: number, tools: ChatwootTools & { clock: Clock }) {
  const conversations = new Map<string, ConversationRecord>();
  let now = 0;
  for (let page = 1; page <= MOST_PAGES; page++) {
    const answer = await listPage(page, tools);
    if (page === 1) now = nowOf(answer, tools.clock);
    const listed = read(answer, conversationPage, what);
    const active = listed.filter(({ last_activity_at: at }) => (at ?? since) >= since);
    for (const conversation of active)
      if (!conversations.has(conversation.id)) conversations.set(conversation.id, conversation);
    if (active.length < listed.length || listed.length === 0) break;
  }
  return { conversations: [...conversations.values()], now };
}

/** The list shows the last message of each conversation, which saves a call where it is known. */
async function newMessages(
  { id, messages }: ConversationRecord,
  settled: number,
  tools: ChatwootTools,
): Promise<MessageRecord[]> {
  if (messages && !messages.some((message) => message.id > settled)) return [];
  return messagesOf(id, settled, tools, what);
}

function changesIn(
  conversation: ConversationRecord,
  messages: MessageRecord[],
  { given, statuses, tools }: { given: Set<number>; statuses: Map<string, string>; tools: ChatwootTools },
): Found[] {
  const found: Found[] = [];
  for (const message of messages) {
    if (given.has(message.id)) continue;
    const event = commentEvent(message, conversation, tools.settings);
    if (event) found.push({ key: message.id, event });
  }
  const before = statuses.get(conversation.id);
  const mark = messages.findLast((message) => typeOf(message) === "activity");
  // One whose status we never saw was open when it was made. What changed it has left a message of its own, maybe a
  // moment later: until that is there, nothing is known.
  if (before === undefined && !mark && conversation.status !== "open") return found;
  statuses.delete(conversation.id);
  statuses.set(conversation.id, conversation.status);
  if ((before ?? "open") === conversation.status) return found;
  const at = mark?.created_at ?? conversation.last_activity_at ?? "";
  const event = statusEvent(conversation, at, before);
  if (event) found.push({ key: mark?.id ?? Number.MAX_SAFE_INTEGER, event });
  return found;
}

/** A full page is settled whatever its age, lest a burst of messages stop us for a minute. */
function settle(
  before: number,
  messages: MessageRecord[],
  { now, end }: { now: number; end: number },
): Pick<Cursor, "settled" | "given"> {
  const ids = messages.map(({ id }) => id);
  const young = messages.filter(({ created_at: at }) => Number(at) > now - SETTLED_S).map(({ id }) => id);
  const firstYoung = Math.min(...young);
  const old = ids.filter((id) => id < firstYoung);
  const settled = Number.isFinite(end) ? end : Math.max(before, ...old);
  return { settled, given: ids.filter((id) => id > settled) };
}
