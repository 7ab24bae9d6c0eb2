import type { MessageType } from "./message.ts";

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
