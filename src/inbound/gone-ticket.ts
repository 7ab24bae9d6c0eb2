import type { ConversationKey } from "../domain/conversation.ts";
import { isClosed } from "../domain/ticket.ts";
import type { TicketLink } from "../store/links.ts";
import type { InboundTools } from "./tools.ts";

/**
 * Somebody deleted the ticket in the helpdesk: it is kept as closed, but without a closing time, so that it is
 * neither reopened nor written to. Its epoch stays, so that the next ticket gets an external id of its own.
 */
export async function markGone(key: ConversationKey, link: TicketLink, tools: InboundTools): Promise<void> {
  const { id, epoch } = link;
  await tools.store.links.saveTicket(key, tools.connection, { id, epoch, status: "closed" });
}

export function isGone(link: TicketLink): boolean {
  return isClosed(link.status) && !link.closedAt;
}
