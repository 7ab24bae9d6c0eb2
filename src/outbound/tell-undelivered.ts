import type { ConversationKey } from "../domain/conversation.ts";
import type { NoteRequested } from "../domain/event.ts";
import { receiptRank } from "../domain/receipt.ts";
import { lostAt } from "../domain/undelivered.ts";
import type { OutboundRecord } from "../store/outbounds.ts";
import type { OutboundTools } from "./tools.ts";

export type UndeliveredTools = Pick<OutboundTools, "requestNote" | "clock" | "patience"> & {
  store: Pick<OutboundTools["store"], "outbounds" | "undelivered">;
  metrics: Pick<OutboundTools["metrics"], "undelivered">;
};

/** Looked at in one round; the rest follows in the next. */
const MOST = 100;

/**
 * One round: what WhatsApp has not reported as delivered in time is told on its ticket, first that it has not arrived so
 * far, then that it will not. WhatsApp promises no word about what it drops.
 */
export async function tellUndelivered(channel: string, tools: UndeliveredTools): Promise<void> {
  const { undelivered, outbounds } = tools.store;
  for (const intent of await undelivered.claim(channel, tools.clock.now(), MOST)) {
    const record = await outbounds.get(channel, intent);
    if (record && isAwaited(record)) await tell({ channel, intent, record }, tools);
    else await undelivered.forget(channel, intent);
  }
}

/** Taken by WhatsApp, and neither delivered nor refused. Of what may not have been taken, staff know by another note. */
function isAwaited({ messageId, receipt }: OutboundRecord): boolean {
  return messageId !== undefined && (!receipt || receiptRank(receipt) < receiptRank("failed"));
}

interface Late {
  channel: string;
  intent: string;
  record: OutboundRecord;
}

async function tell({ channel, intent, record }: Late, tools: UndeliveredTools): Promise<void> {
  const end = lostAt(record.at, tools.patience);
  const isLost = tools.clock.now() >= end;
  const text = isLost
    ? `${name(record)} was not delivered: WhatsApp has not reported that it reached the phone, and does not try any more.`
    : `${name(record)} has not been delivered so far: the phone may be off. WhatsApp goes on trying.`;
  const conversation = { channel, person: record.person };
  await tools.requestNote(conversation, note(isLost ? "lost" : "late", { intent, text }, tools));
  tools.metrics.undelivered.inc({ channel, stage: isLost ? "lost" : "late" });
  await tools.store.undelivered.told(channel, intent, isLost ? undefined : end);
}

/** It arrived although staff read that it had not. */
export async function tellArrived(
  intent: string,
  record: OutboundRecord,
  conversation: ConversationKey,
  tools: Pick<OutboundTools, "requestNote" | "clock">,
): Promise<void> {
  const text = `${name(record)} has reached the phone after all.`;
  await tools.requestNote(conversation, note("arrived", { intent, text }, tools));
}

/** One note for all parts of a reply: they go the same way. */
function note(
  kind: string,
  { intent, text }: { intent: string; text: string },
  { clock }: Pick<OutboundTools, "clock">,
): NoteRequested {
  const [eventOfIntent = intent] = intent.split("-");
  const at = new Date(clock.now()).toISOString();
  return { type: "note.requested", id: `${kind}/${eventOfIntent}`, at, text };
}

function name({ at, template }: OutboundRecord): string {
  const time = new Date(at).toISOString().slice(0, 16).replace("T", " ");
  return `The WhatsApp message of ${time} UTC${template ? ` (template ${template.name})` : ""}`;
}
