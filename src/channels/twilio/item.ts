import type { Arrival, ChannelEvent } from "../../sdk/index.ts";

/** A form that is a message or a status of the number `accountId`. */
export interface Item {
  /** Twilio's id of the message. */
  id: string;
  form: ReadonlyMap<string, string>;
  arrival: Arrival;
  accountId: string;
}

/** What one form says, or the reason for its quarantine (without personal data). */
export type Outcome = { events: ChannelEvent[] } | { reason: string };
