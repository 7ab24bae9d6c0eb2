import { parseArgs } from "node:util";
import { runSuite, type SuiteResult, suites } from "./chaos/run.ts";
import { ensureBuilt } from "./ensure-built.ts";
import { startPrivateRedis } from "./private-redis.ts";

/**
 * `npm run chaos [-- --seed N] [--class C]`: real processes, killed with SIGKILL while they work, and answers cut off
 * after the write. The last line is one JSON object with sums over the suites; exit code 1 when anything was lost,
 * doubled, reordered or unaccounted for. With `--class C` the connector repeats unclear creates blindly: the run then
 * finds doubles, which shows that it can.
 */
const { values } = parseArgs({
  options: { seed: { type: "string" }, class: { type: "string", default: "B" } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const connection = { idempotency: values.class, onUnclear: "retry" };
const say = (line: string) => process.stderr.write(`${line}\n`);
say(`seed ${seed}`);
ensureBuilt();

const total: SuiteResult = {
  events: 0,
  kills: 0,
  redisKills: 0,
  lost: 0,
  doubled: 0,
  reordered: 0,
  unaccounted: 0,
  joined: 0,
};
for (const suite of Object.values(suites)) {
  // Every write is on disk before it is answered: the documented production setting.
  const redis = await startPrivateRedis({ appendfsync: "always" });
  try {
    const result = await runSuite({ ...suite, seed, redis, connection, say });
    say(`${suite.name}: ${JSON.stringify(result)}`);
    for (const key of Object.keys(total) as (keyof SuiteResult)[]) total[key] += result[key];
  } finally {
    await redis.stop();
  }
}
process.stdout.write(`${JSON.stringify({ seed, ...total })}\n`);
process.exitCode = total.lost + total.doubled + total.reordered + total.unaccounted === 0 ? 0 : 1;
