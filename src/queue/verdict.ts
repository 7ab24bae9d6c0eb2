import { asFailure } from "../domain/failure.ts";

export interface RetryPolicy {
  /** An event that began this often without an end kills its worker: dead letter. */
  crashLimit: number;
  /** From the first failure on. */
  giveUpAfterMs: number;
  /** A number from 0 to 1, so that waiting conversations do not all come back at once. */
  random(): number;
}

export interface Failed {
  /** Tries before this one. */
  tries: number;
  /** Milliseconds since the first failure. */
  ageMs: number;
}

/**
 * Why an event becomes a dead letter. `mapping`: the file that failed, with its version. `unclear`: the external id of
 * the record that may be there or not.
 */
export interface Burial {
  kind: string;
  reason: string;
  mapping?: string;
  unclear?: string;
}

export type Verdict =
  | { do: "wait"; delayMs: number; kind: string; reason: string; isFailure: boolean }
  | ({ do: "bury" } & Burial);

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 300_000;
/** Errors nobody foresaw are our bugs: a few tries, in case it was a passing state, then an operator must look. */
const MOST_TRIES_OF_UNFORESEEN = 5;
/** Only an operator can help, and nothing is lost by waiting for one: a bad token must not empty the mailboxes. */
const OPERATORS = new Set(["auth", "config"]);

/** What becomes of an event whose handler threw. */
export function verdictOn(error: unknown, failed: Failed, policy: RetryPolicy): Verdict {
  const failure = asFailure(error);
  if (!failure) return verdictOnUnforeseen(error, failed, policy);
  const { kind, operatorMessage: reason, mapping, unclear } = failure;
  if (!failure.retryable) {
    return { do: "bury", kind, reason, ...(mapping ? { mapping } : {}), ...(unclear ? { unclear } : {}) };
  }
  const isFailure = kind !== "waiting";
  if (isFailure && !OPERATORS.has(kind) && failed.ageMs > policy.giveUpAfterMs) {
    return { do: "bury", kind, reason: `${reason}; gave up after ${hours(failed.ageMs)}` };
  }
  const isPaced = failure.problem?.action === "pace_person";
  const delayMs = failure.retryAfterMs ?? (isPaced ? paced(failed.tries) : backoff(failed.tries, policy));
  return { do: "wait", delayMs, kind, reason, isFailure };
}

function verdictOnUnforeseen(error: unknown, failed: Failed, policy: RetryPolicy): Verdict {
  const name = error instanceof Error ? error.name : typeof error;
  const reason = `unforeseen ${name} in a handler`;
  if (failed.tries + 1 >= MOST_TRIES_OF_UNFORESEEN) return { do: "bury", kind: "bug", reason };
  return { do: "wait", delayMs: backoff(failed.tries, policy), kind: "bug", reason, isFailure: true };
}

/** 1 s, 2 s, 4 s … 5 min, each spread by up to a fifth. */
function backoff(tries: number, policy: RetryPolicy): number {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** Math.min(tries, 20), LONGEST_DELAY_MS);
  return Math.round(delay * (1 + policy.random() / 5));
}

/** 4^n seconds, up to 5 min: Meta's rule for too many messages to one person (whatsapp/throughput). Nobody else waits. */
function paced(tries: number): number {
  return Math.min(1000 * 4 ** Math.min(tries, 10), LONGEST_DELAY_MS);
}

function hours(ms: number): string {
  return `${Math.round(ms / 360_000) / 10} h`;
}
