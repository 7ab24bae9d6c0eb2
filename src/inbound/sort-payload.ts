import { digest } from "../domain/digest.ts";
import type { ChannelEvent } from "../domain/event.ts";
import type { ParsedPayload, Quarantined } from "../sdk/channel.ts";
import type { IntakeItem } from "../store/intake-item.ts";
import { SEEN_SECONDS } from "../store/keys.ts";

export interface SortOptions {
  /** The channel whose address the webhook was sent to. */
  addressed: string;
  /** The channel of an account id, if it is ours and behind the same secret. */
  channelOf(accountId: string): string | undefined;
  /** ISO 8601. */
  receivedAt: string;
}

/**
 * Gives each part of a webhook its place: what people do and receipts into mailboxes, the account's news aside, the rest
 * into quarantine. Several numbers may share one callback; an unknown number's events are kept, not guessed at.
 */
export function sortPayload(parsed: ParsedPayload, options: SortOptions): IntakeItem[] {
  const events = parsed.events.map((event) => sortEvent(event, options));
  const odd = parsed.quarantined.map((one) => quarantine(one, one.accountId, options));
  return [...events, ...odd];
}

function sortEvent(event: ChannelEvent, options: SortOptions): IntakeItem {
  const channel = options.channelOf(event.accountId);
  if (!("person" in event)) {
    return { keep: { channel: channel ?? options.addressed, list: "account", id: event.id, content: event } };
  }
  if (!channel) {
    return quarantine({ reason: "no channel has this phone number id", payload: event }, undefined, options);
  }
  const person = { seen: event.person };
  switch (event.type) {
    case "receipt.updated":
      return { deliver: { channel, lane: "receipt", event: withoutAccount(event), person } };
    case "message.received":
      if (isForgotten(event.message.sentAt, options.receivedAt)) {
        return quarantine({ reason: TOO_OLD, payload: event }, event.accountId, options);
      }
      return { deliver: { channel, lane: "in", event: withoutAccount(event), person } };
    case "consent.changed":
      return { deliver: { channel, lane: "in", event: withoutAccount(event), person } };
  }
}

const TOO_OLD = "sent so long ago that a repeat would not be recognised: WhatsApp gives up after 7 days";

/** Signatures carry no time: who once saw a signed webhook could send it again when its ids are forgotten. */
function isForgotten(sentAt: string, receivedAt: string): boolean {
  return Date.parse(receivedAt) - Date.parse(sentAt) > SEEN_SECONDS * 1000;
}

/** The channel says which account it was; the event need not. */
function withoutAccount<T extends { accountId: string }>({
  accountId: _,
  ...event
}: T): Omit<T, "accountId"> {
  return event;
}

function quarantine(one: Quarantined, accountId: string | undefined, options: SortOptions): IntakeItem {
  const channel = (accountId && options.channelOf(accountId)) || options.addressed;
  const content = { reason: one.reason, payload: one.payload };
  const id = digest(JSON.stringify(content));
  return { keep: { channel, list: "quarantine", id, content: { ...content, at: options.receivedAt } } };
}
