import { fromHttpResponse, PluginError, parseRetryAfter, type SendProblem } from "../../sdk/index.ts";
import { rowOf } from "./error-table.ts";
import { asFields, asId, type Fields } from "./fields.ts";

/** What a code of Graph asks for, in an answer as in a failed receipt. */
export function problemOf(code: number, subcode?: unknown): SendProblem {
  const { action, reason, says } = rowOf(code, subcode);
  return { action, reason, says };
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
  const subcode = error?.["error_subcode"];
  const { kind, says, retryAfterMs } = rowOf(code, subcode);
  const wait = parseRetryAfter(answer.headers["retry-after"], now) ?? retryAfterMs;
  return new PluginError({
    kind,
    code,
    operatorMessage: `${what}: ${says} (Graph error ${code})`,
    problem: problemOf(code, subcode),
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
