import type { SendProblem } from "../domain/send-problem.ts";

/**
 * What went wrong, in the few ways that matter to the caller.
 * - `config`, `auth`: an operator must act; attempts are not burnt.
 * - `throttled`, `unavailable`: the request had no effect; try again later.
 * - `ambiguous`: it may have had an effect (timeout, reset, 5xx, unreadable success). Never treated as failed.
 * - `not_found`, `conflict`, `rejected`: the other side refused for good.
 * - `window_closed`: WhatsApp wants a template.
 * - `bug`: the plugin itself is at fault.
 */
export const errorKinds = [
  "config",
  "auth",
  "throttled",
  "unavailable",
  "ambiguous",
  "not_found",
  "conflict",
  "rejected",
  "window_closed",
  "bug",
] as const;
export type ErrorKind = (typeof errorKinds)[number];

const retryableKinds: ReadonlySet<ErrorKind> = new Set([
  "config",
  "auth",
  "throttled",
  "unavailable",
  "ambiguous",
]);

export interface PluginErrorDetails {
  kind: ErrorKind;
  /** For operators and dead letters: no personal data, no secrets. */
  operatorMessage: string;
  /** The other side's own code, e.g. 131047. */
  code?: string | number;
  retryAfterMs?: number;
  /** Channels: what a refusal to send asks for. Without it the kind decides. */
  problem?: SendProblem;
  /** Channels: refused by ourselves, before the provider was asked, so that it says nothing of the provider. */
  isLocal?: boolean;
  cause?: unknown;
}

/** The one error that plugins throw. */
export class PluginError extends Error {
  readonly kind: ErrorKind;
  readonly code: string | number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly operatorMessage: string;
  readonly problem: SendProblem | undefined;
  readonly isLocal: boolean;

  constructor(details: PluginErrorDetails) {
    super(details.operatorMessage, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "PluginError";
    this.kind = details.kind;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
    this.operatorMessage = details.operatorMessage;
    this.problem = details.problem;
    this.isLocal = details.isLocal ?? false;
  }

  /** True when trying the same again later can succeed. */
  get retryable(): boolean {
    return retryableKinds.has(this.kind);
  }
}

/** The parts of an HTTP answer that decide what it means. */
export interface AnswerHead {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
}

/**
 * The one place where a status becomes a kind (reliability: 5xx are ambiguous, 3xx never followed).
 * `what` names the operation for the operator; bodies are never quoted, they may hold personal data.
 */
export function fromHttpResponse(answer: AnswerHead, what: string, now: number): PluginError {
  const { status } = answer;
  const kind = kindOfStatus(status);
  const retryAfterMs = parseRetryAfter(answer.headers["retry-after"], now);
  return new PluginError({
    kind,
    code: status,
    operatorMessage: `${what}: the server answered ${status}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function kindOfStatus(status: number): ErrorKind {
  if (status === 401 || status === 403) return "auth";
  if (status === 404 || status === 410) return "not_found";
  if (status === 409) return "conflict";
  if (status === 429) return "throttled";
  if (status === 503) return "unavailable";
  if (status >= 500) return "ambiguous";
  if (status >= 300 && status < 400) return "config";
  if (status >= 200 && status < 300) return "ambiguous";
  return "rejected";
}

const MAX_RETRY_AFTER_MS = 3_600_000;

/** Milliseconds from `Retry-After` (seconds or HTTP date, RFC 9110 10.2.3), at most an hour; undefined for nonsense. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  const ms = /^[0-9]+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  if (!Number.isFinite(ms) || ms < 0 || !/[0-9]/.test(text) || text.startsWith("-")) return undefined;
  return Math.min(ms, MAX_RETRY_AFTER_MS);
}
