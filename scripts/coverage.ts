import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { roomOf } from "../test/support/architecture.ts";
import { addRuns, type CoverageMap, type Figures, figuresOf, missingLines } from "./covered/figures.ts";
import { coverageOfProcesses } from "./covered/processes.ts";
import { ensureBuilt } from "./ensure-built.ts";
import { filesOf } from "./mutation/tree.ts";
import { type RunHead, readResults, startRun, writeResult } from "./reliability/result.ts";

/**
 * `npm run coverage [-- --run NAME…] [FILE…] [--publish]`: runs tests and tells of each room how much of it ran: in vitest,
 * and in the processes that tests start from dist/. With --run only these are run, with files of tests only those, and
 * the others taken as they were, if the code is the same. The last line is JSON; what did not run stands in .deskferry/coverage/missing.txt. With --publish the figures
 * go to docs/reliability/mutation.json. Exit code 1 below 95 of 100 statements or 90 of 100 branches.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { run: { type: "string", multiple: true }, publish: { type: "boolean", default: false } },
});
const wanted = { statements: 95, branches: 90 };
const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = join(root, ".deskferry/coverage");

const files = filesOf(root);
const tests = files.filter((path) => path.endsWith(".test.ts"));
const isOfConnectors = (path: string) =>
  /^test\/connectors\/(?:.*-conformance|redmine|request-tracker|znuny)/.test(path);
const isOfPrograms = (path: string) => /^test\/(?:cli\/|flows\/(?:operations|erase|templates)\.)/.test(path);

const of = (...projects: string[]) => projects.flatMap((project) => ["--project", project]);

/** What is run, each with its arguments for vitest. */
const runs: Record<string, string[]> = {
  rooms: [...of("rooms", "alone"), ...tests.filter((path) => !isOfConnectors(path) && !isOfPrograms(path))],
  // Some are in the project `flows` for the time they take only: they run in vitest's processes all the same.
  connectors: [...of("rooms", "alone", "flows"), ...tests.filter(isOfConnectors)],
  programs: [...of("rooms", "alone", "flows"), ...tests.filter(isOfPrograms)],
  /** Tests that are newer than the run of their part. */
  files: positionals,
};

/** How a run went; `code`: what of. */
interface Done extends RunHead {
  code: string;
  /** `5534 passed, 3 failed`. */
  tests: string;
}

const sources = files.filter((path) => /^(?:src|connectors)\/.*\.ts$/.test(path));
const code = createHash("sha1")
  .update(sources.map((path) => readFileSync(join(root, path), "utf8")).join("\0"))
  .digest("hex")
  .slice(0, 12);

/** Runs tests; leaves behind their coverage, what Node wrote of the processes they started, and how it went. */
async function run(name: string): Promise<void> {
  const [folder, raw] = [join(scratch, name), join(scratch, `${name}-processes`)];
  for (const one of [folder, raw]) rmSync(one, { recursive: true, force: true });
  mkdirSync(raw, { recursive: true });
  const headOf = startRun(
    `npm run coverage -- ${name === "files" ? positionals.join(" ") : `--run ${name}`}`,
  );
  const program = ["--conditions=source", "--import", "tsx", "scripts/test.ts"];
  const child = spawn(
    process.execPath,
    [...program, ...(runs[name] ?? []), "--coverage", `--coverage.reportsDirectory=${folder}`],
    { cwd: root, stdio: ["ignore", "pipe", 2], env: { ...process.env, COVER_PROCESSES: raw } },
  );
  let said = "";
  child.stdout?.on("data", (text: Buffer) => {
    process.stderr.write(text);
    said = (said + text).slice(-1000);
  });
  await new Promise((resolve) => child.once("close", resolve));
  const done: Done = { ...headOf(), code, tests: said.trimEnd().split("\n").at(-1) ?? "" };
  writeFileSync(join(folder, "done.json"), JSON.stringify(done));
}

ensureBuilt();
if (positionals.length === 0 && !values.run) rmSync(join(scratch, "files"), { recursive: true, force: true });
const whole = Object.keys(runs).filter((name) => name !== "files");
for (const name of positionals.length > 0 ? ["files"] : (values.run ?? whole)) await run(name);

/** Runs of this very code. */
const done = new Map<string, Done>();
for (const name of Object.keys(runs)) {
  const file = join(scratch, name, "done.json");
  if (!existsSync(file)) continue;
  const one = JSON.parse(readFileSync(file, "utf8")) as Done;
  if (one.code === code) done.set(name, one);
  else console.error(`${name} is left out: it was run with other code`);
}
const [all = {}, ...others] = [...done.keys()].map(
  (name) => JSON.parse(readFileSync(join(scratch, name, "coverage-final.json"), "utf8")) as CoverageMap,
);
const raws = [...done.keys()].map((name) => join(scratch, `${name}-processes`));
others.push(await coverageOfProcesses(root, raws, join(scratch, "build")));
for (const one of others) addRuns(all, one);
// Vitest finds test/connectors and templates/connector as well.
for (const path of Object.keys(all)) if (!sources.includes(path.slice(root.length))) delete all[path];

const rooms = new Map<string, CoverageMap>();
for (const [path, file] of Object.entries(all)) {
  const room = roomOf(path.slice(root.length));
  rooms.set(room, { ...rooms.get(room), [path]: file });
}
const src = Object.values(all).filter(({ path }) => path.startsWith(join(root, "src/")));
const byRoom = [
  ...[...rooms].map(([room, each]) => [room, figuresOf(Object.values(each))] as const),
  ["all of src", figuresOf(src)] as const,
];
const figures = figuresOf(Object.values(all));
writeFileSync(join(scratch, "missing.txt"), `${missingLines(Object.values(all), root).join("\n")}\n`);
for (const [room, one] of [...byRoom, ["all", figures] as const]) console.log(lineOf(room, one));

function lineOf(name: string, { statements, branches }: Figures): string {
  return `${name}: ${statements.percent} % of ${statements.of} statements, ${branches.percent} % of ${branches.of} branches`;
}

if (values.publish) {
  const coverage = { ...figures, runs: Object.fromEntries(done), rooms: Object.fromEntries(byRoom) };
  const before = readResults().get("mutation");
  if (!before) throw new Error("docs/reliability/mutation.json is missing: npm run mutation comes first");
  writeResult("mutation", { ...before, coverage });
}
const isEnough =
  figures.statements.percent >= wanted.statements && figures.branches.percent >= wanted.branches;
if (!isEnough || [...done.values()].some((one) => !/ 0 failed/.test(one.tests))) process.exitCode = 1;
console.log(JSON.stringify(figures));
