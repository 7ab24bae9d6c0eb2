import type { ConversationKey } from "../domain/conversation.ts";
import type { MessageReceived } from "../domain/event.ts";
import type { CommentInput } from "../domain/mapping-input.ts";
import { opensTicket } from "../domain/opens-ticket.ts";
import { isClosed } from "../domain/ticket.ts";
import { eventKey } from "../domain/trace.ts";
import { appendComment } from "./append-comment.ts";
import { type Carried, carryMedia, dropMedia } from "./carry-media.ts";
import { ensureContact } from "./ensure-contact.ts";
import { ensureTicket, type TicketRequest } from "./ensure-ticket.ts";
import type { InboundTools } from "./tools.ts";

/** What a person wrote becomes a contact, a ticket and a comment. `tries`: failed tries of this event so far. */
export async function handleMessage(
  event: MessageReceived,
  key: ConversationKey,
  tries: number,
  tools: InboundTools,
): Promise<void> {
  const id = eventKey(event.id);
  const mark = (step: Parameters<InboundTools["trace"]>[0]["step"], detail: Record<string, string>) =>
    tools.trace({ event: id, ...key, step, detail });
  const done = await tools.store.steps.done(key.channel, event.id);
  if (done["comment"]) return;

  const { link: contact, person } = await ensureContact(event, key, tools);
  mark("contact.ensured", { contact: contact.id });
  const ticket = await ticketFor({ event, key, person, contact }, tools);
  if (!ticket)
    return mark("dropped", { reason: `a ${event.message.type} opens no ticket, and none is there` });
  mark("ticket.ensured", { ticket: ticket.id });

  const carried = await carry(event, id, tries, tools);
  if (carried) mark("media.fetched", "missing" in carried ? { missing: carried.missing } : {});
  const { record } = await tools.mapper.map(
    tools.mapping,
    "comment",
    commentInput(event, key, person, carried),
  );
  const comment = await appendComment(
    key,
    ticket,
    {
      externalId: id,
      contactId: contact.id,
      ...record,
      attachments: carried && "attachment" in carried ? [carried.attachment] : [],
    },
    tools,
  );
  await tools.store.steps.remember(key.channel, event.id, { ticket: ticket.id, comment });
  if (carried) await dropMedia(id, tools);
  mark("comment.added", { ticket: ticket.id, comment });
}

/** Remarks on earlier messages join the last ticket as it is. */
async function ticketFor(request: TicketRequest, tools: InboundTools) {
  if (opensTicket(request.event.message.type)) return ensureTicket(request, tools);
  const link = await tools.store.links.ticket(request.key);
  return link && (!isClosed(link.status) || link.closedAt) ? link : undefined;
}

async function carry(event: MessageReceived, id: string, tries: number, tools: InboundTools) {
  const { message } = event;
  return message.media ? carryMedia({ media: message.media, message, id, tries }, tools) : undefined;
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
