import { digest } from "./digest.ts";

/** The stations of a message on its way, in the order of the two arrows. */
export const traceSteps = [
  "accepted",
  "contact.ensured",
  "ticket.ensured",
  "media.fetched",
  "comment.added",
  "change.accepted",
  "planned",
  "sent",
  "receipt",
  "dropped",
  "dead",
] as const;

/** One step of one event, without personal data. */
export interface TraceEntry {
  /** ISO 8601. */
  at: string;
  /** eventKey of the event's id. */
  event: string;
  channel: string;
  /** Our id of the person. */
  person: string;
  step: (typeof traceSteps)[number];
  /** Ids and reasons: ticket, template, receipt state, intent. Never texts, names or phone numbers. */
  detail: Record<string, string>;
}

/** Pseudonym of an event id. Provider ids contain the phone number (base64 in `wamid.…`), so they are never shown. */
export function eventKey(eventId: string): string {
  return digest(eventId);
}
