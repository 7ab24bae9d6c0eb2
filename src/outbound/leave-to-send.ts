import type { ConversationKey } from "../domain/conversation.ts";
import { GiveUp, RetryLater } from "../domain/failure.ts";
import type { Outbound } from "../domain/outbound.ts";
import type { OutboundTools } from "./tools.ts";

/**
 * Throws when something stops this message for now: a channel that stands makes it wait, without counting as a try; a
 * template that WhatsApp has stopped makes it give up. `isProbe`: the channel stands, and this one finds out whether
 * it still does.
 */
export async function leaveToSend(
  outbound: Outbound,
  conversation: ConversationKey,
  tools: OutboundTools,
): Promise<{ isProbe: boolean }> {
  if (outbound.kind === "template") await checkTemplate(outbound.template, conversation, tools);
  const stop = await tools.store.stops.probe(conversation.channel, tools.clock.now());
  if (stop && stop.waitMs > 0) throw channelStands(stop);
  return { isProbe: stop !== undefined };
}

export function channelStands({ says, waitMs }: { says: string; waitMs: number }): RetryLater {
  return new RetryLater(`nothing of this channel can be sent: ${says}`, waitMs);
}

async function checkTemplate(
  template: { name: string; language: string },
  conversation: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  const { stops } = tools.store;
  const now = tools.clock.now();
  const [stopped, held] = await Promise.all([
    stops.template(conversation.channel, template, now),
    stops.heldTemplates(conversation, now),
  ]);
  if (stopped !== undefined) {
    const which = `the template ${template.name} (${template.language}) is not sent for now`;
    throw new GiveUp("template_stopped", `${which}: ${stopped}`);
  }
  if (held !== undefined) {
    throw new GiveUp("held_back", `no template goes to this person for a day: ${held}`);
  }
}
