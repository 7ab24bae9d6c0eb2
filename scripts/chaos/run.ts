import { setTimeout as sleep } from "node:timers/promises";
import type { PrivateRedis } from "../private-redis.ts";
import { startStack } from "../stack.ts";
import { arrived, type Count, check } from "./check.ts";
import { startKiller } from "./killer.ts";
import { eventsOf, type Play, perform } from "./play.ts";
import { seededRandom } from "./random.ts";

/** One programme of chaos. */
export interface Suite {
  name: string;
  people: number;
  messagesEach: number;
  /** Pause between rounds and average time between kills, in milliseconds. */
  pauseMs: number;
  killEveryMs: number;
  /** Every how many-th kill hits Redis instead of a worker; 0: none. */
  redisTurn: number;
  /** Messages that wait together and become one comment; absent: each its own. */
  messagesPerComment?: number;
}

/** The short programme: workers alone, then workers and Redis, then both while messages pile up and are joined. */
export const suites = {
  workers: {
    name: "workers",
    people: 200,
    messagesEach: 8,
    pauseMs: 5000,
    killEveryMs: 650,
    redisTurn: 0,
  },
  redis: { name: "redis", people: 50, messagesEach: 6, pauseMs: 3000, killEveryMs: 1200, redisTurn: 3 },
  bursts: {
    name: "bursts",
    people: 50,
    messagesEach: 24,
    pauseMs: 700,
    killEveryMs: 500,
    redisTurn: 3,
    messagesPerComment: 5,
  },
} satisfies Record<string, Suite>;

export interface SuiteOptions extends Suite {
  seed: number;
  redis: PrivateRedis;
  /** Further settings of the sandbox connection. */
  connection: Record<string, unknown>;
  /** A line of progress. */
  say(line: string): void;
}

export interface SuiteResult extends Count {
  events: number;
  kills: number;
  redisKills: number;
  /** Neither arrived nor filed as a dead letter. */
  unaccounted: number;
  /** Messages that cost no comment of their own. */
  joined: number;
}

const WORKERS = 2;
/** Without any progress for this long, what has not arrived counts as lost. */
const PATIENCE_MS = 60_000;

/** Plays one conversation with each of many people while workers (and Redis) are killed, then counts. */
export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
  const { seed, redis, say } = options;
  const random = seededRandom(seed);
  const stack = await startStack({
    redisUrl: redis.url,
    name: `chaos-${options.name}-${seed}`,
    connection: options.connection,
    ...(options.messagesPerComment ? { messagesPerComment: options.messagesPerComment } : {}),
    // Short times, so that a dead worker's conversations are taken over soon; unclear sends wait for their receipts.
    queue: { lockSeconds: 1, stallSeconds: 0.5, receiptWaitSeconds: 4, crashLimit: 50 },
  });
  try {
    await stack.start("intake", { built: true });
    const play: Play = { people: [] };
    const killer = await startKiller({
      stack,
      workers: WORKERS,
      everyMs: options.killEveryMs,
      random,
      redisTurn: options.redisTurn,
      redis,
      onKill: () => undefined,
    });
    const progress = setInterval(async () => {
      const [desk, graph] = await Promise.all([stack.deskLedger(), stack.graphLedger()]);
      const done = arrived(play, desk, graph);
      say(
        `${options.name}: ${done} arrived, ${killer.kills.workers} workers and ${killer.kills.redis} Redis killed`,
      );
    }, 5000);
    try {
      await perform(play, stack, { ...options, random });
      await killer.stop();
      await settle(play, stack);
    } finally {
      clearInterval(progress);
      await killer.stop();
    }
    return await count(play, stack, options, killer.kills);
  } finally {
    await stack.stop();
  }
}

type Stack = Awaited<ReturnType<typeof startStack>>;

/** Until everything has arrived and a quiet second shows that nothing comes twice, or nothing moves any more. */
async function settle(play: Play, stack: Stack): Promise<void> {
  const expected = play.people.reduce(
    (sum, { messages, answers }) => sum + messages.length + answers.length,
    0,
  );
  let best = -1;
  let since = Date.now();
  while (Date.now() - since < PATIENCE_MS) {
    const now = arrived(play, await stack.deskLedger(), await stack.graphLedger());
    if (now === expected) break;
    if (now > best) since = Date.now();
    best = Math.max(best, now);
    await sleep(250);
  }
  await sleep(5000);
}

async function count(
  play: Play,
  stack: Stack,
  options: SuiteOptions,
  kills: { workers: number; redis: number },
): Promise<SuiteResult> {
  const [desk, graph] = await Promise.all([stack.deskLedger(), stack.graphLedger()]);
  const events = eventsOf({ ...options, random: Math.random });
  const comments = desk.tickets.flatMap((ticket) =>
    ticket.comments.filter(({ author }) => author.kind === "api"),
  );
  return {
    ...check(play, desk, graph),
    events,
    kills: kills.workers,
    redisKills: kills.redis,
    unaccounted: events - arrived(play, desk, graph),
    joined: Math.max(0, options.people * options.messagesEach - comments.length),
  };
}
