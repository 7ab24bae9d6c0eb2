import type { MessageType } from "./message.ts";

/** Meta's customer service window: 24 h from the person's last message (whatsapp: "send-messages", 2026). */
export const WINDOW_MS = 24 * 60 * 60 * 1000;

/**
 * True while free text is allowed. `lastMessageAt` is the provider's timestamp (ISO 8601) of the person's last
 * message, `now` milliseconds since 1970, `marginMs` what we stay away from the edge, because clocks differ and
 * the message is judged on arrival at Meta.
 */
export function isWindowOpen(lastMessageAt: string | undefined, now: number, marginMs = 60_000): boolean {
  if (!lastMessageAt) return false;
  return now < Date.parse(lastMessageAt) + WINDOW_MS - marginMs;
}

/** Whether a message of this type opens the window. Notices of WhatsApp are nothing that the person wrote. */
export function opensWindow(type: MessageType): boolean {
  return type !== "system" && type !== "welcome";
}
