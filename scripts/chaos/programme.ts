import { bundleProgram } from "./bundle.ts";
import type { Kills } from "./killer.ts";
import type { SuiteResult } from "./outcome.ts";
import { plansOf } from "./plans.ts";
import { playRound, type RoundResult } from "./round.ts";
import { suites } from "./suites.ts";

export interface ProgrammeOptions {
  /** The rounds' seeds follow from it: the same seed makes the same decisions again. */
  seed: number;
  /** More rounds, slower links, and all that can be wrong with Redis. */
  long: boolean;
  /** Only the rounds of these names. */
  only?: readonly string[] | undefined;
  /** A line of progress. */
  say(line: string): void;
}

/** Sums over all rounds and suites, and each round. */
export interface ProgrammeResult {
  seed: number;
  /** Of the rounds. */
  seeds: number[];
  events: number;
  arrived: number;
  /** Of any kind. */
  kills: number;
  redisKills: number;
  killed: Kills;
  lost: number;
  doubled: number;
  reordered: number;
  unaccounted: number;
  dead: number;
  held: number;
  doubledByPolicy: number;
  joined: number;
  seconds: number;
  rounds: RoundResult[];
  /** What was not as promised, or shows too little; empty when all is well. */
  complaints: string[];
}

/** A run that passes because nothing was done under fire shows nothing. */
const LEAST_UNDER_FIRE = 0.3;
const EVENTS_PER_KILL = 2;

/** Plays the programme. Rejects only when it cannot be played; what went wrong stands in `complaints`. */
export async function runProgramme({ seed, long, only, say }: ProgrammeOptions): Promise<ProgrammeResult> {
  const started = Date.now();
  const program = await bundleProgram();
  const rounds: RoundResult[] = [];
  for (const plan of plansOf(seed, long)) {
    if (only && !only.includes(plan.name)) continue;
    say(`${plan.name}: ${plan.kills} processes, ${plan.redisKills} of them Redis; seed ${plan.seed}`);
    const round = await playRound({ ...plan, suites, program, say });
    for (const suite of round.suites) say(`${plan.name}: ${JSON.stringify(suite)}`);
    rounds.push(round);
  }
  return sumOf(seed, rounds, Math.round((Date.now() - started) / 1000));
}

/** One result of several rounds, however they came about. */
export function sumOf(seed: number, rounds: RoundResult[], seconds: number): ProgrammeResult {
  const all = rounds.flatMap((round) => round.suites);
  const of = (key: Exclude<keyof SuiteResult, "name" | "faults">) =>
    all.reduce((sum, suite) => sum + suite[key], 0);
  const killed = { workers: 0, intakes: 0, redis: 0 };
  for (const round of rounds) {
    for (const key of Object.keys(killed) as (keyof Kills)[]) killed[key] += round.killed[key];
  }
  return {
    seed,
    seeds: rounds.map((round) => round.seed),
    events: of("events"),
    arrived: of("arrived"),
    kills: killed.workers + killed.intakes + killed.redis,
    redisKills: killed.redis,
    killed,
    lost: of("lost"),
    doubled: of("doubled"),
    reordered: of("reordered"),
    unaccounted: of("unaccounted"),
    dead: of("dead"),
    held: of("held"),
    doubledByPolicy: of("doubledByPolicy"),
    joined: of("joined"),
    seconds,
    rounds,
    complaints: rounds.flatMap(complaintsAbout),
  };
}

function complaintsAbout(round: RoundResult): string[] {
  const { name, killed, wanted } = round;
  const total = killed.workers + killed.intakes + killed.redis;
  const events = round.suites.reduce((sum, suite) => sum + suite.events, 0);
  const found: [boolean, string][] = [
    [total < wanted.kills, `only ${total} of ${wanted.kills} processes were killed in time`],
    [killed.redis < wanted.redisKills, `Redis was killed only ${killed.redis} times`],
    [events < EVENTS_PER_KILL * total, `only ${events} events were played`],
    [round.doneUnderFire < LEAST_UNDER_FIRE, `only ${round.doneUnderFire * 100} % were done under fire`],
    [!round.auditWhole, "the audit log is not whole"],
    ...round.suites.flatMap((suite) => faultsOf(suite, total)),
  ];
  return found.flatMap(([isSo, text]) => (isSo ? [`${name}, seed ${round.seed}: ${text}`] : []));
}

function faultsOf(suite: SuiteResult, kills: number): [boolean, string][] {
  const { name } = suite;
  const which = suite.faults.length > 0 ? ` (${suite.faults.join("; ")})` : "";
  const wrong = (["lost", "doubled", "reordered", "unaccounted", "dead"] as const).map(
    (key): [boolean, string] => [suite[key] > 0, `${name}: ${suite[key]} ${key}${which}`],
  );
  const most = kills + suite.cuts;
  const isTooMuch = suite.doubledByPolicy > most;
  return [...wrong, [isTooMuch, `${name}: ${suite.doubledByPolicy} doubles from ${most} kills and cuts`]];
}
