import { parseArgs } from "node:util";
import { type ProgrammeResult, runProgramme, sumOf } from "./chaos/programme.ts";
import { readResults, startRun, writeResult } from "./reliability/result.ts";

/**
 * `npm run chaos [-- --seed N] [--long] [--only ROUND…] [--store]`: a whole installation whose processes, Redis among them,
 * are killed with SIGKILL while they work, and whose answers are cut off after the write. The last line is one JSON object;
 * exit code 1 when anything was lost, doubled, reordered or unaccounted for, or too little happened to show that.
 * `--store` puts the rounds into docs/reliability/, in place of those of the same name.
 */
const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    long: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    store: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const say = (line: string) => void process.stderr.write(`${line}\n`);
const head = startRun(`npm run chaos${values.long ? " -- --long" : ""}`);
say(`seed ${seed}`);

const result = await runProgramme({ seed, long: values.long, only: values.only, say });
if (values.store) store(values.long ? "chaos-long" : "chaos-short", result);
for (const complaint of result.complaints) say(`NOT AS PROMISED: ${complaint}`);
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = result.complaints.length === 0 ? 0 : 1;

/** Rounds that were played one by one, of one seed, become one result. */
function store(name: string, played: ProgrammeResult): void {
  const before = readResults().get(name) as (ProgrammeResult & { seed: number }) | undefined;
  const names = new Set(played.rounds.map((round) => round.name));
  const others = before?.seed === seed ? before.rounds.filter((round) => !names.has(round.name)) : [];
  const rounds = [...others, ...played.rounds].sort((one, other) => one.seed - other.seed);
  const seconds = rounds.reduce((sum, round) => sum + round.seconds, 0);
  writeResult(name, { ...sumOf(seed, rounds, seconds), ...head(), seconds });
}
