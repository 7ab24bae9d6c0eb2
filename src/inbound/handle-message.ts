import type { ConversationKey } from "../domain/conversation.ts";
import type { MessageReceived } from "../domain/event.ts";
import { opensTicket } from "../domain/opens-ticket.ts";
import { eventKey } from "../domain/trace.ts";
import { recordVersions } from "../mapping/used-versions.ts";
import { appendComment } from "./append-comment.ts";
import { ensureContact } from "./ensure-contact.ts";
import { type EnsuredTicket, ensureTicket, type TicketRequest } from "./ensure-ticket.ts";
import { isGone } from "./gone-ticket.ts";
import { markRead } from "./mark-read.ts";
import { noteConsent } from "./note-consent.ts";
import { submitMessage } from "./submit-message.ts";
import type { InboundTools } from "./tools.ts";
import { type Mark, withComment } from "./write-comment.ts";

/** What a person wrote becomes a contact, a ticket and a comment. `tries`: failed tries of this event so far. */
export async function handleMessage(
  event: MessageReceived,
  key: ConversationKey,
  tries: number,
  given: InboundTools,
): Promise<void> {
  const id = eventKey(event.id);
  const versions = recordVersions(given.mapper);
  const tools = { ...given, mapper: versions.mapper };
  const mark: Mark = (step, detail) =>
    tools.trace({ event: id, ...key, step, detail: { ...detail, ...versions.take() } });
  const done = await tools.store.steps.done(key.channel, event.id);
  if (done["comment"]) return;
  // Before the helpdesk is called: it may be down for long, and an opt-out counts at once.
  await noteConsent(event, key, tools);
  if (tools.connector.capabilities.messages === "tickets")
    return submitMessage({ event, key, tries, mark }, tools);

  const contact = await ensureContact(event, key, tools);
  mark("contact.ensured", { contact: contact.link.id });
  const ticket = await ticketFor({ event, key, contact }, tools);
  if (!ticket)
    return mark("dropped", { reason: `a ${event.message.type} opens no ticket, and none is there` });
  const { link, leftOut } = ticket;
  mark("ticket.ensured", { ticket: link.id, ...(leftOut ? { leftOut: leftOut.join(",") } : {}) });

  const said = { event, key, person: contact.person, tries, mark };
  const comment = await withComment(said, tools, (written) => {
    const comment = { externalId: id, contactId: contact.link.id, ...written };
    return appendComment({ key, ticket: ticket.link, ticketIsNew: ticket.isNew, comment }, tools);
  });
  await tools.store.steps.remember(key.channel, event.id, { ticket: ticket.link.id, comment });
  const read = await markRead(event.message.id, tools);
  mark("comment.added", { ticket: ticket.link.id, comment, ...(read ? { read } : {}) });
}

/** Remarks on earlier messages join the last ticket as it is. */
async function ticketFor(request: TicketRequest, tools: InboundTools): Promise<EnsuredTicket | undefined> {
  if (opensTicket(request.event.message.type)) return ensureTicket(request, tools);
  const link = await tools.store.links.ticket(request.key);
  return link && !isGone(link) ? { link, isNew: false } : undefined;
}
