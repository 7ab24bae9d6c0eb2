import type { TestClock } from "./clock.ts";

/**
 * What one call to the other side does. `when` tells whether it had its effect there before it went wrong: an answer
 * cut after the commit is the case that makes doubles.
 */
export type Outcome =
  | "ok"
  | { fail: () => Error; when: "before" | "after"; takesMs?: number }
  /** Our process dies during the call: nothing after it runs. */
  | { crash: "before" | "after" };

/** Outcomes for the next calls, each name with a queue of its own; a call without one goes well. */
export interface Script {
  /** Adds outcomes for the next calls of this name. */
  next(name: string, ...outcomes: Outcome[]): void;
  /** Forgets the outcomes that are still waiting. */
  forget(name: string): void;
  /** One outcome for every further call of this name, until it is set to "ok". */
  always(name: string, outcome: Outcome): void;
  /** Does the effect as the outcome says. */
  play<T>(name: string, effect: () => T | Promise<T>): Promise<T>;
  /** Names of all calls so far, in order. */
  calls: string[];
  /** How many calls of this name. */
  count(name: string): number;
  /** Resolves when a call crashes us; see `untilCrash`. */
  crashed(): Promise<"crashed">;
}

export function createScript(clock: TestClock): Script {
  const waiting = new Map<string, Outcome[]>();
  const standing = new Map<string, Outcome>();
  const calls: string[] = [];
  let watchers: (() => void)[] = [];

  function crash(): Promise<never> {
    for (const tell of watchers) tell();
    watchers = [];
    return new Promise(() => undefined);
  }

  return {
    calls,
    count: (name) => calls.filter((call) => call === name).length,
    next: (name, ...outcomes) => void waiting.set(name, [...(waiting.get(name) ?? []), ...outcomes]),
    forget: (name) => void waiting.delete(name),
    always: (name, outcome) => void standing.set(name, outcome),
    crashed: () => new Promise((resolve) => watchers.push(() => resolve("crashed"))),
    async play(name, effect) {
      calls.push(name);
      const outcome = waiting.get(name)?.shift() ?? standing.get(name) ?? "ok";
      if (outcome === "ok") return effect();
      if ("crash" in outcome) {
        if (outcome.crash === "after") await effect();
        return crash();
      }
      // Late within the call, as a slow server commits: the worst moment for whoever looks for the record afterwards.
      clock.advance(outcome.takesMs ?? 0);
      if (outcome.when === "after") await effect();
      throw outcome.fail();
    },
  };
}

/** Runs until the work ends or a scripted crash cuts it off; what had begun then never goes on. */
export async function untilCrash(script: Script, work: () => Promise<unknown>): Promise<"done" | "crashed"> {
  const crashed = script.crashed();
  return Promise.race([work().then(() => "done" as const), crashed]);
}
