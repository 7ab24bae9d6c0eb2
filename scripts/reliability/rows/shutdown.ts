import { connectRedis } from "../../../src/store/connection.ts";
import { channelTag } from "../../../src/store/keys.ts";
import { sendLoad } from "../../bench/load.ts";
import { createWebhooks } from "../../bench/webhooks.ts";
import type { MeasureRow } from "../row.ts";
import { onStage } from "../stage.ts";

/** G12: an app that takes in and works under load is told to end, again and again. */
export const measureShutdown: MeasureRow = async ({ seed, quick, say }) => {
  const times = quick ? 2 : 10;
  const name = `shutdown-${seed}`;
  return onStage({ name, redis: { appendfsync: "always" } }, async ({ stack, redis }) => {
    const make = createWebhooks(`/webhooks/channels/${name}`);
    const kept = await connectRedis(redis.url, "worker");
    const figures = { slowestMs: 0, otherExits: 0, leftActive: 0 };
    let accepted = 0;
    for (let time = 0; time < times; time++) {
      const app = await stack.start("all");
      const port = Number(new URL(app.url).port);
      const told = (_index: number, status: number) => void (status === 200 && accepted++);
      // Ends when the app no longer answers.
      const load = sendLoad({
        port,
        requests: make(4000),
        connections: 10,
        perSecond: 100,
        seconds: 40,
        told,
      });
      const ended = load.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const begun = performance.now();
      const code = await app.stop();
      figures.slowestMs = Math.max(figures.slowestMs, Math.round(performance.now() - begun));
      if (code !== 0) figures.otherExits++;
      for (const lane of ["in", "out", "receipt"]) {
        figures.leftActive += await kept.llen(`${channelTag(name)}:${lane}:active`);
      }
      await ended;
      say(`shutdown ${time + 1} of ${times}: exit ${code}, ${JSON.stringify(figures)}`);
    }
    kept.disconnect();
    const passed = figures.slowestMs <= 10_000 && figures.otherExits === 0 && figures.leftActive === 0;
    return [
      {
        id: "G12",
        n: { shutdowns: times, webhooksASecond: 100, acceptedMeanwhile: accepted },
        figures,
        passed,
      },
    ];
  });
};
