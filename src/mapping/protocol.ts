/** What the parent asks of a child. One request is under way per child, so that a crash has one culprit. */
export interface EvaluationRequest {
  id: number;
  /** Hash of the source; the child keeps what it has compiled. */
  version: string;
  /** Sent when this child has not compiled this version yet. */
  source?: string;
  /** JSON text; absent to compile only. */
  input?: string;
  /** Milliseconds that the evaluation may take. */
  timeoutMs: number;
}

/** Why there is no result. `reason` quotes nothing from the input; `detail` may. */
export interface Failure {
  kind: "compile" | "evaluate" | "limit";
  reason: string;
  detail?: string;
  /** Offset in the source. */
  position?: number;
  /** May be the machine's fault: worth one more try. */
  retry?: boolean;
}

/** `result` is JSON text; absent when the expression produced nothing. */
export type Verdict = { ok: true; result?: string } | { ok: false; failure: Failure };

export type ChildMessage = { ready: true } | { id: number; verdict: Verdict };

/** Largest result in characters of JSON. */
export const MAX_RESULT_LENGTH = 64 * 1024;

/**
 * Who overruns with less than this share of the limit spent on the processor was kept waiting: the machine was busy, not
 * the mapping, and a second try is fair.
 */
export const BUSY_SHARE = 0.1;
