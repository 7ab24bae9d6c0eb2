import type { ConversationKey } from "../domain/conversation.ts";
import { asFailure, RetryLater } from "../domain/failure.ts";
import type { NewComment } from "../sdk/connector.ts";
import type { TicketLink } from "../store/links.ts";
import { ensureOnce } from "./ensure-once.ts";
import type { InboundTools } from "./tools.ts";

/** Adds a comment once. Resolves with the helpdesk's id of it. */
export async function appendComment(
  key: ConversationKey,
  ticket: TicketLink,
  comment: Omit<NewComment, "ticketId">,
  tools: InboundTools,
): Promise<string> {
  const { connector, store, clock } = tools;
  try {
    return await ensureOnce(store.intents, {
      channel: key.channel,
      id: comment.externalId,
      idempotency: connector.capabilities.idempotency,
      clock,
      find: async () => connector.findComment?.(ticket.id, comment.externalId),
      create: () => connector.addComment({ ...comment, ticketId: ticket.id }),
    });
  } catch (error) {
    if (asFailure(error)?.kind !== "not_found") throw error;
    // Somebody deleted the ticket. Closed without a closing time it is never reopened: another one follows.
    await store.links.saveTicket(key, tools.connection, { ...ticket, status: "closed" });
    throw new RetryLater("the ticket is gone; another one will be opened", 0);
  }
}
