import { type ErrorKind, fromHttpResponse, PluginError, parseRetryAfter } from "../../sdk/index.ts";
import { asFields, asId, type Fields } from "./fields.ts";

interface ErrorClass {
  kind: ErrorKind;
  /** For operators. Graph's own messages are not shown: they can hold phone numbers. */
  says: string;
  codes: number[];
  retryAfterMs?: number;
}

/**
 * Graph's codes by what they mean for us (whatsapp/support/error-codes, November 2025 to May 2026). The HTTP status does
 * not tell: rate limits are 400, server errors and a missing registration both 500, an unknown template 404.
 */
const classes: ErrorClass[] = [
  {
    kind: "auth",
    says: "the access token is not valid or lacks a permission",
    codes: [0, 3, 10, 190, 131005],
  },
  { kind: "auth", says: "the account is locked or restricted by Meta", codes: [368, 131031] },
  {
    kind: "config",
    says: "the account has no valid payment, name or registration",
    codes: [131037, 131042, 131045, 133000, 133005, 133006, 133008, 133009, 133010, 134011],
  },
  { kind: "throttled", says: "a rate limit is reached", codes: [4, 80007, 130429, 133016] },
  // One message in 6 s to one person (whatsapp/throughput).
  { kind: "throttled", says: "too many messages to one person", codes: [131056], retryAfterMs: 6_000 },
  { kind: "throttled", says: "the flow's hourly limit is reached", codes: [132069], retryAfterMs: 3_600_000 },
  { kind: "unavailable", says: "the number was just deregistered", codes: [133015], retryAfterMs: 300_000 },
  { kind: "unavailable", says: "the template is still being copied", codes: [134101], retryAfterMs: 600_000 },
  // A copy may have gone out.
  {
    kind: "ambiguous",
    says: "Meta had a fault of its own",
    codes: [1, 2, 131000, 131016, 131057, 133004],
  },
  {
    kind: "window_closed",
    says: "the 24-hour window is closed, only a template may be sent",
    codes: [131047],
  },
  {
    kind: "rejected",
    says: "the person cannot be reached",
    codes: [131021, 131026, 131030, 130403, 130497, 131062, 137000],
  },
  { kind: "rejected", says: "the person has stopped marketing messages", codes: [131050] },
  { kind: "rejected", says: "Meta held the message back for the person's sake", codes: [130472, 131049] },
  // Meta asks not to repeat these by itself.
  { kind: "rejected", says: "the spam limit is reached, send less", codes: [131048, 131064] },
  {
    kind: "rejected",
    says: "the message is not valid",
    codes: [33, 100, 131008, 131009, 131051, 131055, 134100, 134102, 135000],
  },
  {
    kind: "rejected",
    says: "the template is missing, paused or filled wrongly",
    codes: [132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018],
  },
  { kind: "rejected", says: "the flow is blocked", codes: [132068] },
  { kind: "rejected", says: "the file cannot be used", codes: [131052, 131053] },
];

const byCode = new Map(classes.flatMap((group) => group.codes.map((code) => [code, group] as const)));

const permission: ErrorClass = { kind: "auth", says: "the access token lacks a permission", codes: [] };
const notOurs: ErrorClass = {
  kind: "config",
  says: "the id does not exist, or the access token may not see it",
  codes: [],
};
/** Not understood is not the same as failed: the message may have gone out. */
const unknown: ErrorClass = { kind: "ambiguous", says: "an answer that is not known here", codes: [] };

function classOf(code: number, subcode: unknown): ErrorClass {
  if (code === 100 && subcode === 33) return notOurs;
  if (code >= 200 && code <= 299) return permission;
  return byCode.get(code) ?? unknown;
}

export interface GraphAnswer {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
  /** Undefined when it was not a JSON object. */
  body: Fields | undefined;
}

/** True when the answer carries Graph's error object, whatever its status. */
export function isGraphError(body: Fields | undefined): boolean {
  return asFields(body?.["error"]) !== undefined;
}

/** The error for an answer that is not a success. `what` names the operation, `now` is in milliseconds. */
export function graphError(answer: GraphAnswer, what: string, now: number): PluginError {
  const error = asFields(answer.body?.["error"]);
  const code = Number(asId(error?.["code"]) ?? Number.NaN);
  if (!Number.isInteger(code)) return errorWithoutCode(answer, what, now);
  const { kind, says, retryAfterMs } = classOf(code, error?.["error_subcode"]);
  const wait = parseRetryAfter(answer.headers["retry-after"], now) ?? retryAfterMs;
  return new PluginError({
    kind,
    code,
    operatorMessage: `${what}: ${says} (Graph error ${code})`,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

/** Something between us and Graph answered. Only what an operator can mend, or a later try, is told apart. */
function errorWithoutCode(answer: GraphAnswer, what: string, now: number): PluginError {
  const plain = fromHttpResponse(answer, what, now);
  if (answer.status === 404) {
    const operatorMessage = `${what}: not found (404), and not by Graph; look at graphUrl and graphVersion`;
    return new PluginError({ kind: "config", code: 404, operatorMessage });
  }
  if (plain.kind !== "rejected" && plain.kind !== "conflict" && plain.kind !== "not_found") return plain;
  return new PluginError({
    kind: "ambiguous",
    code: answer.status,
    operatorMessage: `${what}: the answer (${answer.status}) is not Graph's`,
  });
}
