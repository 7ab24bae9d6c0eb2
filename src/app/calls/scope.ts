import { AsyncLocalStorage } from "node:async_hooks";

/** All that is called for one thing: an event, or a round of polling. */
export interface CallScope {
  /** Stable over its tries. */
  who: string;
  /** Calls made so far. What has begun is never put off. */
  calls: number;
  /** Turns taken for calls to come. */
  prepaid: number;
}

const scopes = new AsyncLocalStorage<CallScope>();

/** Whatever is called in `work` is called for `who`. */
export function callingFor<T>(who: string, work: () => Promise<T>): Promise<T> {
  return scopes.run({ who, calls: 0, prepaid: 0 }, work);
}

/** The scope of the caller; outside of any, one of its own for this work. */
export function inScope<T>(who: string, work: (scope: CallScope) => Promise<T>): Promise<T> {
  const scope = scopes.getStore();
  if (scope) return work(scope);
  const own = { who, calls: 0, prepaid: 0 };
  return scopes.run(own, () => work(own));
}
