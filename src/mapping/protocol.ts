/** What the parent asks of a child, several in a list. They are answered one by one, in order, so that a crash has one culprit. */
export interface EvaluationRequest {
  id: number;
  /** Hash of the source; the child keeps what it has compiled. */
  version: string;
  /** Sent when this child has not compiled this version yet. */
  source?: string;
  /** What stands beside the source; without `text` it is what the child got last. */
  lookups?: { version: string; text?: string };
  /** JSON text; absent to compile only. */
  input?: string;
  /** Milliseconds that the evaluation may take. */
  timeoutMs: number;
  /** Tell which branches were taken. Never asked for in production. */
  cover?: true;
  /** Characters of JSON that the result may have. Default MAX_RESULT_LENGTH. */
  resultLength?: number | undefined;
}

/** Why there is no result. `reason` quotes nothing from the input; `detail` may. */
export interface Failure {
  kind: "compile" | "evaluate" | "limit";
  reason: string;
  detail?: string;
  /** Offset in the source. */
  position?: number;
  /** Place in the result. Its keys may come from the input. */
  path?: PropertyKey[];
  /** May be the machine's fault: worth one more try. */
  retry?: boolean;
}

/** A way that a mapping can take. */
export interface Branch {
  /** Offset of its operator or function in the source. */
  position: number;
  what: "then" | "else" | "value" | "default" | "right side" | "function";
  taken: boolean;
}

/** Of one evaluation. */
export interface Coverage {
  branches: Branch[];
  /** The file looks at the message, so that its cases should differ in it. */
  readsMessage: boolean;
}

/**
 * `result` is JSON text; absent when the expression produced nothing. `position`: offset in the source of what made it.
 * `coverage` only when asked for.
 */
export type Verdict = ({ ok: true; result?: string; position?: number } | { ok: false; failure: Failure }) & {
  coverage?: Coverage;
};

export type ChildMessage = { ready: true } | { id: number; verdict: Verdict };

/** So many versions a parent takes for known to a child before it sends their sources anew. */
export const KNOWN_VERSIONS = 100;

/** Largest result in characters of JSON. */
export const MAX_RESULT_LENGTH = 64 * 1024;

/**
 * Who overruns with less than this share of the limit spent on the processor was kept waiting: the machine was busy, not
 * the mapping, and a second try is fair. So no mapping that needs less than this (a good one needs a few milliseconds)
 * is ever stopped for the machine's fault at first. A smaller share would end a hostile one a second sooner on a starved
 * machine and file good messages as dead letters there: a late verdict costs one child a second, a wrong dead letter a
 * person's time.
 */
export const BUSY_SHARE = 0.25;
