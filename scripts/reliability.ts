import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { crashPoints as allPoints } from "../src/telemetry/crash-point.ts";
import { ensureBuilt } from "./ensure-built.ts";
import { openPoints } from "./reliability/crash-points/results.ts";
import { runCrashPoints } from "./reliability/crash-points/run.ts";
import { renderPage } from "./reliability/page.ts";
import { readResults, startRun } from "./reliability/result.ts";
import { measureRows, rows } from "./reliability/rows.ts";
import { runSabotage } from "./reliability/sabotage.ts";

/**
 * `npm run reliability [-- --row NAME…] [--seed N] [--quick]`: measures the guarantees, stores them in
 * docs/reliability/guarantees.json and writes RELIABILITY.md; `--quick` is smaller and stores nothing. `--page` only writes
 * the page, from what all programmes have stored. `--crash-points [--times N]` plays each crash point N times with each
 * class, less what is stored of earlier runs (`--afresh`: all), `--point NAME…` only these; with `--minutes N` no play begins
 * later than that. `--sabotage [--guarantee G5…]` takes protecting lines out of a copy of the code and runs their rows there. Exit
 * code 1 when something was not as promised.
 */
const { values } = parseArgs({
  options: {
    page: { type: "boolean", default: false },
    "crash-points": { type: "boolean", default: false },
    times: { type: "string", default: "10" },
    point: { type: "string", multiple: true },
    minutes: { type: "string" },
    afresh: { type: "boolean", default: false },
    "lock-seconds": { type: "string" },
    sabotage: { type: "boolean", default: false },
    guarantee: { type: "string", multiple: true },
    row: { type: "string", multiple: true },
    seed: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const say = (line: string) => void process.stderr.write(`${line}\n`);
const seed = Number(values.seed ?? Date.now() % 1_000_000);

async function measure(): Promise<boolean> {
  ensureBuilt();
  const measured = await measureRows(values.row ?? Object.keys(rows), { seed, quick: values.quick, say });
  process.stdout.write(`${JSON.stringify({ seed, rows: measured })}\n`);
  return measured.every(({ passed }) => passed);
}

/** Goes on where earlier runs have ended, since not every machine may run one command for so long. */
async function crashPoints(): Promise<boolean> {
  const { times, minutes, point: named, "lock-seconds": lock, afresh, quick } = values;
  const unknown = named?.find((name) => !allPoints.some((point) => point === name));
  if (unknown) throw new Error(`no crash point is called ${unknown}; there are ${allPoints.join(", ")}`);
  const isMeant = ({ point }: { point: string }) => !named || named.includes(point);
  const run = startRun(`npm run reliability -- --crash-points --times ${times}`);
  const stored = openPoints((point) => afresh && isMeant({ point }));
  const results = await runCrashPoints({
    ...{ times: Number(times), width: 4, isMeant, say },
    ...(quick ? {} : { playedBefore: stored.playedBefore }),
    ...(minutes ? { mostMs: Number(minutes) * 60_000 } : {}),
    ...(lock ? { lockMs: Number(lock) * 1000 } : {}),
  });
  if (!quick) stored.add(results, run());
  const bad = results.filter(({ problems }) => problems.length > 0);
  for (const { play, problems } of bad) say(`NOT AS PROMISED: ${play.point}: ${problems.join("; ")}`);
  return bad.length === 0;
}

async function sabotage(): Promise<boolean> {
  const results = await runSabotage({ seed, say, ...(values.guarantee ? { ids: values.guarantee } : {}) });
  return results.every(({ noticed }) => noticed);
}

async function main(): Promise<boolean> {
  if (values.page) return true;
  if (values["crash-points"]) return crashPoints();
  return values.sabotage ? sabotage() : measure();
}

if (!(await main())) process.exitCode = 1;
if (!values.quick) {
  writeFileSync(fileURLToPath(new URL("../RELIABILITY.md", import.meta.url)), renderPage(readResults()));
}
// What the sandbox servers still wanted to send or were told to hold is of no more interest, and may take minutes.
process.exit();
