import type { ConversationKey } from "../domain/conversation.ts";
import type { ReceiptUpdated } from "../domain/event.ts";
import { advanceReceipt, type Receipt } from "../domain/receipt.ts";
import type { OutboundTools } from "./tools.ts";

/** What became of a message we sent. A failure is told to staff, on the ticket. */
export async function handleReceipt(
  event: ReceiptUpdated,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  const { receipt } = event;
  tools.metrics.receipts.inc({ channel: key.channel, state: receipt.state });
  const known = await tools.store.outbounds.record(key.channel, receipt, event.at);
  if (!known) return;
  const conversation = { channel: key.channel, person: known.before.person };
  const [eventOfIntent = known.intent] = known.intent.split("-");
  tools.trace({ event: eventOfIntent, ...conversation, step: "receipt", detail: { state: receipt.state } });
  // Asked for again after a crash, and dropped as a repeat where it was written.
  if (receipt.state === "failed" && advanceReceipt(known.before.receipt, "failed") === "failed") {
    await tools.requestNote(conversation, {
      type: "note.requested",
      id: `failed/${known.intent}`,
      at: new Date(tools.clock.now()).toISOString(),
      text: `A WhatsApp message did not arrive: ${describe(receipt)}.`,
    });
  }
}

function describe({ errors }: Receipt): string {
  const [first] = errors ?? [];
  return first ? `${first.title} (code ${first.code})` : "WhatsApp gave no reason";
}
