import type { MessageType } from "./message.ts";

/** These say something about an earlier message or about the account; nobody expects a new ticket of them. */
const REMARKS: ReadonlySet<MessageType> = new Set(["reaction", "edit", "deletion", "system", "welcome"]);

/** Whether a message of this type opens or reopens a ticket when none is open. */
export function opensTicket(type: MessageType): boolean {
  return !REMARKS.has(type);
}
