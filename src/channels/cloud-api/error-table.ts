import type { ErrorKind, SendAction } from "../../sdk/index.ts";

/** Codes that mean the same to us. */
export interface ErrorRow {
  /** The trouble in one word: a label of metrics and a heading of the documentation. */
  reason: string;
  /** Single codes, and ranges from the first to the last. */
  codes: (number | [first: number, last: number])[];
  /** Only with this `error_subcode`. */
  subcode?: number;
  /** What the error is to whoever calls Graph. */
  kind: ErrorKind;
  /** What is done when a message is refused for it, by answer or by a failed receipt. */
  action: SendAction;
  /** For staff, to stand after a colon. Graph's own messages are not shown: they can hold phone numbers. */
  says: string;
  /** The wait that Meta names; without it back-off decides. */
  retryAfterMs?: number;
}

const MINUTE_MS = 60_000;

/**
 * Graph's codes by what they mean for us (whatsapp/support/error-codes, November 2025 to May 2026). The HTTP status does
 * not tell: rate limits are 400, server errors and a missing registration both 500, an unknown template 404.
 */
export const errorTable: readonly ErrorRow[] = [
  ...group("token", "auth", "stop_channel", [
    {
      codes: [0, 3, 10, 190, [200, 299], 131005],
      says: "our access to WhatsApp has run out or lacks a permission",
    },
  ]),
  ...group("settings", "config", "stop_channel", [
    { codes: [100], subcode: 33, says: "WhatsApp does not know our number, or our access may not see it" },
  ]),
  ...group("policy", "auth", "stop_channel", [
    { codes: [368, 131031], says: "WhatsApp has locked or restricted our account" },
  ]),
  ...group("money", "config", "stop_channel", [
    { codes: [131042, 134011], says: "the payment for our WhatsApp account is not in order" },
  ]),
  ...group("registration", "config", "stop_channel", [
    { codes: [131037], says: "the display name of our WhatsApp number is not approved yet" },
    {
      codes: [131045, 133000, 133005, 133006, [133008, 133010]],
      says: "our WhatsApp number is not registered properly",
    },
  ]),
  ...group("registration", "unavailable", "retry", [
    { codes: [133015], says: "our WhatsApp number is being set up again", retryAfterMs: 5 * MINUTE_MS },
  ]),
  ...group("throttle", "throttled", "retry", [
    { codes: [4, 80007, 130429, 133016], says: "too much was sent to WhatsApp in a short time" },
    { codes: [132069], says: "the form was sent too often within an hour", retryAfterMs: 60 * MINUTE_MS },
  ]),
  // One message in 6 s to one person; again after 4^n seconds (whatsapp/throughput).
  ...group("pair", "throttled", "pace_person", [
    { codes: [131056], says: "too much was sent to this person in a short time" },
  ]),
  // A copy may have gone out.
  ...group("server", "ambiguous", "await_receipt", [
    { codes: [1, 2, 131000, 131016, 131057, 133004], says: "WhatsApp had a fault of its own" },
  ]),
  ...group("window", "window_closed", "use_template", [
    { codes: [131047], says: "the person last wrote more than 24 hours ago" },
  ]),
  // Not repeated by itself: that would make it worse.
  ...group("spam", "rejected", "dead_letter", [
    {
      codes: [131048, 131064],
      says: "WhatsApp limits what we may send, because people blocked or reported our messages",
    },
  ]),
  ...group("person", "rejected", "mark_person", [
    {
      codes: [131026],
      says: "the person is not on WhatsApp, uses an old version, or has not accepted its terms",
    },
    { codes: [131021], says: "the number is our own" },
    { codes: [131030], says: "our WhatsApp number is on trial, and this person is not on its list" },
    { codes: [130403], says: "our side has blocked this person" },
    { codes: [131062], says: "this kind of message needs the person's phone number, which we do not know" },
    { codes: [137000], says: "WhatsApp no longer recognises the person's device" },
    { codes: [130497], says: "WhatsApp does not let us write to the person's country" },
    { codes: [130472], says: "WhatsApp keeps marketing messages from this person for an experiment" },
  ]),
  ...group("marketing", "rejected", "mark_person", [
    { codes: [131050], says: "the person has stopped our marketing messages" },
  ]),
  ...group("engagement", "rejected", "wait_a_day", [
    { codes: [131049], says: "WhatsApp holds it back, because the person gets too many such messages" },
  ]),
  ...group("template", "rejected", "stop_template", [
    { codes: [132007], says: "the template breaks WhatsApp's rules" },
    { codes: [132015], says: "WhatsApp has paused the template, because people did not like it" },
    { codes: [132016], says: "WhatsApp has switched the template off for good" },
  ]),
  ...group("template", "rejected", "dead_letter", [
    { codes: [132000], says: "the template takes another number of values" },
    { codes: [132001], says: "the template does not exist in this language, or is not approved" },
    { codes: [132005], says: "the text is too long for the template" },
    { codes: [132008, 132012, 132018], says: "a value does not fit the template" },
  ]),
  ...group("template", "unavailable", "retry", [
    { codes: [134101], says: "WhatsApp is still preparing the template", retryAfterMs: 10 * MINUTE_MS },
  ]),
  ...group("flow", "rejected", "dead_letter", [{ codes: [132068], says: "WhatsApp has blocked the form" }]),
  ...group("payload", "rejected", "dead_letter", [
    {
      codes: [33, 100, 131008, 131009, 131051, 131055, 131060, 134100, 134102, 135000],
      says: "WhatsApp cannot read the message as it was made",
    },
  ]),
  ...group("unsupported", "rejected", "dead_letter", [
    { codes: [131014, 131020, 131035, 131036], says: "WhatsApp does not take this kind of message here" },
  ]),
  ...group("file", "rejected", "drop_file", [
    { codes: [131052, 131053], says: "WhatsApp cannot use the file" },
  ]),
];

type Meaning = Pick<ErrorRow, "codes" | "subcode" | "says" | "retryAfterMs">;

function group(reason: string, kind: ErrorKind, action: SendAction, meanings: Meaning[]): ErrorRow[] {
  return meanings.map((meaning) => ({ ...meaning, reason, kind, action }));
}

/** Not understood is not the same as failed: the message may have gone out. */
const unknown: ErrorRow = {
  reason: "unknown",
  codes: [],
  kind: "ambiguous",
  action: "unknown",
  says: "WhatsApp gave a reason that is not known here",
};

/** The row of a code; a row with a subcode goes before one without. */
export function rowOf(code: number, subcode?: unknown): ErrorRow {
  const rows = errorTable.filter(({ codes }) => codes.some((one) => includes(one, code)));
  const exact = rows.find((row) => row.subcode !== undefined && row.subcode === subcode);
  return exact ?? rows.find((row) => row.subcode === undefined) ?? unknown;
}

function includes(one: number | [number, number], code: number): boolean {
  return typeof one === "number" ? one === code : one[0] <= code && code <= one[1];
}
