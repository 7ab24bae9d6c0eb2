import type { HelpdeskEvent } from "deskferry/sdk";
import { type Cursor, LATEST_MS, parseCursor, writeCursor } from "./cursor.ts";
import { type Context, commentEvent, statusEvent } from "./events.ts";
import {
  type FoundMessage,
  type FoundTicket,
  isOfChange,
  isWritten,
  messagesSince,
  readFileNames,
  readMessages,
  readTickets,
  readTimes,
} from "./found.ts";
import { timeOf } from "./records.ts";
import type { OdooTools } from "./tools.ts";

const PAGE = 200;
const DAY_MS = 24 * 3_600_000;
/** By which the clocks of Odoo and of its database may differ. */
const SKEW_MS = 5_000;

/** Both replies and changes of stage leave a message behind. Those of tickets that are not ours are passed over. */
export async function listChanges(
  text: string | undefined,
  tools: OdooTools,
): Promise<{ events: HelpdeskEvent[]; cursor: string; more: boolean }> {
  if (text === undefined) return { events: [], cursor: await startingNow(tools), more: false };
  const cursor = parseCursor(text);
  const fresh = await messagesSince(
    cursor.since,
    cursor.seen.map(([id]) => id),
    tools,
  );
  const messages = fresh.length > 0 ? await readMessages(fresh.slice(0, PAGE), tools) : [];
  const more = fresh.length > PAGE;
  const events = await eventsOf(messages, tools);
  return { events, cursor: writeCursor(withSeen(cursor, messages), !more), more };
}

/** By Odoo's clock, which its newest message tells. */
async function startingNow(tools: OdooTools): Promise<string> {
  const [newest] = await readTimes(undefined, tools);
  const since = newest ? timeOf(newest.create_date) - LATEST_MS : tools.clock.now() - DAY_MS;
  return writeCursor(withSeen({ since, seen: [] }, await readTimes(since, tools)), true);
}

function withSeen({ since, seen }: Cursor, messages: { id: number; create_date: string }[]): Cursor {
  const added = messages.map((message): [number, number] => [message.id, timeOf(message.create_date) / 1000]);
  return { since, seen: [...seen, ...added] };
}

async function eventsOf(messages: FoundMessage[], tools: OdooTools): Promise<HelpdeskEvent[]> {
  const { directory } = tools;
  const tickets = await readTickets(
    messages.flatMap(({ res_id: id }) => (id === false ? [] : id)),
    tools,
  );
  const ours = messages.flatMap((message) => {
    const ticket = tickets.get(Number(message.res_id));
    return ticket ? { message, ticket } : [];
  });
  if (ours.length === 0) return [];
  const written = ours.map(({ message }) => message).filter(isWritten);
  const staff = await directory.staffAmong([
    ...new Set(written.flatMap(({ author_id: author }) => author?.id ?? [])),
  ]);
  const shared = {
    account: (await directory.account()).id,
    internalSubtypes: await directory.internalSubtypes(),
    files: await readFileNames(
      written.flatMap(({ attachment_ids: ids }) => ids),
      tools,
    ),
  };
  const changes = changesOfStage(ours);
  return ours.flatMap(({ message, ticket }) => {
    const context: Context = { ...shared, ticket, isStaff: staff.has(message.author_id?.id ?? 0) };
    if (isWritten(message)) return commentEvent(message, context) ?? [];
    return changes.has(message.id) ? (statusEvent(message, context) ?? []) : [];
  });
}

/**
 * Which message tells of each ticket's last change of stage: what changed is shown to administrators only, so it is the
 * nearest one in time. Odoo saves it with the time at which the request began.
 */
function changesOfStage(ours: { message: FoundMessage; ticket: FoundTicket }[]): ReadonlySet<number> {
  const nearest = new Map<number, { id: number; distance: number }>();
  for (const { message, ticket } of ours) {
    if (!isOfChange(message) || ticket.stageTime === undefined) continue;
    const after = ticket.stageTime - timeOf(message.create_date);
    if (after < -SKEW_MS || after > LATEST_MS) continue;
    const distance = Math.abs(after);
    const best = nearest.get(ticket.id);
    if (!best || distance <= best.distance) nearest.set(ticket.id, { id: message.id, distance });
  }
  return new Set([...nearest.values()].map(({ id }) => id));
}
