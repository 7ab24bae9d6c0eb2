import { runSuite, type SuiteOptions, type SuiteResult } from "./chaos/run.ts";
import { startPrivateRedis } from "./private-redis.ts";

/**
 * `npm run chaos [-- --seed N]`: real processes, killed with SIGKILL while they work; the last line is one JSON object
 * with sums over the suites. Exit code 1 when anything was lost, doubled, reordered or unaccounted for.
 */
const seedArgument = process.argv.indexOf("--seed");
const seed = seedArgument > 0 ? Number(process.argv[seedArgument + 1]) : Date.now() % 1_000_000;
const say = (line: string) => process.stderr.write(`${line}\n`);
say(`seed ${seed}`);

const suites: Pick<
  SuiteOptions,
  "name" | "people" | "messagesEach" | "pauseMs" | "killEveryMs" | "redisTurn"
>[] = [
  { name: "workers", people: 200, messagesEach: 8, pauseMs: 4000, killEveryMs: 900, redisTurn: 0 },
  { name: "redis", people: 50, messagesEach: 6, pauseMs: 3000, killEveryMs: 1200, redisTurn: 3 },
];

const total: SuiteResult = {
  events: 0,
  kills: 0,
  redisKills: 0,
  lost: 0,
  doubled: 0,
  reordered: 0,
  unaccounted: 0,
};
for (const suite of suites) {
  // Every write is on disk before it is answered: the documented production setting.
  const redis = await startPrivateRedis({ appendfsync: "always" });
  try {
    const result = await runSuite({ ...suite, seed, redis, say });
    say(`${suite.name}: ${JSON.stringify(result)}`);
    for (const key of Object.keys(total) as (keyof SuiteResult)[]) total[key] += result[key];
  } finally {
    await redis.stop();
  }
}
process.stdout.write(`${JSON.stringify({ seed, ...total })}\n`);
process.exitCode = total.lost + total.doubled + total.reordered + total.unaccounted === 0 ? 0 : 1;
