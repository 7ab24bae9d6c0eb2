import type { ConversationKey } from "../domain/conversation.ts";
import type { ReceiptUpdated } from "../domain/event.ts";
import { advanceReceipt, type Receipt, receiptRank } from "../domain/receipt.ts";
import type { OutboundRecord } from "../store/outbounds.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import { notePrice } from "./note-price.ts";
import { noteProblem } from "./problem.ts";
import { sendAgain } from "./send-again.ts";
import { tellArrived } from "./tell-undelivered.ts";
import type { OutboundTools } from "./tools.ts";

/** What became of a message we sent. A failure does what it asks for, and is told to staff, on the ticket. */
export async function handleReceipt(
  event: ReceiptUpdated,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  const { receipt } = event;
  tools.metrics.receipts.inc({ channel: key.channel, state: receipt.state });
  const known = await tools.store.outbounds.record(key.channel, receipt, event.at);
  if (!known) return;
  crashPoint("receipt.recorded");
  const conversation = { channel: key.channel, person: known.before.person };
  const [eventOfIntent = known.intent] = known.intent.split("-");
  // The send ended unclear and waits for this word.
  if (known.before.messageId === undefined) await tools.hurry(conversation);
  const priced = await notePrice(receipt, conversation, tools);
  const planned = receipt.pricing && known.before.cost ? { planned: known.before.cost } : {};
  const detail = { state: receipt.state, ...priced, ...planned };
  tools.trace({ event: eventOfIntent, ...conversation, step: "receipt", detail });
  if (receiptRank(receipt.state) >= receiptRank("delivered")) {
    await tools.store.outbounds.forgetReply(key.channel, known.intent);
    if (known.before.undelivered) await tellArrived(known.intent, known.before, conversation, tools);
  }
  const hasGoneOut = receipt.state !== "failed";
  if (hasGoneOut && (await tools.store.stops.resumeAfterReceipt(key.channel, known.before.at))) {
    tools.channelIs("sending again", key.channel);
  }
  // Asked for again after a crash, and dropped as a repeat where it was written.
  if (receipt.state === "failed" && advanceReceipt(known.before.receipt, "failed") === "failed") {
    await handleFailure(receipt, { ...known, conversation }, tools);
  }
}

interface Failed {
  intent: string;
  before: OutboundRecord;
  conversation: ConversationKey;
}

async function handleFailure(receipt: Receipt, failed: Failed, tools: OutboundTools): Promise<void> {
  const { intent, before, conversation } = failed;
  const [error] = receipt.errors ?? [];
  const problem = error && tools.channel.explainError?.(error);
  let then: string | undefined;
  if (problem) {
    await noteProblem(problem, { by: "receipt", conversation, intent, template: before.template }, tools);
    then = await sendAgain(problem.action, { intent, conversation }, tools);
  }
  const isKnown = problem && problem.action !== "unknown";
  const why = isKnown ? problem.says : describe(receipt);
  await tools.requestNote(conversation, {
    type: "note.requested",
    id: `failed/${intent}`,
    at: new Date(tools.clock.now()).toISOString(),
    text: `${beginningOf(intent)}: ${why}.${then ? ` ${then}.` : ""}`,
  });
  crashPoint("receipt.told");
}

function beginningOf(intent: string): string {
  const file = /-file-(\d+)$/.exec(intent)?.[1];
  return file === undefined
    ? "A WhatsApp message did not arrive"
    : `File ${Number(file) + 1} of a reply did not arrive on WhatsApp`;
}

function describe({ errors }: Receipt): string {
  const [first] = errors ?? [];
  return first ? `${first.title} (code ${first.code})` : "WhatsApp gave no reason";
}
