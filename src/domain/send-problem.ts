/**
 * What a provider's refusal of a message makes us do: one vocabulary for a refusal in the answer and for one that
 * comes later, by a failed receipt.
 * - `retry`: try again with back-off.
 * - `pace_person`: too much for this one person; only this conversation waits, 4^n seconds.
 * - `wait_a_day`: no template to this person within 24 hours.
 * - `use_template`: free text is not allowed, a template is.
 * - `stop_template`: this template in this language is not sent for now.
 * - `stop_channel`: nothing of this channel can go out until an operator has acted.
 * - `mark_person`: this person cannot get it, whatever we do.
 * - `dead_letter`: this message cannot be sent as it is.
 * - `drop_file`: the file cannot be sent, words can.
 * - `await_receipt`: a copy may have gone out; its receipt decides.
 * - `unknown`: not understood, so the same as `await_receipt`; counted, because the table wants another row.
 */
export const sendActions = [
  "retry",
  "pace_person",
  "wait_a_day",
  "use_template",
  "stop_template",
  "stop_channel",
  "mark_person",
  "dead_letter",
  "drop_file",
  "await_receipt",
  "unknown",
] as const;
export type SendAction = (typeof sendActions)[number];

/** A provider's refusal, understood. */
export interface SendProblem {
  action: SendAction;
  /**
   * The class of the trouble, from a closed list of words: a label of metrics. `marketing`: the person wants no
   * marketing messages, which is remembered.
   */
  reason: string;
  /** For staff: plain words without codes, to stand after a colon. No personal data. */
  says: string;
}
