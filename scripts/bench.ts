import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { asRows, goalsOf } from "./bench/goals.ts";
import { benchGrowth } from "./bench/growth/growth.ts";
import { describeGrowth, plotGrowth } from "./bench/growth/page.ts";
import {
  type Measured,
  measureAgainst,
  measuredBefore,
  measureParts,
  namesIn,
  partNames,
  runOf,
} from "./bench/parts.ts";
import { plotGoals } from "./bench/plot.ts";
import { describePerformance } from "./bench/report.ts";
import { ensureBuilt } from "./ensure-built.ts";

/**
 * `npm run bench [-- --rounds 5 --seconds 4 --only PART,… --peers --json FILE --write]`: what Deskferry costs and carries, each
 * figure beside a reference measured in the same run; the last line is the goals as JSON. `--peers` installs Node-RED into a
 * scratch folder and measures it as well. `--against COMMIT` measures an older Deskferry beside this one instead. `--write`
 * renews docs/performance.md and its picture, with parts that were not measured now as docs/performance.json has them; it
 * refuses when one was never measured on this machine. `--growth` measures how latency and memory grow instead, up to
 * `--most` conversations; with `--write` it renews docs/growth.md. Linux only.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    only: { type: "string" },
    peers: { type: "boolean", default: false },
    against: { type: "string" },
    json: { type: "string" },
    growth: { type: "boolean", default: false },
    most: { type: "string", default: "1000000" },
    write: { type: "boolean", default: false },
  },
});
/** Fewer conversations make no curve. */
const LEAST = 20_000;
const KEPT = "docs/performance.json";
const options = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  peers: values.peers,
  say: (line: string) => void process.stderr.write(`${line}\n`),
};

function write(measured: Measured): void {
  const all = { ...measuredBefore(KEPT, runOf(options)), ...measured };
  writeFileSync(KEPT, `${JSON.stringify(all, undefined, 2)}\n`);
  const missing = partNames.filter((name) => !all[name]);
  if (missing.length > 0) {
    options.say(`docs/performance.md is not written: --only ${missing.join(",")} was not measured here yet`);
    process.exitCode = 1;
    return;
  }
  writeFileSync("docs/performance.md", describePerformance(all));
  writeFileSync("docs/images/performance.svg", plotGoals(goalsOf(all)));
}

async function measure(): Promise<void> {
  const measured = values.against
    ? await measureAgainst(values.against, options)
    : await measureParts(values.only ? namesIn(values.only) : partNames, options);
  process.stdout.write(describePerformance(measured));
  keep(measured);
  if (values.write) write(measured);
  process.stdout.write(`${JSON.stringify(asRows(goalsOf(measured)))}\n`);
}

async function measureGrowth(): Promise<void> {
  const growth = await benchGrowth({ most: Math.max(LEAST, Number(values.most)), say: options.say });
  process.stdout.write(describeGrowth(growth));
  keep(growth);
  if (!values.write) return;
  writeFileSync("docs/growth.md", describeGrowth(growth));
  for (const [name, plot] of Object.entries(plotGrowth(growth))) writeFileSync(`docs/images/${name}`, plot);
}

function keep(measured: object): void {
  if (values.json) writeFileSync(values.json, `${JSON.stringify(measured, undefined, 2)}\n`);
}

ensureBuilt();
await (values.growth ? measureGrowth() : measure());
