import type { ConversationKey } from "../domain/conversation.ts";
import { priceWords } from "../domain/price.ts";
import type { Receipt } from "../domain/receipt.ts";
import { AD_MS, FREE_ENTRY_MS } from "../domain/window.ts";
import type { OutboundTools } from "./tools.ts";

/**
 * Our first answer to somebody who came by an advertisement makes the conversation free for three days. Receipts tell
 * its end more exactly, where they do.
 */
export async function noteFreeEntry(conversation: ConversationKey, tools: OutboundTools): Promise<void> {
  const { people } = tools.store;
  const { adAt, freeUntil } = await people.talk(conversation);
  const now = tools.clock.now();
  const isAnswer = adAt && now >= Date.parse(adAt) && now < Date.parse(adAt) + AD_MS;
  const isFree = freeUntil && now < Date.parse(freeUntil);
  if (!isAnswer || isFree) return;
  await people.noteFreeUntil(conversation, new Date(now + FREE_ENTRY_MS).toISOString());
}

/** Counts what a receipt says of the price, and remembers how long the conversation is free. Resolves with words for the trace. */
export async function notePrice(
  receipt: Receipt,
  conversation: ConversationKey,
  tools: OutboundTools,
): Promise<Record<string, string>> {
  const until = freeUntilOf(receipt);
  if (until) await tools.store.people.noteFreeUntil(conversation, until);
  if (!receipt.pricing) return {};
  const { category, type } = priceWords(receipt.pricing);
  // The price comes with `sent` and once more with `delivered` or `read`; delivery is what is charged.
  if (receipt.state !== "sent") tools.metrics.priced.inc({ channel: conversation.channel, category, type });
  return { priced: `${category} ${type}` };
}

/** The end of a free entry point, ISO 8601 (whatsapp/webhooks/reference/messages/status: origin and expiration). */
function freeUntilOf({ conversation }: Receipt): string | undefined {
  const origin = conversation?.["origin"];
  const isFree =
    typeof origin === "object" &&
    origin !== null &&
    "type" in origin &&
    origin.type === "referral_conversion";
  const seconds = Number(conversation?.["expiration_timestamp"]);
  return isFree && seconds > 0 && seconds < 1e11 ? new Date(seconds * 1000).toISOString() : undefined;
}
