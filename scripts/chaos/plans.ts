import type { RoundOptions } from "./round.ts";

export type Plan = Omit<RoundOptions, "suites" | "program" | "say">;

/** For the kills; a machine alone with two cores needs a third of it. */
const MOST_MS = 360_000;

/** Three make 606 processes, 24 of them Redis. */
const full = { kills: 202, redisKills: 8, mostMs: MOST_MS };
/** Where the links are bad as well, less is done between two kills. */
const some = { kills: 40, redisKills: 3, mostMs: MOST_MS };

/** The rounds, each with a seed of its own that follows from the programme's. The long programme begins with the short. */
export function plansOf(seed: number, long: boolean): Plan[] {
  const short: Omit<Plan, "seed">[] = [
    { name: "first", appendfsync: "always", ...full },
    { name: "second", appendfsync: "everysec", ...full },
    { name: "third", appendfsync: "always", ...full },
  ];
  const more: Omit<Plan, "seed">[] = [
    { name: "slow", appendfsync: "always", ...some, trouble: "slow" },
    { name: "frozen", appendfsync: "always", ...some, trouble: "frozen" },
    { name: "broken", appendfsync: "everysec", ...some, trouble: "broken" },
    { name: "broken-again", appendfsync: "always", ...some, trouble: "broken" },
  ];
  return [...short, ...(long ? more : [])].map((plan, index) => ({ ...plan, seed: seed + 1000 * index }));
}
