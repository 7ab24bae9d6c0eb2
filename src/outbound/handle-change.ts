import type { ConversationKey } from "../domain/conversation.ts";
import type { TicketChanged } from "../domain/event.ts";
import { asFailure } from "../domain/failure.ts";
import type { ConfirmationInput } from "../domain/mapping-input.ts";
import { eventKey } from "../domain/trace.ts";
import { versionDetail } from "../mapping/used-versions.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import { closeWindow, type Known, lookBack } from "./collect-facts.ts";
import { isOpen } from "./plan/window.ts";
import { sendWanted } from "./send-wanted.ts";
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
  crashPoint("change.noted");
  const known = await lookBack(event, key, tools);
  try {
    await confirm(event, known, key, tools);
  } catch (error) {
    // Meta's clock decides. The mapping is asked once more, since it may have a template for that.
    if (asFailure(error)?.kind !== "window_closed" || !isOpen(known)) throw error;
    await confirm(event, await closeWindow(event, key, tools), key, tools);
  }
}

async function confirm(
  event: TicketChanged,
  known: Known,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  const { lastMessageAt: _, ...person } = await tools.store.people.get(key);
  const input: ConfirmationInput = {
    channel: key.channel,
    person,
    event: { type: event.type, to: event.to, at: event.at, ...(event.from ? { from: event.from } : {}) },
    ticket: event.ticket,
    window: isOpen(known) ? "open" : "closed",
  };
  const { record, version } = await tools.mapper.map(tools.mapping, "confirmation", input);
  const about = versionDetail("confirmation", version);
  await sendWanted({ kind: "confirmation", record }, { event, known, key, about }, tools);
}
