import type { Lane } from "../domain/lane.ts";
import type { Where } from "./cipher.ts";

/**
 * Where each kind of encrypted value belongs. What append.lua hands on from one person to another when two turn out to be
 * one (facts, contacts) is bound to its channel and field only.
 */
export const where = {
  /** `to`: our id of the person, where it was known before the event was taken in. `ids`: eventKey of each part. */
  event: (channel: string, lane: Lane, { to, ids }: { to: string; ids: readonly string[] }): Where => [
    "event",
    channel,
    lane,
    to,
    ...ids,
  ],
  deadLetter: (channel: string, id: string): Where => ["dead letter", channel, id],
  kept: (channel: string, list: "quarantine" | "account"): Where => [list, channel],
  person: (channel: string, field: string): Where => ["person", channel, field],
  contact: (channel: string, field: string): Where => ["contact", channel, field],
  reply: (channel: string, intent: string): Where => ["reply", channel, intent],
  outbound: (channel: string, intent: string, field: string): Where => ["outbound", channel, intent, field],
  recording: (channel: string, id: string): Where => ["recording", channel, id],
  receiptKey: (): Where => ["receipt key"],
} as const;

/** Fields of a person that say who it is; `lastMessageId` has the number inside (base64). */
export const personFields = ["userId", "phone", "name", "lastMessageId"] as const;
/** `externalId` may be the number; `content` is a digest of name and number, of which there are few. */
export const contactFields = ["id", "externalId", "content"] as const;
/** Message ids have the number inside; errors are the provider's words. */
export const outboundFields = ["messageId", "errors"] as const;
