import { type ErrorKind, fromHttpResponse, type HttpAnswer, PluginError, parseJson } from "deskferry/sdk";
import { z } from "zod";

/** What Salesforce says was wrong. Its message may quote a person, and is never told on. */
export interface Fault {
  code: string;
  fields: string[];
  message: string;
}

const text = z.string().nullish();
const fields = z.array(z.string()).nullish();

/** Within an answer to several records the code has another name than in an answer of its own. */
export const fault = z.object({ statusCode: text, errorCode: text, message: text, fields }).transform(
  (given): Fault => ({
    code: given.statusCode ?? given.errorCode ?? "",
    fields: given.fields ?? [],
    message: given.message ?? "",
  }),
);

const kinds: Record<string, ErrorKind> = {
  INVALID_SESSION_ID: "auth",
  REQUEST_LIMIT_EXCEEDED: "throttled",
  // A lock is waited for ten seconds, and then nothing has happened.
  UNABLE_TO_LOCK_ROW: "unavailable",
  SERVER_UNAVAILABLE: "unavailable",
  QUERY_TIMEOUT: "unavailable",
  DUPLICATE_VALUE: "conflict",
  DUPLICATE_EXTERNAL_ID: "conflict",
  NOT_FOUND: "not_found",
  ENTITY_IS_DELETED: "not_found",
  INVALID_CROSS_REFERENCE_KEY: "not_found",
  MALFORMED_ID: "not_found",
  API_CURRENTLY_DISABLED: "config",
  API_DISABLED_FOR_ORG: "config",
  DUPLICATES_DETECTED: "config",
  FUNCTIONALITY_NOT_ENABLED: "config",
  INSUFFICIENT_ACCESS: "config",
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: "config",
  INSUFFICIENT_ACCESS_OR_READONLY: "config",
  INVALID_FIELD: "config",
  INVALID_FIELD_FOR_INSERT_UPDATE: "config",
  INVALID_OPERATION_WITH_EXPIRED_PASSWORD: "config",
  INVALID_TYPE: "config",
  STORAGE_LIMIT_EXCEEDED: "config",
};

const remedies: Record<string, string> = {
  DUPLICATES_DETECTED: "a duplicate rule blocks it; let it pass for Deskferry's user, see setup.md",
  INVALID_FIELD: "there is no such field, or the user may not see it",
  INVALID_FIELD_FOR_INSERT_UPDATE: "the user may not write this field",
  INVALID_TYPE: "there is no such object, or the user may not see it; see setup.md",
  REQUEST_LIMIT_EXCEEDED: "the API requests of the organisation are used up",
  STORAGE_LIMIT_EXCEEDED: "the storage of the organisation is full",
};

/** The requests of a day come back little by little; too many at once are over in seconds, and wait the usual time. */
const DAY_IS_USED_UP_MS = 600_000;

export function failureOf({ code, fields: named, message }: Fault, what: string): PluginError {
  const kind = (Object.hasOwn(kinds, code) ? kinds[code] : undefined) ?? "rejected";
  const isCode = /^[A-Z][A-Z_]{2,59}$/.test(code);
  const column = /column '(\w{1,80})'/.exec(message)?.[1];
  const where = [...named, ...(column ? [column] : [])].filter((name) => /^[A-Za-z]\w{0,79}$/.test(name));
  const remedy = Object.hasOwn(remedies, code) ? `; ${remedies[code]}` : "";
  const operatorMessage = `${what}: Salesforce refused it (${isCode ? code : "no reason"}${where.length > 0 ? `: ${where.join(", ")}` : ""})${remedy}`;
  const isDaily = kind === "throttled" && !message.startsWith("Concurrent");
  return new PluginError({
    kind,
    operatorMessage,
    ...(isCode ? { code } : {}),
    ...(isDaily ? { retryAfterMs: DAY_IS_USED_UP_MS } : {}),
  });
}

/** Of a whole answer, whose body is an array of faults where Salesforce itself has written it. */
export function refusalOf(
  answer: Pick<HttpAnswer, "status" | "headers" | "text">,
  what: string,
  now: number,
) {
  const first = z.array(fault).safeParse(parseJson(answer.text)).data?.[0];
  return first?.code ? failureOf(first, what) : fromHttpResponse(answer, what, now);
}
