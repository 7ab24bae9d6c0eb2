import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { ensureBuilt } from "../ensure-built.ts";
import type { SabotageResult } from "./page-parts.ts";
import { type RunHead, readResults, startRun, writeResult } from "./result.ts";
import type { StoredRow } from "./row.ts";
import { type Edit, type Sabotage, sabotages } from "./sabotage-lines.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const COPIED = [
  "src",
  "connectors",
  "mappings",
  "scripts",
  "dist",
  "schema",
  "package.json",
  "tsconfig.json",
];
const LONGEST_MS = 400_000;

export interface SabotageOptions {
  seed: number;
  /** Of these guarantees; absent: of all. */
  ids?: readonly string[];
  say(line: string): void;
}

/** Takes each protecting line out of a copy of everything and runs its row there, which must fail; here it must pass. */
export async function runSabotage({ seed, ids, say }: SabotageOptions): Promise<SabotageResult[]> {
  ensureBuilt();
  const run = startRun("npm run reliability -- --sabotage");
  const results: SabotageResult[] = [];
  const untouched = new Map<string, StoredRow[]>();
  for (const one of sabotages.filter(({ id }) => !ids || ids.includes(id))) {
    // A row that fails on this machine anyhow shows nothing.
    const control = untouched.get(one.row) ?? (await measure(root, one.row, seed));
    untouched.set(one.row, control);
    const passes = control.find(({ id }) => id === one.id)?.passed === true;
    if (!passes) say(`${one.id}: its row fails with the line in place: ${JSON.stringify(control)}`);
    if (!passes) continue;
    const result = await sabotage(one, seed);
    say(
      `${one.id} without "${one.what}": ${result.noticed ? "noticed" : "NOT NOTICED"} ${JSON.stringify(result.figures)}`,
    );
    results.push(result);
    keep(result, { ...run(), seed });
  }
  return results;
}

/** Beside what earlier runs gave for other guarantees. */
function keep(result: SabotageResult, head: RunHead & { seed: number }): void {
  const before = (readResults().get("sabotage")?.["lines"] ?? []) as SabotageResult[];
  const lines = [...before.filter(({ id }) => id !== result.id), result];
  writeResult("sabotage", { ...head, lines });
}

async function sabotage({ id, what, edits, row }: Sabotage, seed: number): Promise<SabotageResult> {
  const folder = mkdtempSync(path.join(tmpdir(), "deskferry-sabotage-"));
  try {
    for (const name of COPIED) cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
    symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
    for (const edit of edits) await takeOut(folder, edit);
    // Newer than the sources, so that nobody builds.
    utimesSync(path.join(folder, "dist/src/main.js"), new Date(), new Date(Date.now() + 60_000));
    const rows = await measure(folder, row, seed);
    const measured = rows.find((one) => one.id === id);
    const [{ file = "" } = {}] = edits;
    const figures = measured?.figures ?? {};
    return { id, file, without: what, noticed: measured?.passed === false, figures };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In the sources, which the harness runs on, and in dist/, which the processes run. */
async function takeOut(folder: string, { file, text, without }: Edit): Promise<void> {
  const source = path.join(folder, file);
  const before = readFileSync(source, "utf8");
  const after = before.replace(text, () => without);
  if (after === before) throw new Error(`${file} does not hold the line to take out: ${text}`);
  writeFileSync(source, after);
  const built = path.join(folder, "dist", file);
  if (file.endsWith(".lua")) return writeFileSync(built, after);
  const { code } = await transform(after, { loader: "ts", format: "esm", target: "es2023" });
  const imports = code.replace(/(from\s*|import\(\s*)"(\.[^"]+)\.ts"/g, '$1"$2.js"');
  writeFileSync(built.replace(/\.ts$/, ".js"), imports);
}

function measure(folder: string, row: string, seed: number): Promise<StoredRow[]> {
  const program = ["--conditions=source", "--import", "tsx", "scripts/reliability.ts"];
  const args = [...program, "--row", row, "--quick", "--seed", String(seed)];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "ignore"],
    timeout: LONGEST_MS,
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => {
      const last = said.trimEnd().split("\n").at(-1) ?? "";
      if (last.startsWith("{")) resolve((JSON.parse(last) as { rows: StoredRow[] }).rows);
      else reject(new Error(`row ${row} came to no end`));
    });
  });
}
