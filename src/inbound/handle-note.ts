import type { ConversationKey } from "../domain/conversation.ts";
import type { NoteRequested } from "../domain/event.ts";
import { eventKey } from "../domain/trace.ts";
import { appendComment } from "./append-comment.ts";
import { isGone } from "./gone-ticket.ts";
import type { InboundTools } from "./tools.ts";

/** Writes a remark for staff onto the conversation's ticket. It is never public: where notes cannot be hidden, none is written. */
export async function handleNote(
  event: NoteRequested,
  key: ConversationKey,
  tools: InboundTools,
): Promise<void> {
  const ticket = await tools.store.links.ticket(key);
  const externalId = eventKey(event.id);
  if (!ticket || isGone(ticket) || !tools.connector.capabilities.internalComments) {
    tools.trace({
      event: externalId,
      ...key,
      step: "dropped",
      detail: { reason: "no ticket takes internal notes" },
    });
    return;
  }
  const comment = { externalId, body: event.text, visibility: "internal" as const, attachments: [] };
  await appendComment({ key, ticket, ticketIsNew: false, comment }, tools);
}
