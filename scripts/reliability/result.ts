import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Where the results of long programmes are kept, and committed. */
const folder = path.join(root, "docs/reliability");

/** What every result begins with: without it a figure cannot be judged, or measured again. */
export interface RunHead {
  /** ISO 8601. */
  at: string;
  /** Short hash of what was measured; a `+` when files were changed. */
  commit: string;
  machine: string;
  command: string;
  seconds: number;
}

/** One file below docs/reliability/: the head, and figures of its own. */
export type Result = RunHead & Record<string, unknown>;

/** Call at the start; the function it returns gives the head, at the end. */
export function startRun(command: string): () => RunHead {
  const started = performance.now();
  return () => ({
    at: new Date().toISOString(),
    commit: commitOf(),
    machine: describeMachine(),
    command,
    seconds: Math.round((performance.now() - started) / 1000),
  });
}

/** Results by the name of their file, without `.json`. */
export function readResults(): Map<string, Result> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const found = names.filter((name) => name.endsWith(".json")).sort();
  return new Map(
    found.map((name) => [path.basename(name, ".json"), readJson(path.join(folder, name)) as Result]),
  );
}

/** Writes `docs/reliability/<name>.json`. */
export function writeResult(name: string, result: Result): void {
  mkdirSync(folder, { recursive: true });
  const { at, commit, machine, command, seconds, ...figures } = result;
  const text = JSON.stringify({ at, commit, machine, command, seconds, ...figures }, undefined, 2);
  writeFileSync(path.join(folder, `${name}.json`), `${text}\n`);
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

function commitOf(): string {
  const git = (...args: string[]) => spawnSync("git", args, { cwd: root, encoding: "utf8" }).stdout.trim();
  const changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "connectors", "scripts");
  return `${git("rev-parse", "--short=10", "HEAD")}${changed === "" ? "" : "+"}`;
}

function describeMachine(): string {
  const [first] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${first?.model.trim() ?? "unknown"}, ${gigabytes} GiB, Node ${process.versions.node}`;
}
