import type { ConversationKey } from "../domain/conversation.ts";
import { asFailure, RetryLater } from "../domain/failure.ts";
import type { NewComment } from "../sdk/connector.ts";
import type { TicketLink } from "../store/links.ts";
import { ensureOnce, type OnceOptions } from "./ensure-once.ts";
import { markGone } from "./gone-ticket.ts";
import type { InboundTools } from "./tools.ts";

export interface CommentRequest {
  key: ConversationKey;
  ticket: TicketLink;
  /** The ticket was made a moment ago: if it cannot be found, that is not because somebody deleted it. */
  ticketIsNew: boolean;
  comment: Omit<NewComment, "ticketId">;
  before?: OnceOptions["before"];
}

/** Adds a comment once. Resolves with the helpdesk's id of it. */
export async function appendComment(request: CommentRequest, tools: InboundTools): Promise<string> {
  const { key, ticket, ticketIsNew, comment, before } = request;
  const { connector, store, clock } = tools;
  try {
    return await ensureOnce(store.intents, {
      channel: key.channel,
      id: comment.externalId,
      idempotency: connector.capabilities.idempotency,
      clock,
      ...(before ? { before } : {}),
      find: async () => connector.findComment?.(ticket.id, comment.externalId),
      create: () => connector.addComment({ ...comment, ticketId: ticket.id }),
    });
  } catch (error) {
    if (ticketIsNew || asFailure(error)?.kind !== "not_found") throw error;
    await markGone(key, ticket, tools);
    throw new RetryLater("the ticket is gone; another one will be opened", 0);
  }
}
