/**
 * A mailbox has three lanes. `in` writes to the helpdesk, `out` sends to WhatsApp, `receipt` only records: an `out`
 * lane that waits for a receipt must not stand in that receipt's way, nor may a dead helpdesk.
 */
export const lanes = ["in", "out", "receipt"] as const;
export type Lane = (typeof lanes)[number];
