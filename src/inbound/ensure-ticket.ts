import { type ConversationKey, ticketExternalId } from "../domain/conversation.ts";
import type { MessageReceived } from "../domain/event.ts";
import type { Person } from "../domain/person.ts";
import { isClosed } from "../domain/ticket.ts";
import type { ContactLink, TicketLink } from "../store/links.ts";
import { ensureOnce } from "./ensure-once.ts";
import type { InboundTools } from "./tools.ts";

export interface TicketRequest {
  event: MessageReceived;
  key: ConversationKey;
  person: Person;
  contact: ContactLink;
}

/** The conversation's open ticket: the current one, the last one reopened, or a new one. */
export async function ensureTicket(request: TicketRequest, tools: InboundTools): Promise<TicketLink> {
  const link = await tools.store.links.ticket(request.key);
  if (link && !isClosed(link.status)) return link;
  if (link && canReopen(link, request.event, tools)) return reopen(link, request.key, tools);
  return open(request, (link?.epoch ?? 0) + 1, tools);
}

function canReopen(link: TicketLink, event: MessageReceived, tools: InboundTools): boolean {
  if (!tools.connector.updateTicket || !link.closedAt) return false;
  return Date.parse(event.message.sentAt) - Date.parse(link.closedAt) <= tools.reopenWithinMs;
}

async function reopen(link: TicketLink, key: ConversationKey, tools: InboundTools): Promise<TicketLink> {
  await tools.connector.updateTicket?.(link.id, { status: "open" });
  await tools.store.links.noteStatus(key, link.id, "open", new Date(tools.clock.now()).toISOString());
  return { ...link, status: "open" };
}

async function open(request: TicketRequest, epoch: number, tools: InboundTools): Promise<TicketLink> {
  const { connector, store, clock } = tools;
  const externalId = ticketExternalId(request.key, epoch);
  const input = { channel: request.key.channel, person: request.person, message: request.event.message };
  const { record: ticket } = await tools.mapper.map(tools.mapping, "ticket", input);
  const id = await ensureOnce(store.intents, {
    channel: request.key.channel,
    id: externalId,
    idempotency: connector.capabilities.idempotency,
    clock,
    find: async () => connector.findTicket?.(externalId),
    create: () => connector.createTicket({ externalId, contactId: request.contact.id, ticket }),
  });
  const link: TicketLink = { id, epoch, status: "new" };
  await store.links.saveTicket(request.key, tools.connection, link);
  return link;
}
