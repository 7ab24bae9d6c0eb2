import { bundleProgram } from "../../chaos/bundle.ts";
import { startPrivateRedis } from "../../private-redis.ts";
import { type PlayResult, runLane } from "../crash-points/lane.ts";
import { type Play, plays } from "../crash-points/plays.ts";
import { deal } from "../crash-points/run.ts";
import type { MeasureRow } from "../row.ts";

/** Of each class. */
const LANES = 3;

const ticketFirst = (play: Play) =>
  play.scenario === "unclear" || (play.scenario === "message" && play.passing === 1);

/**
 * G6 and G7: a process dies before, in and after the create of a ticket and of a comment, and answers are cut off after
 * the helpdesk has written; with connectors of class A and B.
 */
export const measureCreates: MeasureRow = async ({ quick, say, seed }) => {
  const program = await bundleProgram();
  const redis = await startPrivateRedis({ appendfsync: "always", say: () => undefined });
  const theirs = plays.filter(({ point }) => /^create\.(intended|made|known|unclear|found)$/.test(point));
  const played = quick ? theirs.filter(({ point }) => point === "create.made") : theirs;
  const times = quick ? 1 : 4;
  try {
    const classes = quick ? (["B"] as const) : (["A", "B"] as const);
    const playsOf = (idempotency: "A" | "B") => {
      const mine = played.filter(({ only = idempotency }) => only === idempotency);
      return Array.from({ length: times }, () => mine).flat();
    };
    const lanes = classes.flatMap((idempotency, kind) =>
      deal(playsOf(idempotency), LANES).map((share, lane) => {
        const name = `creates-${idempotency.toLowerCase()}${lane}-${seed}`;
        const number = 10 * kind + lane;
        return runLane({ name, number, redisUrl: redis.url, program, idempotency, plays: share, say });
      }),
    );
    const results = (await Promise.all(lanes)).flat();
    const kills = (ours: PlayResult[]) => ours.reduce((sum, one) => sum + one.kills, 0);
    const inTicket = results.filter(({ play }) => ticketFirst(play));
    const inComment = results.filter(({ play }) => !ticketFirst(play));
    const tickets = {
      ticketsMissingOrDoubled: wrong(results, /^(contacts|tickets) /),
      killsInCreate: kills(inTicket),
    };
    const comments = {
      commentsMissingOrDoubled: wrong(results, /^(message|comments|no crash)/),
      killsInCreate: kills(inComment),
    };
    const n = { conversations: classes.flatMap(playsOf).length, kills: kills(results) };
    return [
      { id: "G6", n, ...judged(tickets) },
      { id: "G7", n, ...judged(comments) },
    ];
  } finally {
    await redis.stop();
  }
};

function wrong(results: PlayResult[], what: RegExp): number {
  return results.flatMap(({ problems }) => problems).filter((problem) => what.test(problem)).length;
}

function judged(figures: { killsInCreate: number } & Record<string, number>) {
  const { killsInCreate, ...counts } = figures;
  return { figures, passed: killsInCreate > 0 && Object.values(counts).every((count) => count === 0) };
}
