/** What one payload shows of somebody, as Meta writes it: phone numbers without `+`. */
export interface Shown {
  user?: string;
  phone?: string;
  parent?: string;
  /** Number of the business that it was sent to; the first if absent. */
  to?: 1 | 2;
}

export type Step =
  | { says: Shown }
  | { notice: { system: Record<string, string>; from?: string; to?: 1 | 2 } }
  | { receipt: Shown }
  /** Meta sends the last webhook once more. */
  | { again: true };

export interface Story {
  story: string;
  steps: Step[];
  /** How everybody shows in the end, one each: to be told apart, or not, into this many mailboxes. */
  end: Shown[];
  mailboxes: number;
  /** In the helpdesk; a contact that was made before two were known to be one stays there. */
  contacts: number;
  /** Contacts that we still write to; as many as there are mailboxes if absent. */
  written?: number;
}

// Ofcom keeps +44 7700 900000 to 900999 for fiction.
export const [P1, P2, P3] = ["447700900101", "447700900102", "447700900103"];
export const [U1, U2, U3] = ["GB.1000000000000001", "GB.1000000000000002", "GB.1000000000000003"];
export const parent = "GB.ENT.1000000000000009";

export const says = (shown: Shown): Step => ({ says: shown });
export const receipt = (shown: Shown): Step => ({ receipt: shown });
export const notice = (type: string, system: Record<string, string>, from?: string): Step => ({
  notice: { system: { type, ...system }, ...(from ? { from } : {}) },
});
export const newNumber = (system: Record<string, string>, from?: string) =>
  notice("user_changed_number", system, from);
export const newUserId = (previous: string, now: string) =>
  notice("user_changed_user_id", { previous_user_id: previous, user_id: now });
/** As of 2026 a new phone number brings a new user id. */
export const moved = (previous: string, now: string, from: string, to: string) =>
  newNumber({ previous_user_id: previous, user_id: now, wa_id: to }, from);
export const again: Step = { again: true };
export const one = { mailboxes: 1, contacts: 1 };
export const two = { mailboxes: 2, contacts: 2 };

export const both1 = { user: U1, phone: P1 };
