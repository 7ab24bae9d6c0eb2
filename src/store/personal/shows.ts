import { toE164 } from "../../domain/phone.ts";
import type { Subject } from "./subject.ts";

const DIGITS = /(?<!\d)\d{7,15}(?!\d)/g;
/** WhatsApp's message ids: base64 in which a phone number stands. */
const MESSAGE_ID = /wamid\.([A-Za-z0-9+/]+)/g;

/** Whether a text names a person by number, in any national spelling, or by user id. */
export function shows(text: string, { phones, userIds }: Pick<Subject, "phones" | "userIds">): boolean {
  for (const id of userIds) {
    const whole = new RegExp(`(?<![A-Za-z0-9])${id.replaceAll(".", "\\.")}(?![A-Za-z0-9])`);
    if (whole.test(text)) return true;
  }
  const ends = new Set([...phones].map(endOf));
  // Most numbers are times and ids of other things: only those that end alike are taken apart.
  for (const [digits] of opened(text).matchAll(DIGITS)) {
    if (ends.has(endOf(digits)) && phones.has(toE164(digits) ?? "")) return true;
  }
  return false;
}

function endOf(number: string): string {
  return number.slice(-6);
}

/** The text, and what its message ids say. */
function opened(text: string): string {
  const ids = [...text.matchAll(MESSAGE_ID)].map(([, id = ""]) =>
    Buffer.from(id, "base64").toString("latin1"),
  );
  return [text, ...ids].join("\n");
}
