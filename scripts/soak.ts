import { parseArgs } from "node:util";
import { startRun, writeResult } from "./reliability/result.ts";
import { type Growth, JUDGED_MINUTES, leaksIn } from "./soak/growth.ts";
import { soak } from "./soak/run.ts";

/**
 * `npm run soak [-- --minutes N] [--warm-up N] [--per-second N] [--store]`: an intake and a worker under a steady load of
 * messages, answers and receipts, 20 minutes after 5 to warm up and 100 webhooks a second unless said otherwise. The last
 * line is one JSON object; exit code 1 when memory, descriptors or lasting keys grow over at least 20 minutes, or anything
 * was lost, doubled or reordered. `--store` puts the result into docs/reliability/.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "20" },
    "warm-up": { type: "string", default: "5" },
    "per-second": { type: "string", default: "100" },
    store: { type: "boolean", default: false },
  },
});
const say = (line: string) => void process.stderr.write(`${line}\n`);
const given = process.argv.slice(2).filter((word) => word !== "--store");
const head = startRun(["npm run soak", ...(given.length > 0 ? ["--", ...given] : [])].join(" "));

const minutes = Number(values.minutes);
if (minutes < JUDGED_MINUTES)
  say(`a look: growth is judged over ${JUDGED_MINUTES} minutes, what is lost at once`);

const { growth, ...counts } = await soak({
  minutes,
  warmUpMinutes: Number(values["warm-up"]),
  webhooksPerSecond: Number(values["per-second"]),
  say,
});
const { events, ...faults } = counts;
const complaints = [
  ...leaksIn(growth, minutes),
  ...Object.entries(faults).flatMap(([fault, count]) => (count === 0 ? [] : [`${count} ${fault}`])),
];
if (values.store) writeResult("soak", { ...head(), ...counts, ...perMinute(growth) });
for (const complaint of complaints) say(`NOT AS PROMISED: ${complaint}`);
process.stdout.write(`${JSON.stringify({ ...counts, growth, complaints })}\n`);
process.exitCode = complaints.length === 0 ? 0 : 1;

function perMinute(growth: Growth): Record<string, number> {
  return Object.fromEntries(
    Object.entries(growth).map(([name, value]) => [`${name}PerMinute`, Math.round(value * 100) / 100]),
  );
}
