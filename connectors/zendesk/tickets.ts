import { createHash } from "node:crypto";
import {
  type Clock,
  cleanText,
  type HttpAnswer,
  type HttpClient,
  type NewTicket,
  oneLine,
  PluginError,
  type PluginLog,
  type RecordRef,
  type TicketStatus,
} from "deskferry/sdk";
import { z } from "zod";
import type { Directory } from "./directory.ts";
import { numberOf, read, refusalOf, ticketRecord, toStatus } from "./records.ts";
import type { Settings } from "./settings.ts";

export interface TicketTools {
  http: HttpClient;
  settings: Settings;
  directory: Directory;
  log: PluginLog;
  clock: Clock;
  /** The same words once only: what the helpdesk cannot keep is so for every ticket. */
  warnOnce(message: string): void;
}

const oneTicket = z.object({ ticket: ticketRecord });
const ticketList = z.object({ tickets: z.array(ticketRecord) });

export function ticketAddress(settings: Settings, id: string): string {
  return `${settings.url}/agent/tickets/${id}`;
}

/**
 * The key makes Zendesk give the first answer again for two hours. External ids alone would not do, they need not be
 * unique there.
 */
export async function createTicket(request: NewTicket, tools: TicketTools): Promise<RecordRef> {
  const what = "create ticket";
  const { http, settings, warnOnce } = tools;
  const ticket = await ticketOf(request, tools);
  const answer = await http.request({
    method: "POST",
    path: "/api/v2/tickets.json",
    headers: { "Idempotency-Key": keyOf(request.externalId) },
    json: { ticket },
    what,
    accept: [400, 422],
  });
  if (answer.status >= 400) throw refusal(answer, what);
  const made = read(answer, oneTicket, what).ticket;
  if (made.external_id !== request.externalId) {
    const operatorMessage = `${what}: Zendesk answered with another ticket than the one it was asked for`;
    throw new PluginError({ kind: "ambiguous", operatorMessage });
  }
  const kept = new Set(made.custom_fields?.map(({ id }) => id));
  const lost = ticket.custom_fields.filter(({ id }) => !kept.has(String(id)));
  for (const { id } of lost)
    warnOnce(`Zendesk did not keep the ticket field ${id}: no such field, or inactive`);
  return { id: made.id, address: ticketAddress(settings, made.id) };
}

/** At most 255 characters, and headers hold no letters beyond Latin-1. */
function keyOf(externalId: string): string {
  return /^[\x21-\x7e]{1,255}$/.test(externalId)
    ? externalId
    : createHash("sha256").update(externalId).digest("hex");
}

async function ticketOf({ externalId, contactId, ticket }: NewTicket, tools: TicketTools) {
  const { settings, directory } = tools;
  const queue = ticket.queue ?? settings.group;
  const subject = oneLine(ticket.subject);
  return {
    subject,
    external_id: externalId,
    requester_id: numberOf(contactId),
    // Zendesk wants a first comment. A public one is the person's own; the messages come as further comments.
    ...(ticket.description
      ? { submitter_id: numberOf(contactId), comment: { body: cleanText(ticket.description), public: true } }
      : { comment: { body: subject, public: false } }),
    tags: [settings.tag, ...(ticket.tags ?? []).map(tagOf)],
    custom_fields: await customFieldsOf(ticket, tools),
    ...(queue ? { group_id: numberOf(await directory.groupId(queue)) } : {}),
    ...(ticket.priority ? { priority: ticket.priority } : {}),
    ...assigneeOf(ticket.assignee, tools),
  };
}

/** Zendesk splits tags at blanks and keeps small letters only. */
function tagOf(tag: string): string {
  return cleanText(tag)
    .trim()
    .toLowerCase()
    .replace(/[\s,]+/g, "_");
}

function assigneeOf(assignee: string | undefined, { warnOnce }: TicketTools): Record<string, unknown> {
  if (!assignee) return {};
  if (/^\d+$/.test(assignee)) return { assignee_id: numberOf(assignee) };
  if (assignee.includes("@")) return { assignee_email: assignee };
  warnOnce(
    "Zendesk knows members of staff by number or e-mail address; an assignee that is neither was left out",
  );
  return {};
}

async function customFieldsOf(ticket: NewTicket["ticket"], { settings, directory, warnOnce }: TicketTools) {
  const fields: { id: number | string; value: unknown }[] = [];
  for (const [name, value] of Object.entries(ticket.custom ?? {})) {
    const id = await directory.fieldId(name);
    if (id) fields.push({ id: numberOf(id), value: typeof value === "string" ? cleanText(value) : value });
    else warnOnce(`Zendesk has no ticket field "${name}", which the mapping names`);
  }
  const extra = {
    skills: ticket.skills?.length ? ticket.skills.map(cleanText).join(", ") : undefined,
    firstAnswer: ticket.due?.firstAnswer,
    solution: ticket.due?.solution,
  };
  for (const [name, value] of Object.entries(extra) as [keyof typeof extra, string | undefined][]) {
    const id = settings.fields[name];
    if (value === undefined) continue;
    if (id) fields.push({ id: numberOf(id), value });
    else
      warnOnce(`Zendesk's tickets have no ${name}: the setting fields.${name} names no ticket field for it`);
  }
  return fields;
}

/** The list may hold others' tickets too where the index takes capitals for small letters. */
export async function findTicket(externalId: string, tools: TicketTools): Promise<RecordRef | undefined> {
  const what = "look up ticket";
  const query = { external_id: externalId };
  const answer = await tools.http.request({ method: "GET", path: "/api/v2/tickets.json", query, what });
  const found = read(answer, ticketList, what).tickets.find((ticket) => ticket.external_id === externalId);
  return found && { id: found.id, address: ticketAddress(tools.settings, found.id) };
}

export async function updateTicket(
  id: string,
  { status }: { status: TicketStatus },
  { http }: TicketTools,
): Promise<void> {
  const what = "update ticket";
  const json = { ticket: { status } };
  const answer = await http.request({ method: "PUT", path: ticketPath(id), json, what, accept: [422] });
  if (answer.status === 422) throw refusal(answer, what);
  const after = read(answer, oneTicket, what).ticket;
  if (toStatus[after.status] === status) return;
  const operatorMessage = `${what}: Zendesk left ticket ${after.id} at another status than "${status}"`;
  throw new PluginError({ kind: "rejected", operatorMessage });
}

export function ticketPath(id: string): string {
  return `/api/v2/tickets/${encodeURIComponent(id)}.json`;
}

/** A closed ticket cannot be changed at all; as `not_found` it makes room for another one. */
export function refusal(answer: HttpAnswer, what: string): PluginError {
  const { error, fields, text } = refusalOf(answer);
  const code = answer.status;
  if (error === "IdempotentRequestError") {
    const operatorMessage = `${what}: Zendesk has a ticket of the same idempotency key with other contents`;
    return new PluginError({ kind: "conflict", code, operatorMessage });
  }
  if (fields.includes("status") && text.includes("closed prevents ticket update")) {
    const operatorMessage = `${what}: the ticket is closed, and Zendesk never changes a closed ticket`;
    return new PluginError({ kind: "not_found", code, operatorMessage });
  }
  const named = fields.length > 0 ? ` because of ${fields.join(", ")}` : "";
  return new PluginError({
    kind: "rejected",
    code,
    operatorMessage: `${what}: Zendesk refused it with ${code}${named}`,
  });
}
