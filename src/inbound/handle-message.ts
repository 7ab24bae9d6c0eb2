import type { ConversationKey } from "../domain/conversation.ts";
import type { MessageReceived } from "../domain/event.ts";
import type { CommentInput } from "../domain/mapping-input.ts";
import { opensTicket } from "../domain/opens-ticket.ts";
import { eventKey } from "../domain/trace.ts";
import { recordVersions } from "../mapping/used-versions.ts";
import { appendComment } from "./append-comment.ts";
import { type Carried, carryMedia, dropMedia } from "./carry-media.ts";
import { ensureContact } from "./ensure-contact.ts";
import { type EnsuredTicket, ensureTicket, type TicketRequest } from "./ensure-ticket.ts";
import { isGone } from "./gone-ticket.ts";
import { markRead } from "./mark-read.ts";
import { noteConsent } from "./note-consent.ts";
import type { InboundTools } from "./tools.ts";

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
  const mark = (step: Parameters<InboundTools["trace"]>[0]["step"], detail: Record<string, string>) =>
    tools.trace({ event: id, ...key, step, detail: { ...detail, ...versions.take() } });
  const done = await tools.store.steps.done(key.channel, event.id);
  if (done["comment"]) return;
  // Before the helpdesk is called: it may be down for long, and an opt-out counts at once.
  await noteConsent(event, key, tools);

  const contact = await ensureContact(event, key, tools);
  mark("contact.ensured", { contact: contact.link.id });
  const ticket = await ticketFor({ event, key, contact }, tools);
  if (!ticket)
    return mark("dropped", { reason: `a ${event.message.type} opens no ticket, and none is there` });
  const { link, leftOut } = ticket;
  mark("ticket.ensured", { ticket: link.id, ...(leftOut ? { leftOut: leftOut.join(",") } : {}) });

  const comment = await withMedia({ event, tries }, tools, async (carried) => {
    if (carried) mark("media.fetched", "missing" in carried ? { missing: carried.missing } : {});
    const input = commentInput(event, key, contact.person, carried);
    const { record } = await tools.mapper.map(tools.mapping, "comment", input);
    const attachments = carried && "attachment" in carried ? [carried.attachment] : [];
    const comment = { externalId: id, contactId: contact.link.id, ...record, attachments };
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

/** The message's file, if it has one, rests on our disk for this try only: nothing stays when the event is given up. */
async function withMedia<T>(
  { event, tries }: { event: MessageReceived; tries: number },
  tools: InboundTools,
  use: (carried: Carried | undefined) => Promise<T>,
): Promise<T> {
  const { message } = event;
  if (!message.media) return use(undefined);
  const id = eventKey(event.id);
  try {
    return await use(await carryMedia({ media: message.media, message, id, tries }, tools));
  } finally {
    await dropMedia(id, tools);
  }
}

function commentInput(
  event: MessageReceived,
  key: ConversationKey,
  person: CommentInput["person"],
  carried: Carried | undefined,
): CommentInput {
  const input = { channel: key.channel, person, message: event.message };
  if (!carried) return input;
  const { name } = carried;
  return { ...input, attachment: "missing" in carried ? { name, missing: carried.missing } : { name } };
}
