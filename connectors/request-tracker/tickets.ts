import {
  type Clock,
  cleanText,
  fromHttpResponse,
  type HttpClient,
  type NewTicket,
  oneLine,
  PluginError,
  type PluginLog,
  type RecordRef,
  type TicketStatus,
} from "deskferry/sdk";
import type { Queues } from "./queues.ts";
import { foundTicket, madeTicket, pageOf, quoted, read, type TicketRecord, ticketRecord } from "./records.ts";
import type { Settings } from "./settings.ts";

export interface TicketTools {
  http: HttpClient;
  settings: Settings;
  queues: Queues;
  log: PluginLog;
  clock: Clock;
}

export function ticketAddress(settings: Settings, id: string): string {
  return `${settings.url}/Ticket/Display.html?id=${id}`;
}

export async function createTicket(request: NewTicket, tools: TicketTools): Promise<RecordRef> {
  const { settings } = tools;
  const queue = request.ticket.queue ?? settings.queue;
  const fields = customFieldsOf(request, tools);
  await tools.queues.check(queue, Object.keys(fields));
  const what = "create ticket";
  const answer = await tools.http.request({
    method: "POST",
    path: "/ticket",
    json: ticketOf(request, queue, fields, settings),
    what,
    accept: [403],
  });
  if (answer.status === 403) {
    const operatorMessage = `${what}: the account ${settings.username} may not create tickets in the queue ${queue} (RT: right CreateTicket)`;
    throw new PluginError({ kind: "config", code: 403, operatorMessage });
  }
  const { id } = read(answer, madeTicket, what);
  await verify(id, request, tools);
  return { id, address: ticketAddress(settings, id) };
}

function ticketOf(
  { contactId, ticket }: NewTicket,
  queue: string,
  fields: Record<string, string | string[]>,
  settings: Settings,
): Record<string, unknown> {
  return {
    Queue: queue,
    Subject: oneLine(ticket.subject),
    Requestor: [contactId],
    CustomFields: fields,
    ...(ticket.priority ? { Priority: settings.priorities[ticket.priority] } : {}),
    ...(ticket.assignee ? { Owner: ticket.assignee } : {}),
    ...(ticket.due?.solution ? { Due: inUtc(ticket.due.solution) } : {}),
    ...(ticket.description ? { Content: cleanText(ticket.description), ContentType: "text/plain" } : {}),
  };
}

function customFieldsOf(
  { externalId, ticket }: NewTicket,
  { settings, log }: TicketTools,
): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(ticket.custom ?? {})) {
    if (value !== null) fields[name] = cleanText(String(value));
  }
  const firstAnswer = ticket.due?.firstAnswer;
  const extra = {
    tags: ticket.tags ?? [],
    skills: ticket.skills ?? [],
    firstAnswer: firstAnswer ? [inUtc(firstAnswer)] : [],
  };
  for (const [what, values] of Object.entries(extra) as [keyof typeof extra, string[]][]) {
    const field = settings.fields[what];
    if (values.length === 0) continue;
    if (field) fields[field] = values.map(cleanText);
    else log.warn(`RT has no ${what}: the setting fields.${what} names no custom field for it`);
  }
  fields[settings.fields.ticket] = externalId;
  return fields;
}

/** RT reads times as UTC and knows no fractions of a second (RT::Date, Set, format ISO). */
function inUtc(time: string): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * RT creates the ticket also when it ignores a custom field, the owner or the requestor. A ticket without our id
 * would be made again at every try, so it is closed and the operator asked. What cannot be read back is taken as
 * made: an error now would have the ticket made twice.
 */
async function verify(id: string, { externalId, ticket }: NewTicket, tools: TicketTools): Promise<void> {
  const { settings, log, queues } = tools;
  const made = await getTicket(id, tools).catch(() => undefined);
  if (!made) return;
  if (ticket.assignee && made.Owner?.id === "Nobody")
    log.warn("RT did not accept the assignee of a ticket", { ticket: id });
  if ((made.Requestor ?? []).length === 0)
    log.warn("RT did not accept the requestor of a ticket", { ticket: id });
  const field = settings.fields.ticket;
  if (made.CustomFields.get(field)?.includes(externalId)) return;
  queues.forget();
  const closed = rawStatus(settings, "closed");
  if (closed) await put(id, closed, tools).catch(() => undefined);
  const operatorMessage =
    `create ticket: RT made ticket ${id} without the custom field ${field}, it was closed again; ` +
    "load initialdata, or give the account SeeCustomField and ModifyCustomField on it (see setup.md)";
  throw new PluginError({ kind: "config", operatorMessage });
}

/** The ticket, also when it was merged into another; undefined when there is none. */
export async function getTicket(
  id: string,
  { http }: Pick<TicketTools, "http">,
): Promise<TicketRecord | undefined> {
  const what = "read ticket";
  const path = `/ticket/${encodeURIComponent(id)}`;
  const answer = await http.request({
    method: "GET",
    path,
    query: { "fields[Queue]": "Name" },
    what,
    accept: [404],
  });
  return answer.status === 404 ? undefined : read(answer, ticketRecord, what);
}

/** `EffectiveId` in the query makes RT show tickets too that staff merged into others. */
export async function findTicket(externalId: string, tools: TicketTools): Promise<RecordRef | undefined> {
  const what = "look up ticket";
  const field = tools.settings.fields.ticket;
  const answer = await tools.http.request({
    method: "GET",
    path: "/tickets",
    query: {
      query: `CF.{${field}} = ${quoted(externalId)} AND EffectiveId > 0`,
      fields: "CustomFields",
      per_page: 100,
      orderby: "id",
    },
    what,
  });
  const { items } = read(answer, pageOf(foundTicket), what);
  const found = items.find((item) => item.CustomFields.get(field)?.includes(externalId));
  return found && { id: found.id, address: ticketAddress(tools.settings, found.id) };
}

/** RT answers 200 to a status it does not know and to a change its lifecycle forbids, so the ticket is read again. */
export async function updateTicket(
  id: string,
  { status }: { status: TicketStatus },
  tools: TicketTools,
): Promise<void> {
  const { settings } = tools;
  const what = "update ticket";
  const raw = rawStatus(settings, status);
  if (!raw) {
    const operatorMessage = `${what}: the setting statuses names no status of RT for "${status}"`;
    throw new PluginError({ kind: "config", operatorMessage });
  }
  const { status: code } = await put(id, raw, tools);
  const after = code === 404 ? undefined : await getTicket(id, tools);
  if (!after) throw ticketGone(id, what);
  if (settings.statuses[after.Status] === status) return;
  const operatorMessage = `${what}: RT left ticket ${id} at "${after.Status}" instead of "${raw}"; does the queue's lifecycle allow it?`;
  throw new PluginError({ kind: "rejected", operatorMessage });
}

function put(id: string, raw: string, { http }: TicketTools) {
  const path = `/ticket/${encodeURIComponent(id)}`;
  return http.request({ method: "PUT", path, json: { Status: raw }, what: "update ticket", accept: [404] });
}

function rawStatus(settings: Settings, status: TicketStatus): string | undefined {
  return Object.entries(settings.statuses).find(([, word]) => word === status)?.[0];
}

export function ticketGone(id: string, what: string): PluginError {
  return new PluginError({ kind: "not_found", operatorMessage: `${what}: there is no ticket ${id}` });
}

/** RT answers 400 "Message could not be recorded" where the ticket is missing, and for other reasons too. */
export async function refusal(id: string, what: string, tools: TicketTools): Promise<PluginError> {
  const ticket = await getTicket(id, tools);
  return ticket
    ? fromHttpResponse({ status: 400, headers: {} }, what, tools.clock.now())
    : ticketGone(id, what);
}
