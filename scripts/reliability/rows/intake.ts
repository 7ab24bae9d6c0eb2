import { connectRedis } from "../../../src/store/connection.ts";
import { sendLoad } from "../../bench/load.ts";
import { percentilesOf } from "../../bench/statistics.ts";
import { createWebhooks } from "../../bench/webhooks.ts";
import type { MeasureRow } from "../row.ts";
import { onStage } from "../stage.ts";

const RATE = 200;
/** Who has no answer by then gets a late one, from a Redis that goes on: the row must come to its end. */
const FROZEN_MS = 5000;

/** G4: signed webhooks at a fixed rate, on a Redis that syncs every write; then the same Redis frozen. */
export const measureIntake: MeasureRow = async ({ seed, quick }) =>
  onStage({ name: `intake-${seed}`, redis: { appendfsync: "always" } }, async ({ stack, redis }) => {
    const app = await stack.start("intake");
    const port = Number(new URL(app.url).port);
    const make = createWebhooks(`/webhooks/channels/intake-${seed}`);
    const load = (count: number, seconds: number) =>
      sendLoad({ port, requests: make(count), connections: 20, perSecond: RATE, seconds });
    // Not counted: a process that has just started compiles its code.
    await load(RATE * 2, 3);
    const seconds = quick ? 5 : 60;
    const measured = await load(RATE * seconds, seconds + 5);
    const { p50, p99 } = percentilesOf(measured.latencies);
    const slowestMs = Math.max(...measured.latencies);

    const unfreeze = await freeze(redis.url);
    const longest = setTimeout(unfreeze, FROZEN_MS);
    const frozen = await sendLoad({
      port,
      requests: make(40),
      // One each: none waits for another's answer.
      connections: 40,
      perSecond: RATE,
      seconds: 10,
    });
    clearTimeout(longest);
    unfreeze();
    const slowestRefusalMs = Math.max(...frozen.latencies);
    const figures = {
      p50Ms: round(p50),
      p99Ms: round(p99),
      slowestMs: round(slowestMs),
      refused: measured.refused,
      slowest503Ms: round(slowestRefusalMs),
      acceptedWhileFrozen: frozen.accepted,
    };
    const answersInTime = p50 <= 20 && p99 <= 250 && slowestMs <= 1000 && measured.refused === 0;
    const refusesInTime = frozen.refused === 40 && slowestRefusalMs <= 1000;
    const n = { events: measured.accepted, ofOneSecond: RATE, whileFrozen: 40 };
    return [{ id: "G4", n, figures, passed: answersInTime && refusesInTime }];
  });

/** Stops the Redis process as a hanging disk would; returns what lets it go on. */
async function freeze(url: string): Promise<() => void> {
  const redis = await connectRedis(url, "worker");
  const pid = Number(/^process_id:(\d+)/m.exec(await redis.info("server"))?.[1]);
  redis.disconnect();
  process.kill(pid, "SIGSTOP");
  return () => process.kill(pid, "SIGCONT");
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
