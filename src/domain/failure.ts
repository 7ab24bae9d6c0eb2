import type { SendProblem } from "./send-problem.ts";

/**
 * What a handler's error says about trying again. Plugins' and mappings' errors have this shape, so that the queue
 * needs to know neither.
 */
export interface Failure {
  kind: string;
  retryable: boolean;
  retryAfterMs?: number | undefined;
  /** No personal data. */
  operatorMessage: string;
  /** What a channel's refusal to send means, where that is known. */
  problem?: SendProblem | undefined;
  /** The mapping file that failed, with its version, as traces show it: `ticket@3f2a…`. */
  mapping?: string | undefined;
  /** We refused it ourselves; the other side was not asked. */
  isLocal?: boolean;
  /** Id of a record that may be there or not; only an operator can tell. */
  unclear?: string | undefined;
}

/** The failure in a thrown value, or undefined when it is an error nobody foresaw. */
export function asFailure(error: unknown): (Error & Failure) | undefined {
  return error instanceof Error && "retryable" in error && "operatorMessage" in error
    ? (error as Error & Failure)
    : undefined;
}

/** Not an error: the event must wait, e.g. for a receipt. */
export class RetryLater extends Error implements Failure {
  readonly kind = "waiting";
  readonly retryable = true;
  readonly retryAfterMs: number;
  readonly operatorMessage: string;

  constructor(operatorMessage: string, retryAfterMs: number) {
    super(operatorMessage);
    this.name = "RetryLater";
    this.operatorMessage = operatorMessage;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Several events cannot be handled as one, and nothing has been done of it: each goes on by itself. */
export class NotTogether extends Error implements Failure {
  readonly kind = "not_together";
  readonly retryable = true;
  readonly operatorMessage: string;

  constructor(operatorMessage: string) {
    super(operatorMessage);
    this.name = "NotTogether";
    this.operatorMessage = operatorMessage;
  }
}

/** Trying again cannot help: the event becomes a dead letter, for an operator to look at. */
export class GiveUp extends Error implements Failure {
  readonly kind: string;
  readonly retryable = false;
  readonly operatorMessage: string;
  readonly unclear?: string;

  constructor(kind: string, operatorMessage: string, unclear?: string) {
    super(operatorMessage);
    this.name = "GiveUp";
    this.kind = kind;
    this.operatorMessage = operatorMessage;
    if (unclear !== undefined) this.unclear = unclear;
  }
}
