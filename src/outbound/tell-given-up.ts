import type { ConversationKey } from "../domain/conversation.ts";
import type { Event, HelpdeskEvent } from "../domain/event.ts";
import { eventKey } from "../domain/trace.ts";
import { reasonToKeep } from "./handle-comment.ts";
import { intentOf } from "./send-once.ts";
import type { OutboundTools } from "./tools.ts";

export type GivenUpTools = Pick<OutboundTools, "requestNote" | "clock"> & {
  store: Pick<OutboundTools["store"], "outbounds">;
};

/**
 * What staff count on became a dead letter: a note says so, once. Where the reason was told when it happened, the same
 * note's id keeps this one away.
 */
export async function tellGivenUp(
  event: Event,
  conversation: ConversationKey,
  { requestNote, store, clock }: GivenUpTools,
): Promise<void> {
  if (!isForThePerson(event)) return;
  const gone = await whatHasGone(event, conversation.channel, store);
  const text = `${SAYS[event.type][gone]}: it was tried again and again, and is given up; an operator can send it once more.`;
  const at = new Date(clock.now()).toISOString();
  await requestNote(conversation, { type: "note.requested", id: `not-sent/${event.id}`, at, text });
}

const SAYS = {
  "comment.added": {
    nothing: "The reply above was not sent to WhatsApp",
    something: "Only the beginning of the reply above was sent to WhatsApp",
    unknown: "It is unknown whether the reply above was sent to WhatsApp",
  },
  "ticket.changed": {
    nothing: "No confirmation of this change was sent to WhatsApp",
    something: "Only the beginning of the confirmation of this change was sent to WhatsApp",
    unknown: "It is unknown whether a confirmation of this change was sent to WhatsApp",
  },
} as const;

function isForThePerson(event: Event): event is HelpdeskEvent {
  if (event.type === "comment.added") return reasonToKeep(event) === undefined;
  return event.type === "ticket.changed" && !event.author.isUs;
}

/** A worker that died in the middle of a send leaves an intent without an answer. */
async function whatHasGone(
  event: HelpdeskEvent,
  channel: string,
  { outbounds }: GivenUpTools["store"],
): Promise<"nothing" | "something" | "unknown"> {
  const id = eventKey(event.id);
  const files = event.type === "comment.added" ? event.attachments.length : 0;
  const intents = [
    "template" as const,
    ...Array.from({ length: files }, (_, index) => `file-${index}` as const),
  ];
  const records = await Promise.all(intents.map((part) => outbounds.get(channel, intentOf(id, part))));
  let part = await outbounds.get(channel, intentOf(id, 0));
  for (let next = 1; part; next++) {
    records.push(part);
    part = part.messageId ? await outbounds.get(channel, intentOf(id, next)) : undefined;
  }
  const begun = records.filter((record) => record !== undefined);
  if (begun.some((record) => !record.messageId)) return "unknown";
  return begun.length > 0 ? "something" : "nothing";
}
