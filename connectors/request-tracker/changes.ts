import { type HelpdeskEvent, type HttpAnswer, PluginError } from "deskferry/sdk";
import { type Change, toEvent } from "./events.ts";
import {
  attachmentContent,
  type FoundTransaction,
  foundAttachment,
  foundTransaction,
  pageOf,
  quoted,
  read,
  type TicketRecord,
  userRecord,
} from "./records.ts";
import { getTicket, type TicketTools } from "./tickets.ts";

const PAGE = 100;
/** How long a transaction may stay unseen while RT is still writing it: scrips and mail run before the commit. */
const SETTLED_AFTER_MS = 60_000;
const what = "list changes";

/**
 * Transactions are numbered when they begin and seen when they are committed: 17 may show up after 18. So the
 * cursor stays behind the youngest ones and names those that were already given: `16,18`.
 */
interface Cursor {
  /** Everything up to here is done. */
  settled: number;
  given: ReadonlySet<number>;
}

/** What several changes of one page have in common, fetched once. */
interface Seen {
  tickets: Map<string, Promise<TicketRecord | undefined>>;
  creators: Map<string, Promise<Change["creator"]>>;
}

export async function listChanges(
  cursor: string | undefined,
  tools: TicketTools,
): Promise<{ events: HelpdeskEvent[]; cursor: string; more: boolean }> {
  if (cursor === undefined) return { events: [], cursor: await newest(tools), more: false };
  const from = parseCursor(cursor);
  const answer = await search({ after: from.settled, order: "ASC" }, tools);
  const page = read(answer, pageOf(foundTransaction), what).items;
  const seen: Seen = { tickets: new Map(), creators: new Map() };
  const events: HelpdeskEvent[] = [];
  for (const transaction of page) {
    if (from.given.has(Number(transaction.id))) continue;
    const event = await eventOf(transaction, seen, tools);
    if (event) events.push(event);
  }
  return { events, cursor: nextCursor(from, page, nowOf(answer, tools)), more: page.length === PAGE };
}

interface Search {
  after: number;
  order: "ASC" | "DESC";
  page?: number;
}

/** Changes of the account itself are left out: they are most of them, and nobody waits for them. */
function search({ after, order, page = 1 }: Search, { http, settings }: TicketTools) {
  const conditions = [
    "ObjectType = 'RT::Ticket'",
    `id > ${after}`,
    "(Type = 'Status' OR Type = 'Correspond' OR Type = 'Comment')",
    `Creator != ${quoted(settings.username)}`,
  ];
  return http.request({
    method: "GET",
    path: "/transactions",
    query: {
      query: conditions.join(" AND "),
      fields: "Type,ObjectId,OldValue,NewValue,Created,Creator,CustomFields",
      orderby: "id",
      order,
      per_page: PAGE,
      page,
    },
    what,
  });
}

async function newest(tools: TicketTools): Promise<string> {
  const answer = await search({ after: 0, order: "DESC" }, tools);
  return read(answer, pageOf(foundTransaction), what).items[0]?.id ?? "0";
}

/**
 * RT looks for tickets that the account may see (UseSQLForACLChecks) and takes comments that it may not see out of
 * the pages afterwards. A page of nothing but such comments would look like the end, and polling would stand still.
 */
export async function seesEverything(tools: TicketTools): Promise<boolean> {
  const counts: number[] = [];
  for (const page of [1, 2]) {
    const answer = await search({ after: 0, order: "DESC", page }, tools);
    counts.push(read(answer, pageOf(foundTransaction), what).items.length);
  }
  const [first = 0, second = 0] = counts;
  return first === PAGE || second === 0;
}

function parseCursor(cursor: string): Cursor {
  if (!/^\d+(,\d+)*$/.test(cursor)) {
    throw new PluginError({ kind: "bug", operatorMessage: `${what}: the cursor is not one of ours` });
  }
  const [settled = 0, ...given] = cursor.split(",").map(Number);
  return { settled, given: new Set(given) };
}

/** By RT's own clock, so that ours may be wrong. */
function nowOf(answer: HttpAnswer, tools: TicketTools): number {
  const now = Date.parse(answer.headers["date"] ?? "");
  return Number.isNaN(now) ? tools.clock.now() : now;
}

/** A full page is settled whatever its age, lest a burst of changes stop us for a minute. */
function nextCursor(from: Cursor, page: FoundTransaction[], now: number): string {
  const isOld = ({ Created }: FoundTransaction) => now - Date.parse(Created) > SETTLED_AFTER_MS;
  const young = page.length === PAGE ? page.length : page.findIndex((transaction) => !isOld(transaction));
  const settledCount = young === -1 ? page.length : young;
  const settled = Number(page[settledCount - 1]?.id ?? from.settled);
  return [settled, ...page.slice(settledCount).map(({ id }) => Number(id))].join(",");
}

async function eventOf(
  transaction: FoundTransaction,
  seen: Seen,
  tools: TicketTools,
): Promise<HelpdeskEvent | undefined> {
  const ticketId = transaction.ObjectId;
  const ticket = await once(seen.tickets, ticketId, () => getTicket(ticketId, tools));
  const externalId = ticket?.CustomFields.get(tools.settings.fields.ticket)?.[0];
  if (!ticket || !externalId) return undefined;
  const creatorName = transaction.Creator.id;
  const creator = await once(seen.creators, creatorName, () => creatorOf(creatorName, tools));
  const content =
    transaction.Type === "Status" ? { attachments: [] } : await contentOf(transaction.id, tools);
  return toEvent(
    {
      id: transaction.id,
      type: transaction.Type,
      old: transaction.OldValue || undefined,
      new: transaction.NewValue || undefined,
      created: transaction.Created,
      creator,
      ...content,
      ticket: {
        id: ticket.id,
        externalId,
        status: ticket.Status,
        subject: ticket.Subject ?? undefined,
        queue: ticket.Queue.Name ?? undefined,
        owner: ticket.Owner?.id,
      },
    },
    tools.settings,
  );
}

function once<T>(known: Map<string, Promise<T>>, key: string, load: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? load();
  known.set(key, value);
  return value;
}

/** Lists of transactions do not tell whether somebody is staff. */
async function creatorOf(name: string, { http }: TicketTools): Promise<Change["creator"]> {
  const path = `/user/${encodeURIComponent(name)}`;
  const answer = await http.request({ method: "GET", path, what, accept: [404] });
  if (answer.status === 404) return { name, privileged: false };
  const user = read(answer, userRecord, what);
  return { name, realName: user.RealName ?? undefined, privileged: user.Privileged };
}

/** The text as the scrip chooses it: the first plain part, else the first page; files have names. */
async function contentOf(
  transactionId: string,
  { http }: TicketTools,
): Promise<Pick<Change, "text" | "attachments">> {
  const answer = await http.request({
    method: "GET",
    path: `/transaction/${encodeURIComponent(transactionId)}/attachments`,
    query: { fields: "Filename,ContentType", per_page: PAGE, orderby: "id" },
    what,
  });
  const parts = read(answer, pageOf(foundAttachment), what).items;
  const attachments = parts.flatMap(({ id, Filename }) => (Filename ? [{ id, name: Filename }] : []));
  for (const type of ["text/plain", "text/html"]) {
    for (const part of parts) {
      if (part.Filename || part.ContentType?.toLowerCase() !== type) continue;
      const content = await textOf(part.id, http);
      if (content !== "") return { text: { type, content }, attachments };
    }
  }
  return { attachments };
}

async function textOf(attachmentId: string, http: TicketTools["http"]): Promise<string> {
  const path = `/attachment/${encodeURIComponent(attachmentId)}`;
  const answer = await http.request({ method: "GET", path, what });
  return Buffer.from(read(answer, attachmentContent, what).Content ?? "", "base64").toString("utf8");
}
