import {
  type ErrorKind,
  fromHttpResponse,
  PluginError,
  parseRetryAfter,
  type SendAction,
  type SendProblem,
} from "../../sdk/index.ts";
import { asFields, asId, type Fields } from "../cloud-api/fields.ts";

interface ErrorRow extends SendProblem {
  kind: ErrorKind;
  codes: number[];
}

/**
 * Twilio's codes by what they mean for us (twilio.com/docs/api/errors, 2026), in answers as in failed receipts; the
 * words for staff are ours, because Twilio's hold phone numbers. Listed in docs/whatsapp-by-twilio.md.
 *
 * How sure: each code's page was read for 20005, 21609, 21611, 21655, 21656, 21658, 63008, 63014 to 63019, 63021, 63028,
 * 63038 and 63049. Twilio's table of WhatsApp's codes (whatsapp/api/error-code-mapping) bears out 63001, 63003, 63005,
 * 63010, 63012, 63013, 63020, 63022, 63024, 63027, 63029, 63032 and 63033. Of the others only the titles are known, by
 * third parties: 20003, 20008, 20404, 20429, 20500, 20503, 21211, 21212, 21602, 21606, 21608, 21610, 21614, 21617, 21619,
 * 63007, 63040 to 63042, 63051 and 63112.
 */
export const errorTable: readonly ErrorRow[] = [
  ...group("token", "auth", "stop_channel", [
    ["our access to Twilio is not right or lacks a permission", 20003, 20005, 20008, 63001],
  ]),
  ...group("settings", "config", "stop_channel", [
    ["our account, number or address is not set up at Twilio", 20404, 21212, 21606, 21609, 63008],
  ]),
  ...group("registration", "config", "stop_channel", [
    ["our WhatsApp number is not registered, or Meta has disabled it", 63007, 63020, 63051, 63112],
    ["the display name of our WhatsApp number is not approved", 63022],
  ]),
  ...group("throttle", "throttled", "retry", [
    ["too much was sent to WhatsApp in a short time", 20429, 21611, 63017, 63018, 63038],
  ]),
  ...group("server", "ambiguous", "await_receipt", [
    ["Twilio or WhatsApp had a fault of its own", 20500, 20503, 63010, 63012],
  ]),
  ...group("window", "window_closed", "use_template", [["the 24 hours for a free answer are over", 63016]]),
  ...group("person", "rejected", "mark_person", [
    [
      "this person cannot be reached on WhatsApp",
      21211,
      21608,
      21610,
      21614,
      63003,
      63015,
      63024,
      63032,
      63033,
    ],
  ]),
  ...group("person", "rejected", "mark_person", [
    ["the person has blocked our number or wants no messages from us", 63014],
  ]),
  ...group("engagement", "rejected", "wait_a_day", [["WhatsApp held it back for the person's sake", 63049]]),
  ...group("policy", "rejected", "dead_letter", [["WhatsApp's rules do not allow this message", 63013]]),
  ...group("payload", "rejected", "dead_letter", [
    ["the message is not valid", 21602, 21617, 21619, 21656, 21658, 63005, 63021],
  ]),
  ...group("file", "rejected", "drop_file", [["the file cannot be used", 63019]]),
  ...group("template", "rejected", "stop_template", [
    ["the template is missing, paused or filled wrongly", 21655, 63027, 63028, 63029, 63040, 63041, 63042],
  ]),
];

function group(
  reason: string,
  kind: ErrorKind,
  action: SendAction,
  rows: [says: string, ...codes: number[]][],
): ErrorRow[] {
  return rows.map(([says, ...codes]) => ({ reason, kind, action, says, codes }));
}

const byCode = new Map(errorTable.flatMap((row) => row.codes.map((code) => [code, row] as const)));

const UNKNOWN: SendProblem = {
  action: "unknown",
  reason: "unknown",
  says: "Twilio could not deliver it and gave a reason that is not known here",
};

/** What a code of Twilio's asks for, in an answer as in a failed receipt. */
export function problemOf(code: number): SendProblem {
  const { action, reason, says } = byCode.get(code) ?? UNKNOWN;
  return { action, reason, says };
}

export interface TwilioAnswer {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
  /** Undefined when it was not a JSON object. */
  body: Fields | undefined;
}

/** The error for an answer that is not a success. `what` names the operation, `now` is in milliseconds. */
export function twilioError(answer: TwilioAnswer, what: string, now: number): PluginError {
  const { status, headers } = answer;
  const plain = fromHttpResponse(answer, what, now);
  const code = Number(asId(asFields(answer.body)?.["code"]) ?? Number.NaN);
  const known = byCode.get(code);
  const retryAfterMs = parseRetryAfter(headers["retry-after"], now);
  if (known) {
    return new PluginError({
      kind: known.kind,
      code,
      operatorMessage: `${what}: ${known.says} (Twilio error ${code})`,
      problem: problemOf(code),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
  const isRefused = plain.kind === "rejected" || plain.kind === "conflict" || plain.kind === "not_found";
  if (!isRefused) return plain;
  // Twilio creates nothing when it answers 4xx with a code; without a code something else has answered.
  return Number.isInteger(code)
    ? new PluginError({ kind: "rejected", code, operatorMessage: `${what}: Twilio refused (error ${code})` })
    : new PluginError({
        kind: "ambiguous",
        code: status,
        operatorMessage: `${what}: the answer (${status}) is not Twilio's`,
      });
}
