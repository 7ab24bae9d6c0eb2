import { expect, it } from "vitest";
import { runSuite, suites } from "../../scripts/chaos/run.ts";
import { ensureBuilt } from "../../scripts/ensure-built.ts";
import { startPrivateRedis } from "../../scripts/private-redis.ts";

it.each([
  [
    "P05: workers killed at least 20 times during 2,000 events",
    suites.workers,
    { kills: 20, redisKills: 0, joined: 0 },
  ],
  ["P33: workers and Redis killed in turn", suites.redis, { kills: 5, redisKills: 2, joined: 0 }],
  [
    "P01: workers and Redis killed while messages are joined",
    suites.bursts,
    { kills: 4, redisKills: 1, joined: 10 },
  ],
])(
  "%s: nothing lost, doubled, out of order or unaccounted for",
  async (_name, suite, least) => {
    ensureBuilt();
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}: npm run chaos -- --seed ${seed}`);
    const redis = await startPrivateRedis({ appendfsync: "always" });
    try {
      const result = await runSuite({ ...suite, seed, redis, connection: {}, say: console.log });
      console.log(JSON.stringify(result));
      expect(result).toMatchObject({ lost: 0, doubled: 0, reordered: 0, unaccounted: 0 });
      expect(result.kills).toBeGreaterThanOrEqual(least.kills);
      expect(result.redisKills).toBeGreaterThanOrEqual(least.redisKills);
      expect(result.joined).toBeGreaterThanOrEqual(least.joined);
    } finally {
      await redis.stop();
    }
  },
  300_000,
);
