import type { ConversationKey } from "../domain/conversation.ts";
import type { Messages } from "../domain/event.ts";
import { GiveUp } from "../domain/failure.ts";
import { opensTicket } from "../domain/opens-ticket.ts";
import { eventKey } from "../domain/trace.ts";
import type { NewTicket } from "../sdk/connector.ts";
import { describeContact } from "./ensure-contact.ts";
import { ensureOnce } from "./ensure-once.ts";
import type { Known } from "./known.ts";
import { mapTicket } from "./map-ticket.ts";
import { markRead } from "./mark-read.ts";
import type { InboundTools } from "./tools.ts";
import { type Mark, withComment } from "./write-comment.ts";

export interface Submitted {
  messages: Messages;
  key: ConversationKey;
  known: Known;
  /** Failed tries so far. */
  tries: number;
  mark: Mark;
}

/**
 * Where nothing can be added to a ticket, each message, or several that waited together, becomes one of its own, made
 * once under the first one's id (docs/decisions/0036). No link to it is kept: nothing would ever be written there, and nothing comes back.
 */
export async function submitMessages(submitted: Submitted, tools: InboundTools): Promise<void> {
  const { messages, key, known, tries, mark } = submitted;
  const [event] = messages;
  const { type } = event.message;
  if (!opensTicket(type))
    return mark("dropped", { reason: `a ${type} opens no ticket, and this helpdesk adds to none` });
  const { person, contactKey, record: contact } = await describeContact(event, key, known, tools);
  // Staff know the person by what the first ticket said, also when more is known of them later.
  const { externalId } = contactKey;
  if (!known.contact) await tools.store.links.saveContact(key, { id: externalId, externalId, content: "" });
  const mapped = await mapTicket({ channel: key.channel, person, message: event.message }, tools);
  const ticket = await withComment({ messages, key, person, tries, mark }, tools, (written) => {
    if (written.visibility === "internal")
      throw new GiveUp("internal", "the comment mapping says internal, and this helpdesk hides nothing");
    const { body, attachments } = written;
    const message = { person: contactKey, contact, body, attachments };
    return createOnce(
      { externalId: eventKey(event.id), contactId: "", ticket: mapped.ticket, message },
      submitted,
      tools,
    );
  });
  await tools.store.steps.remember(key.channel, event.id, { ticket, comment: ticket });
  const read = await markRead((messages.at(-1) ?? event).message.id, tools);
  const leftOut = mapped.leftOut.length > 0 ? { leftOut: mapped.leftOut.join(",") } : {};
  mark("ticket.ensured", { ticket, ...leftOut, ...(read ? { read } : {}) });
}

function createOnce(ticket: NewTicket, { key, known }: Submitted, tools: InboundTools): Promise<string> {
  const { store, connector, clock } = tools;
  const id = ticket.externalId;
  return ensureOnce(store.intents, {
    channel: key.channel,
    id,
    idempotency: connector.capabilities.idempotency,
    clock,
    before: known,
    find: async () => connector.findTicket?.(id),
    create: () => connector.createTicket(ticket),
  });
}
