import { type ConversationKey, ticketExternalId } from "../domain/conversation.ts";
import type { MessageReceived } from "../domain/event.ts";
import { asFailure, RetryLater } from "../domain/failure.ts";
import { isClosed } from "../domain/ticket.ts";
import type { TicketLink } from "../store/links.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import { type EnsuredContact, forgetContact } from "./ensure-contact.ts";
import { ensureOnce } from "./ensure-once.ts";
import { mapTicket } from "./map-ticket.ts";
import type { InboundTools } from "./tools.ts";

export interface TicketRequest {
  event: MessageReceived;
  key: ConversationKey;
  contact: EnsuredContact;
  /** The conversation's ticket, as far as is known. */
  ticket: TicketLink | undefined;
}

export interface EnsuredTicket {
  link: TicketLink;
  /** Made just now. */
  isNew: boolean;
  /** Fields that the mapping gave and the helpdesk has no place for. */
  leftOut?: readonly string[];
}

/** The conversation's open ticket: the current one, the last one reopened, or a new one. */
export async function ensureTicket(request: TicketRequest, tools: InboundTools): Promise<EnsuredTicket> {
  const { ticket: link } = request;
  if (link && !isClosed(link.status)) return { link, isNew: false };
  const reopened = link && canReopen(link, request.event, tools) && (await reopen(link, request.key, tools));
  if (reopened) return { link: reopened, isNew: false };
  if (!link) await adopt(request.key, tools);
  return { ...(await open(request, (link?.epoch ?? 0) + 1, tools)), isNew: true };
}

function canReopen(link: TicketLink, event: MessageReceived, tools: InboundTools): boolean {
  if (!tools.connector.updateTicket || !link.closedAt) return false;
  return Date.parse(event.message.sentAt) - Date.parse(link.closedAt) <= tools.reopenWithinMs;
}

/** Undefined when the helpdesk refuses for good: deleted, merged, or closed for ever, as helpdesks have it. */
async function reopen(
  link: TicketLink,
  key: ConversationKey,
  tools: InboundTools,
): Promise<TicketLink | undefined> {
  try {
    await tools.connector.updateTicket?.(link.id, { status: "open" });
  } catch (error) {
    if (asFailure(error)?.retryable !== false) throw error;
    return undefined;
  }
  crashPoint("ticket.reopened");
  await tools.store.links.noteStatus(key, link.id, "open", new Date(tools.clock.now()).toISOString());
  return { id: link.id, epoch: link.epoch, status: "open" };
}

/**
 * Somebody new to us may have a ticket nevertheless: when Redis was lost, only the helpdesk knows. What it knows of the
 * first ticket is taken for our own earlier try.
 */
async function adopt(key: ConversationKey, { connector, store, clock }: InboundTools): Promise<void> {
  const externalId = ticketExternalId(key, 1);
  const found =
    connector.capabilities.idempotency.class === "B" && (await connector.findTicket?.(externalId));
  if (!found) return;
  await store.intents.begin(key.channel, externalId, clock.now());
  crashPoint("ticket.adopting");
  await store.intents.finish(key.channel, externalId, found.id);
}

async function open(
  request: TicketRequest,
  epoch: number,
  tools: InboundTools,
): Promise<Omit<EnsuredTicket, "isNew">> {
  const { key, event, contact } = request;
  const { connector, store, clock } = tools;
  const externalId = ticketExternalId(key, epoch);
  await tools.startPolling();
  const input = { channel: key.channel, person: contact.person, message: event.message };
  const { ticket, leftOut } = await mapTicket(input, tools);
  const id = await ensureOnce(store.intents, {
    channel: key.channel,
    id: externalId,
    idempotency: connector.capabilities.idempotency,
    clock,
    find: async () => connector.findTicket?.(externalId),
    create: () => connector.createTicket({ externalId, contactId: contact.link.id, ticket }),
  }).catch((error: unknown) => contactGone(error, request, tools));
  const link: TicketLink = { id, epoch, status: "new" };
  await store.links.saveTicket(key, tools.connection, link);
  crashPoint("ticket.linked");
  return leftOut.length > 0 ? { link, leftOut } : { link };
}

/** Something that the ticket names is not there. If that can be the contact, which staff may delete, it is made again. */
async function contactGone(
  error: unknown,
  { key, contact }: TicketRequest,
  tools: InboundTools,
): Promise<never> {
  if (contact.isFresh || asFailure(error)?.kind !== "not_found") throw error;
  await forgetContact(key, contact.link, tools);
  throw new RetryLater("the contact may be gone; it is made again", 0);
}
