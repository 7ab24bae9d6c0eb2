import type { ConversationKey } from "../domain/conversation.ts";
import type { Messages } from "../domain/event.ts";
import { asFailure, NotTogether } from "../domain/failure.ts";
import { opensTicket } from "../domain/opens-ticket.ts";
import { eventKey } from "../domain/trace.ts";
import { recordVersions } from "../mapping/used-versions.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import { appendComment } from "./append-comment.ts";
import { ensureContact } from "./ensure-contact.ts";
import { type EnsuredTicket, ensureTicket, type TicketRequest } from "./ensure-ticket.ts";
import { isGone } from "./gone-ticket.ts";
import { readKnown } from "./known.ts";
import { markRead } from "./mark-read.ts";
import { noteConsent } from "./note-consent.ts";
import { submitMessages } from "./submit-messages.ts";
import type { InboundTools } from "./tools.ts";
import { type Mark, withComment } from "./write-comment.ts";

/**
 * What a person wrote becomes a contact, a ticket and a comment: one, however many messages. It is known by the first of
 * them. `tries`: failed tries so far.
 */
export async function handleMessages(
  messages: Messages,
  key: ConversationKey,
  tries: number,
  tools: InboundTools,
): Promise<void> {
  try {
    await bringIn(messages, key, tries, tools);
  } catch (error) {
    const failure = asFailure(error);
    if (messages.length === 1 || !failure || failure.retryable) throw error;
    if (failure.kind === "unclear" || (await isBegun(messages, key, tools))) throw error;
    throw new NotTogether(failure.operatorMessage);
  }
}

/** Whether a comment of these messages may be there already: they must not go on one by one then. */
async function isBegun([first]: Messages, { channel }: ConversationKey, { store }: InboundTools) {
  return (await store.intents.get(channel, eventKey(first.id))) !== undefined;
}

async function bringIn(
  messages: Messages,
  key: ConversationKey,
  tries: number,
  given: InboundTools,
): Promise<void> {
  const [first] = messages;
  const externalId = eventKey(first.id);
  const versions = recordVersions(given.mapper);
  const tools = { ...given, mapper: versions.mapper };
  const mark = tracer(messages, key, tools, versions.take);
  const known = await readKnown(first.id, key, tools.store);
  if (known.done["comment"]) return;
  // Before the helpdesk is called: it may be down for long, and an opt-out counts at once.
  for (const message of messages) await noteConsent(message, key, tools);
  if (tools.connector.capabilities.messages === "tickets")
    return submitMessages({ messages, key, known, tries, mark }, tools);

  const contact = await ensureContact(first, key, known, tools);
  mark("contact.ensured", { contact: contact.link.id });
  // Writing the contact takes the helpdesk's time, in which staff may have closed the ticket.
  const last = contact.isFresh ? await tools.store.links.ticket(key) : known.ticket;
  const ticket = await ticketFor({ event: first, key, contact, ticket: last }, tools);
  if (!ticket)
    return mark("dropped", { reason: `a ${first.message.type} opens no ticket, and none is there` });
  const { link, leftOut } = ticket;
  mark("ticket.ensured", { ticket: link.id, ...(leftOut ? { leftOut: leftOut.join(",") } : {}) });

  const said = { messages, key, person: contact.person, tries, mark };
  const comment = await withComment(said, tools, (written) => {
    const comment = { externalId, contactId: contact.link.id, ...written };
    return appendComment({ key, ticket: link, ticketIsNew: ticket.isNew, comment, before: known }, tools);
  });
  crashPoint("comment.written");
  await tools.store.steps.remember(key.channel, first.id, { ticket: link.id, comment });
  crashPoint("comment.noted");
  // Which shows those before it as read, too (whatsapp/messages/mark-message-as-read).
  const read = await markRead((messages.at(-1) ?? first).message.id, tools);
  crashPoint("message.read");
  mark("comment.added", { ticket: link.id, comment, ...(read ? { read } : {}) });
}

/** Tells of each message what became of all of them. */
function tracer(
  messages: Messages,
  key: ConversationKey,
  { trace }: InboundTools,
  versions: () => Record<string, string>,
): Mark {
  const [first, ...others] = messages.map(({ id }) => eventKey(id));
  const joined: Record<string, string> = others.length > 0 && first ? { joined: first } : {};
  return (step, detail, only) => {
    const all = { ...detail, ...versions(), ...joined };
    for (const { id } of only ? [only] : messages) trace({ event: eventKey(id), ...key, step, detail: all });
  };
}

/** Remarks on earlier messages join the last ticket as it is. */
async function ticketFor(request: TicketRequest, tools: InboundTools): Promise<EnsuredTicket | undefined> {
  if (opensTicket(request.event.message.type)) return ensureTicket(request, tools);
  const { ticket: link } = request;
  return link && !isGone(link) ? { link, isNew: false } : undefined;
}
