import { existsSync, readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../scripts/chaos/random.ts";
import { startPrivateRedis } from "../../scripts/private-redis.ts";
import { rewriteAppendOnlyFile } from "../../src/store/append-only-file.ts";
import type { IntakeItem } from "../../src/store/intake-item.ts";
import { keys } from "../../src/store/keys.ts";
import { delivery, messageReceived } from "../support/builders.ts";
import { keysLike } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { type OpenQueue, openQueue } from "./running-queue.ts";

const CHANNEL = "truncated";
const CUTS = 4;
const MOST_BYTES = 64 * 1024;

const batchOf = (size: number): IntakeItem[] =>
  Array.from({ length: size }, (_, n) => delivery(CHANNEL, messageReceived(), { id: `p${n % 3}` }));
const idOf = (item: IntakeItem) => ("deliver" in item ? item.deliver.event.id : "");

async function waitingAt({ redis }: OpenQueue): Promise<string[]> {
  const lists = await keysLike(redis, keys.mailbox(CHANNEL, "in", "*"));
  const all = await Promise.all(lists.map((list) => redis.lrange(list, 0, -1)));
  return all.flat().map((raw) => (JSON.parse(raw) as { event: { id: string } }).event.id);
}

/** The append-only file that is written to: of Redis 7, which has a folder of them, or of an older one. */
function fileIn(folder: string): string {
  const several = join(folder, "appendonlydir");
  if (!existsSync(several)) return join(folder, "appendonly.aof");
  const [last = ""] = readdirSync(several)
    .filter((name) => name.endsWith(".incr.aof"))
    .sort()
    .reverse();
  return join(several, last);
}

test("R27: with the end of the append-only file cut off Redis starts, whole batches are gone, none in part, and repeats bring them back once", async ({
  skip,
}) => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  const server = await startPrivateRedis();
  onTestFinished(() => server.stop());
  const queue = await openQueue({ url: server.url, channels: [CHANNEL] });
  const [, folder = ""] = (await queue.redis.config("GET", "dir")) as string[];
  if (!existsSync(folder)) skip("Redis keeps its file in a container");
  const batches: IntakeItem[][] = [];
  let lost = 0;
  for (let cut = 0; cut < CUTS; cut++) {
    for (let n = 0; n < 20; n++) {
      const items = batchOf(4);
      await queue.intake.accept(items);
      batches.push(items);
    }
    await server.kill();
    const file = fileIn(folder);
    truncateSync(file, Math.max(0, statSync(file).size - Math.floor(MOST_BYTES * random())));
    await server.restart();

    await until("Redis to be used again", () => queue.redis.ping());
    // As docs/operate.md says. Else the beginning of a transaction stays in the file, and comes to life at the next start.
    await rewriteAppendOnlyFile(queue.redis, () => undefined);
    const there = await waitingAt(queue);
    const kept = batches.map((items) => items.filter((item) => there.includes(idOf(item))).length);
    const whole = kept.filter((count) => count === 4).length;
    // The beginning is there, the end is not, and no batch is there in part.
    expect(kept).toEqual(batches.map((_, index) => (index < whole ? 4 : 0)));
    lost += batches.length - whole;
    for (const items of batches)
      await until("it to be taken", () => queue.intake.accept(items), { everyMs: 20 });
  }
  expect(lost).toBeGreaterThan(0);

  expect((await waitingAt(queue)).sort()).toEqual(batches.flat().map(idOf).sort());
}, 60_000);
