import type { Message, MessageType } from "./message.ts";

/** Meta's customer service window: 24 h from the person's last message (whatsapp: "send-messages", 2026). */
export const WINDOW_MS = 24 * 60 * 60 * 1000;

/** How far our clock may be from Meta's. Around the edge Meta decides, not we: docs/decisions/0011. */
export const CLOCK_DOUBT_MS = 5 * 60 * 1000;

/**
 * True while free text may be allowed, as far as our clock can tell; it is then tried, and Meta refuses what is late.
 * `lastMessageAt` is the provider's timestamp (ISO 8601) of the person's last message, `now` milliseconds since 1970.
 */
export function mayBeOpen(lastMessageAt: string | undefined, now: number): boolean {
  if (!lastMessageAt) return false;
  return now < Date.parse(lastMessageAt) + WINDOW_MS + CLOCK_DOUBT_MS;
}

/** Whether a message of this type opens the window. Notices of WhatsApp are nothing that the person wrote. */
export function opensWindow(type: MessageType): boolean {
  return type !== "system" && type !== "welcome";
}

const REMARKS: ReadonlySet<MessageType> = new Set([
  "system",
  "welcome",
  "reaction",
  "edit",
  "deletion",
  "call_permission",
  "unsupported",
]);

/** Whether we can react to it with an emoji: not to remarks on other messages, and not to what was said to a group. */
export function takesReactions({ type, groupId }: Message): boolean {
  return !REMARKS.has(type) && groupId === undefined;
}

/** How long after a click on an advertisement our answer makes the conversation free (whatsapp/pricing, free entry points). */
export const AD_MS = 24 * 60 * 60 * 1000;
/** And for how long, from that answer. */
export const FREE_ENTRY_MS = 72 * 60 * 60 * 1000;

/** Whether an advertisement led here: providers send Meta's `ctwa_clid` and `source_type` under names of their own. */
export function comesByAd({ referral }: Message): boolean {
  return Object.entries(referral ?? {}).some(
    ([key, value]) => /ctwa_?clid$/i.test(key) || (/source_?type$/i.test(key) && value === "ad"),
  );
}
