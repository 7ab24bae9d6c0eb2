import type { ConversationKey } from "../domain/conversation.ts";
import { RetryLater } from "../domain/failure.ts";
import type { OutboundTools } from "./tools.ts";

/**
 * Throws when something stops this message for now: a channel that stands makes it wait, without counting as a try;
 * Meta's limits of the number and of the person make it wait too, and are counted as used when this resolves. `isProbe`: the channel stands, and this one finds out whether
 * it still does.
 */
export async function leaveToSend(
  conversation: ConversationKey,
  tools: OutboundTools,
): Promise<{ isProbe: boolean }> {
  const stop = await tools.store.stops.probe(conversation.channel, tools.clock.now());
  if (stop && stop.waitMs > 0) throw channelStands(stop);
  // Last, so that no token is taken where nothing is sent.
  await keepPace(conversation, tools);
  return { isProbe: stop !== undefined };
}

export function channelStands({ says, waitMs }: { says: string; waitMs: number }): RetryLater {
  return new RetryLater(`nothing of this channel can be sent: ${says}`, waitMs);
}

const LIMIT = {
  number: "as much goes out as WhatsApp allows this business number",
  person: "as much goes to this person as WhatsApp allows",
} as const;

async function keepPace(conversation: ConversationKey, tools: OutboundTools): Promise<void> {
  const { messagesPerSecond, clock, store, metrics } = tools;
  const paced = await store.pace.take(conversation, { messagesPerSecond, now: clock.now() });
  if (!paced) return;
  metrics.sendsPaced.inc({ channel: conversation.channel, by: paced.by });
  throw new RetryLater(LIMIT[paced.by], paced.waitMs);
}
