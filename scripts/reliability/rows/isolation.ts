import { getPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { bundleProgram } from "../../chaos/bundle.ts";
import { seededRandom } from "../../chaos/random.ts";
import { numberOf, startStage } from "../../chaos/stage.ts";
import { type Suite, suites } from "../../chaos/suites.ts";
import { type PrivateRedis, startPrivateRedis } from "../../private-redis.ts";
import type { MeasureRow, RowOptions } from "../row.ts";
import { comesTrue } from "../stage.ts";

type Stage = Awaited<ReturnType<typeof startStage>>;

/** A process that serves two helpdesks, with a Redis of its own. */
interface Installation {
  stage: Stage;
  redis: PrivateRedis;
}

/** Longer than a connector waits for an answer. */
const HELD_MS = 30_000;

/** Until the calls for those who have just written are held. */
const HOLDS_MS = 1500;

const well = named("class-a");
const other = named("class-b");

/**
 * G10: two installations on this machine, each with two helpdesks of which one is well. In the first one all is well, but
 * for rounds in which the first message is refused for good. In the second one the other helpdesk holds every call for
 * longer than anybody waits, and more people write to it before each round. What is timed are the well ones' rounds, in
 * turns, so that a busy machine slows all of them; the best of each kind is compared.
 */
export const measureIsolation: MeasureRow = async (options) => {
  const program = await bundleProgram();
  const healthy = await install(program, options);
  const half = await install(program, options);
  try {
    return [await compare(healthy.stage, half.stage, options)];
  } finally {
    await Promise.all([healthy.stage.stop(), half.stage.stop()]);
    await Promise.all([healthy.redis.stop(), half.redis.stop()]);
  }
};

async function compare(healthy: Stage, half: Stage, { quick, say }: RowOptions) {
  const people = quick ? 10 : 40;
  const rounds = quick ? 3 : 20;
  // Not counted: processes that have just started compile their code.
  for (const stage of [healthy, half]) for (const round of [1, 2]) await timeRound(stage, { round, people });
  await half.desk(other, "POST", "/faults", { delayMs: HELD_MS, times: 100_000 });

  const kinds = {
    alone: (round: number) => timeRound(healthy, { round, people }),
    async poison(round: number) {
      await healthy.desk(well, "POST", "/faults", { operation: "ticket.create", status: 422, times: 1 });
      return timeRound(healthy, { round, people, lost: 1 });
    },
    async besideDead(round: number) {
      // Who waits for the dead one goes on waiting through all later rounds, and more come.
      await write(half, other, { round, people });
      // Their own way in costs the same whether their helpdesk is dead or well; what counts is that it holds them.
      await sleep(HOLDS_MS);
      return timeRound(half, { round, people });
    },
  };
  const times = { alone: [] as number[], poison: [] as number[], besideDead: [] as number[] };
  const order = Object.keys(kinds) as (keyof typeof kinds)[];
  for (let round = 0; round < rounds; round++) {
    order.push(...order.splice(0, 1));
    for (const [place, kind] of order.entries()) times[kind].push(await kinds[kind](10 + 3 * round + place));
    say(`isolation: ${JSON.stringify(Object.fromEntries(order.map((kind) => [kind, times[kind].at(-1)])))}`);
  }
  const best = (kind: keyof typeof kinds) => Math.min(...times[kind]);
  const slower = (kind: keyof typeof kinds) => Math.round((best(kind) / best("alone") - 1) * 1000) / 10;
  const figures = {
    aloneMs: best("alone"),
    besideDeadMs: best("besideDead"),
    besideDeadSlowerPercent: slower("besideDead"),
    besidePoisonMs: best("poison"),
    besidePoisonSlowerPercent: slower("poison"),
  };
  const passed = figures.besideDeadSlowerPercent <= 10 && figures.besidePoisonSlowerPercent <= 10;
  // Below 0: with precedence over all else on a machine that others use.
  const n = { messagesARound: people, roundsOfEach: rounds, nice: getPriority() };
  return { id: "G10" as const, n, figures, passed };
}

async function install(program: string, { seed, say }: RowOptions): Promise<Installation> {
  const redis = await startPrivateRedis({ say: () => undefined });
  const random = seededRandom(seed);
  const both = { suites: [well, other], redisPort: redis.port, isProxied: false };
  const stage = await startStage({ ...both, program, random, say });
  await stage.start("intake");
  await stage.start("worker");
  return { stage, redis };
}

function named(name: string): Suite {
  const suite = suites.find((one) => one.name === name);
  if (!suite) throw new Error(`no suite is called ${name}`);
  return suite;
}

/** `lost`: so many of the messages do not come. */
interface Round {
  round: number;
  people: number;
  lost?: number;
}

const textOf = (round: number, index: number) => `<${round}:${index}>`;

/** Somebody new each time. Resolves once all webhooks were answered with 200. */
async function write(stage: Stage, suite: Suite, { round, people }: Round): Promise<void> {
  const number = numberOf([well, other], suite);
  const messages = Array.from({ length: people }, (_, index) => ({
    person: { phone: `+447700${500_000 + round * 1000 + index}`, name: "Somebody" },
    text: textOf(round, index),
  }));
  await stage.graph("POST", "/messages", { number, delivery: "album", wait: true, messages });
}

/** Longer than any round takes; then it counts as endless. */
const ENDLESS_MS = 60_000;

/** Milliseconds from the first webhook to the last comment, by the well helpdesk's own stamps. */
async function timeRound(stage: Stage, { round, people, lost = 0 }: Round): Promise<number> {
  const begun = Date.now();
  await write(stage, well, { round, people });
  const marks = new Set(Array.from({ length: people }, (_, index) => textOf(round, index)));
  let last = begun + ENDLESS_MS;
  const isWhole = async () => {
    const { tickets } = await stage.deskLedger(well);
    const theirs = tickets.flatMap(({ comments }) => comments.filter(({ body }) => marks.has(body)));
    if (theirs.length < people - lost) return false;
    last = Math.max(...theirs.map(({ created_at }) => Date.parse(created_at)));
    return true;
  };
  await comesTrue(ENDLESS_MS, isWhole);
  return last - begun;
}
