import { type ConversationKey, parseTicketExternalId } from "../domain/conversation.ts";
import type { HelpdeskEvent } from "../domain/event.ts";
import type { IntakeItem } from "../store/intake-item.ts";
import type { Links } from "../store/links.ts";

export interface RouteOptions {
  connection: string;
  /** Channels whose route leads to this connection. */
  channels: ReadonlySet<string>;
  links: Pick<Links, "reverse">;
}

/**
 * Finds the conversation of each change: by its link, or by the external id that the ticket carries, which helps
 * when the change is quicker than our record of the ticket, or when every link was lost. Tickets that did not come
 * from WhatsApp are none of our business.
 */
export async function routeChanges(events: HelpdeskEvent[], options: RouteOptions): Promise<IntakeItem[]> {
  const items: IntakeItem[] = [];
  for (const event of events) {
    const conversation = await conversationOf(event, options);
    if (!conversation) continue;
    const scoped = { ...event, id: `${options.connection}/${event.id}` };
    items.push({
      deliver: {
        channel: conversation.channel,
        lane: "out",
        event: scoped,
        person: { id: conversation.person },
      },
    });
  }
  return items;
}

async function conversationOf(
  event: HelpdeskEvent,
  options: RouteOptions,
): Promise<ConversationKey | undefined> {
  const link = await options.links.reverse(options.connection, event.ticket.id);
  const found =
    link ?? (event.ticket.externalId ? parseTicketExternalId(event.ticket.externalId) : undefined);
  return found && options.channels.has(found.channel) ? found : undefined;
}
