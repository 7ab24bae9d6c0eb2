/** What may be done about a message whose earlier try ended unclear: it may have gone out. */
export type SecondTry = { kind: "wait"; waitMs: number } | { kind: "give_up" } | { kind: "send" };

export interface UnclearTry {
  /** Milliseconds, of the latest try. */
  at: number;
  attempts: number;
}

export interface SecondTryPolicy {
  now: number;
  receiptWaitMs: number;
  /** An unclear send is not tried a second time. */
  atMostOnce: boolean;
}

/** A second try after an unclear one; never a third. */
const MOST_TRIES = 2;

/** Its receipt is waited for first. Pure. */
export function planSecondTry({ at, attempts }: UnclearTry, policy: SecondTryPolicy): SecondTry {
  const age = policy.now - at;
  if (age < policy.receiptWaitMs) return { kind: "wait", waitMs: policy.receiptWaitMs - age };
  return policy.atMostOnce || attempts >= MOST_TRIES ? { kind: "give_up" } : { kind: "send" };
}
