import { bundleProgram } from "../../chaos/bundle.ts";
import { startPrivateRedis } from "../../private-redis.ts";
import { runLane } from "../crash-points/lane.ts";
import type { Play } from "../crash-points/plays.ts";
import { deal } from "../crash-points/run.ts";
import type { MeasureRow } from "../row.ts";

/** Of each kind. */
const LANES = 4;

/**
 * G8: a process dies right after WhatsApp has taken a message. Where the receipt arrives nothing is sent again; where all
 * receipts get lost, once and never a third time.
 */
export const measureSends: MeasureRow = async ({ seed, quick, say }) => {
  const times = quick ? 2 : 20;
  const program = await bundleProgram();
  const redis = await startPrivateRedis({ appendfsync: "always", say: () => undefined });
  const plays = (scenario: Play["scenario"]): Play[] =>
    Array.from({ length: times }, () => ({ point: "send.made", passing: 1, scenario }));
  try {
    const lane = { redisUrl: redis.url, program, idempotency: "B", say } as const;
    const inLanes = (name: string, scenario: Play["scenario"], first: number) =>
      deal(plays(scenario), LANES).map((share, index) =>
        runLane({ ...lane, name: `${name}${index}-${seed}`, number: first + index, plays: share }),
      );
    const all = [...inLanes("sends", "reply", 0), ...inLanes("unheard", "unheardReply", LANES)];
    const results = (await Promise.all(all)).flat();
    const heard = results.filter(({ play }) => play.scenario === "reply");
    const unheard = results.filter(({ play }) => play.scenario === "unheardReply");
    const wrong = (results: typeof heard) => results.filter(({ problems }) => problems.length > 0).length;
    const kills = results.reduce((sum, one) => sum + one.kills, 0);
    const figures = { notExactlyOneWithReceipt: wrong(heard), notExactlyTwoWithout: wrong(unheard) };
    const passed = Object.values(figures).every((count) => count === 0);
    return [{ id: "G8", n: { withReceipt: times, withoutReceipt: times, kills }, figures, passed }];
  } finally {
    await redis.stop();
  }
};
