import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { type AgainstResult, benchAgainst } from "./against.ts";
import { benchCalls } from "./calls.ts";
import { benchIntake } from "./intake.ts";
import { startNodeRed } from "./node-red.ts";
import type { BenchOptions } from "./options.ts";
import { benchOrdered } from "./ordered.ts";
import { benchProfile } from "./profile.ts";
import { benchReceipts } from "./receipts.ts";
import { benchWholePath } from "./whole-path.ts";
import { benchWorkers } from "./workers.ts";

interface PartOptions extends BenchOptions {
  /** With Node-RED beside the whole path. */
  peers: boolean;
}

/** What the bench measures, each by itself; `--only` names them. */
const parts = {
  calls: (options: PartOptions) => benchCalls(options),
  intake: (options: PartOptions) => benchIntake(options),
  path: (options: PartOptions) =>
    benchWholePath(options, async (deskUrl) =>
      options.peers ? [await startNodeRed(deskUrl, options.say)] : [],
    ),
  ordered: (options: PartOptions) => benchOrdered(options),
  receipts: (options: PartOptions) => benchReceipts(options),
  workers: (options: PartOptions) => benchWorkers(options),
  profile: (options: PartOptions) => benchProfile(options),
};

type Parts = typeof parts;
export type PartName = keyof Parts;
export const partNames = Object.keys(parts) as PartName[];

/** When and how a part was measured: parts of one page may be of different days. */
export interface Run {
  at: string;
  /** Of the sources, short; with `+` when they were changed since. */
  commit: string;
  machine: string;
  command: string;
  rounds: number;
  seconds: number;
}

export interface Part<T> {
  run: Run;
  result: T;
}

/** What was measured, part by part. */
export type Measured = { [Name in PartName]?: Part<Awaited<ReturnType<Parts[Name]>>> } & {
  /** Only where an older commit was named. */
  against?: Part<AgainstResult>;
};

/** Throws, naming those there are, when one is unknown. */
export function namesIn(list: string): PartName[] {
  return list.split(",").map((name) => {
    const known = partNames.find((each) => each === name.trim());
    if (!known) throw new Error(`--only ${name}: there are ${partNames.join(", ")}`);
    return known;
  });
}

export async function measureParts(names: readonly PartName[], options: PartOptions): Promise<Measured> {
  const run = runOf(options);
  const measured: Record<string, unknown> = {};
  for (const name of names) measured[name] = { run, result: await parts[name](options) };
  return measured as Measured;
}

export async function measureAgainst(commit: string, options: BenchOptions): Promise<Measured> {
  return { against: { run: runOf(options), result: await benchAgainst(commit, options) } };
}

/** The run that this process is. */
export function runOf({ rounds, seconds }: Pick<BenchOptions, "rounds" | "seconds">): Run {
  return {
    at: new Date().toISOString().slice(0, 10),
    commit: commitNow(),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, Node ${process.versions.node}`,
    command: ["npm run bench", ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2)] : [])].join(
      " ",
    ),
    rounds,
    seconds,
  };
}

function commitNow(): string {
  try {
    const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
    const isChanged = git("status", "--porcelain", "--untracked-files=no", "src", "connectors") !== "";
    return git("rev-parse", "--short", "HEAD") + (isChanged ? "+" : "");
  } catch {
    return "no history";
  }
}

/** What a file holds, without parts of another machine: those have nothing to do with what is measured here. */
export function measuredBefore(file: string, { machine }: Pick<Run, "machine">): Measured {
  if (!existsSync(file)) return {};
  const all = JSON.parse(readFileSync(file, "utf8")) as Measured;
  const here = Object.entries(all).filter(([, part]) => part.run.machine === machine);
  return Object.fromEntries(here) as Measured;
}
