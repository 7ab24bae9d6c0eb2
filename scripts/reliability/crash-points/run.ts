import { bundleProgram } from "../../chaos/bundle.ts";
import { startPrivateRedis } from "../../private-redis.ts";
import { type PlayResult, runLane } from "./lane.ts";
import { type Play, plays } from "./plays.ts";

export interface CrashPointsOptions {
  /**
   * How often each play is played with each class, and twice as often where only one class comes past; absent: once, with
   * either class in turn.
   */
  times?: number;
  /** Lanes of each kind side by side. */
  width: number;
  /** Which of the plays; absent: all. */
  isMeant?(play: Play): boolean;
  /** How often a play was played with a class before; these are not played again. */
  playedBefore?(play: Play, idempotency: "A" | "B"): number;
  /** No play begins after so long. */
  mostMs?: number;
  /** Of the lanes; their own unless said otherwise. */
  lockMs?: number;
  say(line: string): void;
}

/** Plays every play with connectors of class A and B, lanes side by side on one Redis. */
export async function runCrashPoints({
  times,
  width,
  isMeant = () => true,
  playedBefore = () => 0,
  mostMs = Number.POSITIVE_INFINITY,
  lockMs,
  say,
}: CrashPointsOptions): Promise<PlayResult[]> {
  const until = performance.now() + mostMs;
  const program = await bundleProgram();
  const redis = await startPrivateRedis({ appendfsync: "always", say: () => undefined });
  try {
    const lanes = classes.flatMap((idempotency) =>
      shares(playsOf(idempotency, times, playedBefore).filter(isMeant), width).map((share, index) =>
        runLane({
          program,
          name: `crash-${idempotency.toLowerCase()}-${index}`,
          number: 10 * classes.indexOf(idempotency) + index,
          redisUrl: redis.url,
          idempotency,
          plays: share,
          until,
          ...(lockMs ? { lockMs } : {}),
          say,
        }),
      ),
    );
    return (await Promise.all(lanes)).flat();
  } finally {
    await redis.stop();
  }
}

const classes = ["A", "B"] as const;

export function playsOf(
  idempotency: "A" | "B",
  times: number | undefined,
  playedBefore: (play: Play, idempotency: "A" | "B") => number,
): Play[] {
  const theirs = plays.filter(({ only = idempotency }) => only === idempotency);
  const turn = classes.indexOf(idempotency);
  if (times === undefined)
    return plays.filter(({ only }, index) => only === idempotency || (!only && index % 2 === turn));
  const rounds = ({ only }: Play) => (only ? 2 * times : times);
  // What was played least comes first: who has not the time for all has something of all.
  return Array.from({ length: 2 * times }, (_, round) =>
    theirs.filter((play) => playedBefore(play, idempotency) <= round && round < rounds(play)),
  ).flat();
}

/** What needs settings of its own goes into lanes of its own; the rest is dealt out. */
function shares(all: Play[], width: number): Play[][] {
  const special = all.filter(({ needs }) => needs !== undefined);
  const plain = all.filter(({ needs }) => needs === undefined);
  return [...deal(plain, width), ...deal(special, Math.ceil(width / 2))];
}

/** Dealt out to lanes, which run side by side: most of a play is waiting. */
export function deal(plays: readonly Play[], lanes: number): Play[][] {
  const dealt = Array.from({ length: lanes }, (_, lane) =>
    plays.filter((_play, index) => index % lanes === lane),
  );
  return dealt.filter((share) => share.length > 0);
}
