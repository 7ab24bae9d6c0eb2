import { expect, it } from "vitest";
import { runProgramme } from "../../scripts/chaos/programme.ts";

// P01, P05, P33, R01, R02, R03, R12, R20.
it("at least 600 processes killed, 20 of them Redis: nothing lost, doubled, out of order or unaccounted for", async () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}: npm run chaos -- --seed ${seed}`);
  const result = await runProgramme({ seed, long: false, say: console.log });
  const { rounds, ...sums } = result;
  console.log(JSON.stringify(sums));
  expect(sums).toMatchObject({ lost: 0, doubled: 0, reordered: 0, unaccounted: 0, dead: 0, complaints: [] });
  expect(sums.kills).toBeGreaterThanOrEqual(600);
  expect(sums.redisKills).toBeGreaterThanOrEqual(20);
  expect(sums.joined).toBeGreaterThan(0);
  expect(new Set(rounds.map(({ seed }) => seed)).size).toBe(3);
}, 1_500_000);
