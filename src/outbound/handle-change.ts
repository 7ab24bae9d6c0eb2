import type { ConversationKey } from "../domain/conversation.ts";
import type { TicketChanged } from "../domain/event.ts";
import { asFailure } from "../domain/failure.ts";
import type { ConfirmationInput } from "../domain/mapping-input.ts";
import { eventKey } from "../domain/trace.ts";
import { carryOut } from "./carry-out.ts";
import { planConfirmation } from "./plan.ts";
import type { OutboundTools } from "./tools.ts";
import { windowOf } from "./window-of.ts";

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
  const { person, isOpen } = await windowOf(event, key, tools);
  const input: ConfirmationInput = {
    channel: key.channel,
    person,
    event: { type: event.type, to: event.to, at: event.at, ...(event.from ? { from: event.from } : {}) },
    ticket: event.ticket,
    window: isOpen ? "open" : "closed",
  };
  const { record } = await tools.mapper.map(tools.mapping, "confirmation", input);
  try {
    await carryOut(planConfirmation(record, isOpen), event, key, tools);
  } catch (error) {
    // Meta's clock decides: it may have closed the window just before ours did.
    if (asFailure(error)?.kind !== "window_closed") throw error;
    await carryOut(planConfirmation(record, false), event, key, tools);
  }
}
