import { readdirSync, realpathSync, statSync, truncateSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectRedis } from "../../../src/store/connection.ts";
import type { MeasureRow } from "../row.ts";
import { onStage } from "../stage.ts";
import { watchSyncs } from "../synced-bytes.ts";
import { takeIn, waitingAt } from "../taken.ts";

/**
 * G2: Redis is killed while webhooks come in, and its append-only file cut to what it had synced by then, which is what a
 * power cut leaves. With `everysec` something is lost: else the cut took nothing away.
 */
export const measurePower: MeasureRow = async (options) => {
  const always = await cutPower("always", options);
  const everysec = await cutPower("everysec", options);
  const figures = {
    lostWithAlways: always.lost,
    lostWithEverysec: everysec.lost,
    everysecOldestLostMs: Math.round(everysec.oldestMs),
  };
  const n = { acknowledgedWithAlways: always.taken, acknowledgedWithEverysec: everysec.taken };
  const passed = always.lost === 0 && always.taken > 0 && everysec.lost > 0 && everysec.oldestMs <= 2000;
  return [{ id: "G2", n, figures, passed }];
};

async function cutPower(
  appendfsync: "always" | "everysec",
  { seed, quick }: { seed: number; quick: boolean },
): Promise<{ taken: number; lost: number; oldestMs: number }> {
  const name = `power-${appendfsync}-${seed}`;
  return onStage({ name, redis: { appendfsync } }, async ({ stack, redis }) => {
    const app = await stack.start("intake");
    const { pid, file } = await processOf(redis.url);
    const log = path.join(path.dirname(stack.config), "strace.log");
    const watch = await watchSyncs(pid, { file, size: statSync(file).size, log });
    const seconds = quick ? 4 : 20;
    const load = takeIn(app.url, name, seconds);
    // Not on a second's edge, where everysec has just synced.
    await sleep(seconds * 500 + 700);
    const cutAt = performance.now();
    await redis.kill();
    const taken = await load;
    truncateSync(file, watch.synced());
    await redis.restart();
    const there = await waitingAt(redis.url, name);
    const lost = [...taken.at].filter(([id]) => !there.has(id));
    const oldestMs = Math.max(0, ...lost.map(([, at]) => cutAt - at));
    return { taken: taken.at.size, lost: lost.length, oldestMs };
  });
}

/** The append-only file that grows. */
async function processOf(url: string): Promise<{ pid: number; file: string }> {
  const redis = await connectRedis(url, "worker");
  const pid = Number(/^process_id:(\d+)/m.exec(await redis.info("server"))?.[1]);
  const [, folder = ""] = (await redis.config("GET", "dir")) as string[];
  redis.disconnect();
  const files = path.join(realpathSync(folder), "appendonlydir");
  const growing = readdirSync(files).find((name) => name.endsWith(".incr.aof"));
  if (!growing) throw new Error(`no append-only file in ${files}`);
  return { pid, file: path.join(files, growing) };
}
