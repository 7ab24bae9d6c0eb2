import {
  fromHttpResponse,
  type HttpAnswer,
  type NewTicket,
  PluginError,
  type RecordRef,
  type TicketMessage,
} from "deskferry/sdk";
import { filesOf, messageOf, oneLine, plain } from "./message.ts";
import { PATH, type TicketTools } from "./request.ts";
import type { Settings } from "./settings.ts";

const what = "create ticket";
const CREATE_MS = 120_000;

/** Resolves with the ticket's number, which is all that osTicket tells. */
export async function createTicket(request: NewTicket, tools: TicketTools): Promise<RecordRef> {
  const { message } = request;
  if (!message) throw refusal("a ticket without a message");
  const json = { ...ticketFields(request, tools), ...(await messageFields(message, request, tools)) };
  const answer = await tools.http.request({
    method: "POST",
    path: PATH,
    json,
    what,
    accept: [400, 403, 500],
    timeoutMs: CREATE_MS,
  });
  return { id: numberIn(answer, tools) };
}

function ticketFields({ externalId, ticket }: NewTicket, { settings, warnOnce }: TicketTools) {
  const wanted = topicOf(ticket.queue);
  if (ticket.queue && wanted === undefined)
    warnOnce("osTicket knows help topics by number only: the queue that the mapping gives is left out");
  const topic = wanted ?? settings.topic;
  return {
    ...ticket.custom,
    subject: oneLine(ticket.subject),
    source: "API",
    alert: settings.alert,
    // It would go to an address at which nobody reads.
    autorespond: false,
    ...(topic === undefined ? {} : { topicId: topic }),
    ...(ticket.priority ? { priorityId: settings.priorities[ticket.priority] } : {}),
    ...(settings.idField ? { [settings.idField]: externalId } : {}),
  };
}

function topicOf(queue: string | undefined): number | undefined {
  return queue && /^[1-9]\d{0,8}$/.test(queue) ? Number(queue) : undefined;
}

async function messageFields(
  { person, contact, body, attachments }: TicketMessage,
  { ticket }: NewTicket,
  { settings, warnOnce }: TicketTools,
) {
  for (const name of ["language", "organisation", "custom"] as const) {
    if (contact[name])
      warnOnce(`osTicket's API takes no ${name} of a person, which is left out; custom fields of tickets go`);
  }
  const isEmpty = ({ size }: { size: number }) => size === 0;
  const empty = attachments.filter(isEmpty).map(({ name }) => `(empty file: ${plain(name)})`);
  const parts = [ticket.description, body, ...empty].filter((part) => part !== undefined && part !== "");
  const files = await filesOf(attachments.filter((file) => !isEmpty(file)));
  const phone = person.phone ?? contact.phone;
  return {
    name: oneLine(contact.name),
    email: contact.email ?? addressOf(person.externalId, settings),
    ...(phone ? { phone } : {}),
    message: messageOf(parts.join("\n\n")),
    ...(files.length > 0 ? { attachments: files } : {}),
  };
}

/** One address for one person, so that osTicket shows the person's tickets together. */
function addressOf(externalId: string, { emailDomain }: Settings): string {
  const local = externalId.replace(/^whatsapp:\+?/, "").toLowerCase();
  return `${local.replace(/[^a-z0-9.-]/g, "-").slice(0, 64)}@${emailDomain}`;
}

/** 201 and the number, as plain text. Everything else that looks like success may have made a ticket. */
function numberIn(answer: HttpAnswer, { clock }: TicketTools): string {
  const text = answer.text.trim();
  if (answer.status === 201 && /^[\w#-]{1,64}$/.test(text)) return text;
  if (answer.status >= 200 && answer.status < 300) {
    const operatorMessage = `${what}: the answer is not the number of a ticket`;
    throw new PluginError({ kind: "ambiguous", code: "unexpected_shape", operatorMessage });
  }
  throw refused(answer.status, text) ?? fromHttpResponse(answer, what, clock.now());
}

/** In English osTicket says why it made no ticket, by 400 or, as some versions do, by 500. Its text may hold addresses. */
function refused(status: number, text: string): PluginError | undefined {
  if (status === 403 && /^Ticket denied/i.test(text))
    return refusal("the ticket: a filter, a ban or the most open tickets of a person (see setup.md)", status);
  if (status !== 403 && /^Unable to create new ticket: validation errors/i.test(text))
    return refusal(
      "a field: is the person's address accepted, and does the form require a field? (see setup.md)",
      status,
    );
  return undefined;
}

function refusal(whatever: string, code?: number): PluginError {
  const operatorMessage = `${what}: osTicket does not accept ${whatever}`;
  return new PluginError({ kind: "rejected", operatorMessage, ...(code === undefined ? {} : { code }) });
}
