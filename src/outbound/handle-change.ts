import type { ConversationKey } from "../domain/conversation.ts";
import type { TicketChanged } from "../domain/event.ts";
import type { ConfirmationInput } from "../domain/mapping-input.ts";
import { eventKey } from "../domain/trace.ts";
import { isWindowOpen } from "../domain/window.ts";
import { carryOut } from "./carry-out.ts";
import { planConfirmation } from "./plan.ts";
import type { OutboundTools } from "./tools.ts";

/** A ticket's status changed in the helpdesk: the link follows, and the mapping decides on a confirmation. */
export async function handleChange(
  event: TicketChanged,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  if (event.author.isUs) {
    tools.trace({ event: eventKey(event.id), ...key, step: "dropped", detail: { reason: "our own change" } });
    return;
  }
  await tools.store.links.noteStatus(key, event.ticket.id, event.to, event.at);
  const { lastMessageAt, ...person } = await tools.store.people.get(key);
  const isOpen = isWindowOpen(lastMessageAt, tools.clock.now());
  const input: ConfirmationInput = {
    channel: key.channel,
    person,
    event: { type: event.type, to: event.to, at: event.at, ...(event.from ? { from: event.from } : {}) },
    ticket: event.ticket,
    window: isOpen ? "open" : "closed",
  };
  const { record } = await tools.mapper.map(tools.mapping, "confirmation", input);
  await carryOut(planConfirmation(record, isOpen), event, key, tools);
}
