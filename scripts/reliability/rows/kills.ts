import { bundleProgram } from "../../chaos/bundle.ts";
import { playRound } from "../../chaos/round.ts";
import { suites } from "../../chaos/suites.ts";
import type { MeasureRow } from "../row.ts";

/**
 * G1: one round of `npm run chaos`, whose short form plays three, with the connectors of class A and B.
 * What is doubled is counted over contacts, tickets, comments and sends.
 */
export const measureKills: MeasureRow = async ({ seed, quick, say }) => {
  const round = await playRound({
    name: "row",
    seed,
    suites: suites.filter(({ idempotency }) => idempotency !== "C"),
    kills: quick ? 30 : 120,
    redisKills: quick ? 4 : 10,
    mostMs: quick ? 60_000 : 240_000,
    appendfsync: "always",
    program: await bundleProgram(),

    say,
  });
  const sum = (key: "events" | "lost" | "doubled" | "reordered" | "unaccounted") =>
    round.suites.reduce((total, suite) => total + suite[key], 0);
  const { workers, intakes, redis } = round.killed;
  const n = { events: sum("events"), kills: workers + intakes + redis, ofThemRedis: redis };
  const figures = {
    lost: sum("lost"),
    doubled: sum("doubled"),
    reordered: sum("reordered"),
    unaccounted: sum("unaccounted"),
  };
  return [{ id: "G1", n, figures, passed: Object.values(figures).every((count) => count === 0) }];
};
