import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { benchCalls } from "./bench/calls.ts";
import { benchIntake } from "./bench/intake.ts";
import { describePerformance, type Performance, plotPerformance } from "./bench/report.ts";
import { ensureBuilt } from "./ensure-built.ts";

/**
 * `npm run bench [-- --rounds 5 --seconds 4 --json FILE --write]`: what Deskferry costs and carries, each figure beside a
 * reference measured in the same run. `--write` renews docs/performance.md and its picture. Linux only.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    json: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const options = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  say: (line: string) => void process.stderr.write(`${line}\n`),
};
ensureBuilt();
const measured: Performance = {
  at: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, Node ${process.versions.node}`,
  rounds: options.rounds,
  seconds: options.seconds,
  calls: await benchCalls(options),
  intake: await benchIntake(options),
};
const page = describePerformance(measured);
process.stdout.write(page);
if (values.json) writeFileSync(values.json, `${JSON.stringify(measured, undefined, 2)}\n`);
if (values.write) {
  writeFileSync("docs/performance.md", page);
  writeFileSync("docs/images/performance.svg", plotPerformance(measured));
}
