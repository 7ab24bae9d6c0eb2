import type { ConversationKey } from "../domain/conversation.ts";
import type { TicketChanged } from "../domain/event.ts";
import { asFailure } from "../domain/failure.ts";
import type { ConfirmationInput } from "../domain/mapping-input.ts";
import type { Person } from "../domain/person.ts";
import { eventKey } from "../domain/trace.ts";
import { versionDetail } from "../mapping/used-versions.ts";
import { carryOut } from "./carry-out.ts";
import { planConfirmation } from "./plan.ts";
import { respectConsent } from "./respect-consent.ts";
import type { OutboundTools } from "./tools.ts";
import { rememberWindow, windowOf } from "./window-of.ts";

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
  try {
    await confirm(event, { key, person, isOpen }, tools);
  } catch (error) {
    // Meta's clock decides. The mapping is asked once more, since it may have a template for that.
    if (asFailure(error)?.kind !== "window_closed") throw error;
    await rememberWindow("closed", event, key, tools);
    await confirm(event, { key, person, isOpen: false }, tools);
  }
}

async function confirm(
  event: TicketChanged,
  to: { key: ConversationKey; person: Person; isOpen: boolean },
  tools: OutboundTools,
): Promise<void> {
  const { key, person, isOpen } = to;
  const input: ConfirmationInput = {
    channel: key.channel,
    person,
    event: { type: event.type, to: event.to, at: event.at, ...(event.from ? { from: event.from } : {}) },
    ticket: event.ticket,
    window: isOpen ? "open" : "closed",
  };
  const { record, version } = await tools.mapper.map(tools.mapping, "confirmation", input);
  const plan = await respectConsent(planConfirmation(record, isOpen, tools), event, key, tools);
  await carryOut({ ...plan, detail: versionDetail("confirmation", version) }, event, key, tools);
}
