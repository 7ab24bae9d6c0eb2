import {
  cleanFields,
  cleanText,
  type HttpAnswer,
  type NewTicket,
  oneLine,
  PluginError,
  type RecordRef,
  type TicketStatus,
} from "deskferry/sdk";
import { z } from "zod";
import {
  read,
  refusalIn,
  refused,
  type TicketRecord,
  ticketRecord,
  warnOfLost,
  type ZammadTools,
} from "./records.ts";

type Fields = Record<string, unknown>;

const ticketList = z.array(ticketRecord);
const DAY_MS = 86_400_000;
/** Where a ticket's preferences hold the state that we set last. Staff do not see them. */
export const OWN_STATE = "deskferry_state";

export function ticketAddress({ settings }: ZammadTools, id: string): string {
  return `${settings.url}/#ticket/zoom/${id}`;
}

export async function createTicket(request: NewTicket, tools: ZammadTools): Promise<RecordRef> {
  const what = "create ticket";
  const query = { expand: "true" };
  const post = (json: Fields) =>
    tools.http.request({ method: "POST", path: "/tickets", query, json, what, accept: [422] });
  const attributes = { ...attributesOf(request, tools), [tools.settings.attribute]: request.externalId };
  const fields = { ...attributes, ...fieldsOf(request, tools) };
  const { assignee } = request.ticket;
  let answer = await post(assignee ? { ...fields, ...byNameOrNumber("owner", assignee) } : fields);
  if (answer.status === 422 && assignee && /'owner(_id)?'/.test(refusalIn(answer))) {
    tools.log.warn("Zammad has no agent for the group by the mapping's assignee: login, address or number");
    answer = await post(fields);
  }
  if (answer.status === 422) throw refusedTicket(answer, what, Object.keys(fields));
  const made = read(answer, ticketRecord, what);
  warnOfLost("tickets", attributes, made, tools);
  const kept = made[tools.settings.attribute];
  if (typeof kept === "string" && kept !== request.externalId)
    tools.warnOnce("our id was cut: let the attribute of tickets that holds it be 255 characters long");
  return { id: made.id, address: ticketAddress(tools, made.id) };
}

function refusedTicket(answer: HttpAnswer, what: string, sent: string[]): PluginError {
  if (!/'group(_id)?'/.test(refusalIn(answer))) return refused(answer, what, sent);
  const operatorMessage = `${what}: Zammad has no such group, see the setting group and the mapping's queue`;
  return new PluginError({ kind: "config", code: 422, operatorMessage });
}

function fieldsOf(request: NewTicket, { settings }: ZammadTools): Fields {
  const { contactId, ticket } = request;
  const title = oneLine(ticket.subject);
  return {
    title,
    customer_id: Number(contactId),
    ...byNameOrNumber("group", ticket.queue ?? settings.group),
    ...(ticket.priority ? { priority: settings.priorities[ticket.priority] } : {}),
    ...(ticket.tags?.length ? { tags: ticket.tags.map(tagOf).join(",") } : {}),
    article: firstArticle(title, request),
  };
}

/** Older versions make no ticket without an article. */
function firstArticle(title: string, { contactId, ticket }: NewTicket): Fields {
  const note = { type: "note", content_type: "text/plain", subject: title };
  if (!ticket.description) return { ...note, sender: "Agent", internal: true, body: title };
  const persons = { type: "web", sender: "Customer", origin_by_id: Number(contactId), internal: false };
  return { ...note, ...persons, body: cleanText(ticket.description) };
}

function byNameOrNumber(name: string, given: string): Fields {
  return /^\d+$/.test(given) ? { [`${name}_id`]: Number(given) } : { [name]: given };
}

/** Zammad parts tags at commas. */
function tagOf(tag: string): string {
  return cleanText(tag)
    .replace(/[\s,]+/g, " ")
    .trim();
}

function attributesOf({ ticket }: NewTicket, { settings, warnOnce }: ZammadTools): Fields {
  const { skills, due } = ticket;
  const extra = {
    skills: skills?.length ? skills.map(cleanText).join(", ") : undefined,
    firstAnswer: due?.firstAnswer,
    solution: due?.solution,
  };
  const attributes = cleanFields(ticket.custom);
  for (const [name, value] of Object.entries(extra) as [keyof typeof extra, string | undefined][]) {
    if (value === undefined) continue;
    const attribute = settings.fields[name];
    if (attribute) attributes[attribute] = value;
    else warnOnce(`the setting fields.${name} names no attribute, so that a ticket's ${name} is left out`);
  }
  return attributes;
}

/** Asked by conditions, Zammad looks into its database; asked by words, into an index that follows seconds behind. */
export async function findTickets(
  conditions: Fields,
  more: Fields,
  what: string,
  { http, settings }: ZammadTools,
): Promise<{ answer: HttpAnswer; tickets: TicketRecord[] }> {
  const json = { condition: conditions, expand: true, ...more };
  const answer = await http.request({ method: "POST", path: "/tickets/search", json, what, accept: [422] });
  if (answer.status !== 422) return { answer, tickets: read(answer, ticketList, what) };
  const operatorMessage = `${what}: Zammad refused the search; have its tickets an attribute ${settings.attribute}?`;
  throw new PluginError({ kind: "rejected", code: 422, operatorMessage });
}

export async function findTicket(externalId: string, tools: ZammadTools): Promise<RecordRef | undefined> {
  const { attribute } = tools.settings;
  const condition = { [`ticket.${attribute}`]: { operator: "is", value: externalId } };
  const newestFirst = { sort_by: "created_at", order_by: "desc", per_page: 20 };
  const { tickets } = await findTickets(condition, newestFirst, "look up ticket", tools);
  const found = tickets.find((ticket) => ticket[attribute] === externalId);
  return found && { id: found.id, address: ticketAddress(tools, found.id) };
}

/** Of the state Zammad tells no webhook who set it, so the state that we set stands beside it. */
export async function updateTicket(
  ticketId: string,
  { status }: { status: TicketStatus },
  tools: ZammadTools,
): Promise<void> {
  const what = "update ticket";
  const { http, settings, clock } = tools;
  const state = Object.keys(settings.statuses).find((each) => settings.statuses[each] === status);
  if (state === undefined) {
    const operatorMessage = `${what}: the setting statuses has no state of Zammad for "${status}"`;
    throw new PluginError({ kind: "config", operatorMessage });
  }
  const isWaiting = status === "pending" || status === "solved";
  const until = new Date(clock.now() + settings.pendingDays * DAY_MS).toISOString();
  const json = {
    state,
    preferences: { [OWN_STATE]: state },
    ...(isWaiting ? { pending_time: until } : {}),
  };
  const path = `/tickets/${encodeURIComponent(ticketId)}`;
  const query = { expand: "true" };
  const answer = await http.request({ method: "PUT", path, query, json, what, accept: [422] });
  if (answer.status === 422) throw refused(answer, what, Object.keys(json));
  const after = read(answer, ticketRecord, what);
  if (after.state === state) return;
  const operatorMessage = `${what}: Zammad left ticket ${after.id} at another state than "${state}"`;
  throw new PluginError({ kind: "rejected", operatorMessage });
}
