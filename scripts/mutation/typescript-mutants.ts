import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Mutant } from "./mutant.ts";

/** Stryker's mutators, without its runner and what that brings along (docs/decisions/0063-mutants-of-our-own-running.md). */
const PACKAGE = "@stryker-mutator/instrumenter";
const VERSION = "9.6.1";

interface Place {
  line: number;
  column: number;
}

interface StrykerMutant {
  id: string;
  fileName: string;
  mutatorName: string;
  replacement: string;
  /** Lines and columns from 0. */
  location: { start: Place; end: Place };
}

interface SourceText {
  name: string;
  content: string;
}

interface Instrumenter {
  instrument(
    files: (SourceText & { mutate: boolean })[],
    options: object,
  ): Promise<{ files: SourceText[]; mutants: StrykerMutant[] }>;
}

export interface Instrumented {
  mutants: Mutant[];
  /** Each file with all its mutants in it, each behind a switch. */
  files: SourceText[];
}

/** Installs the mutators into `folder` where they are missing, and says so. */
export async function typescriptMutator(folder: string, say: (line: string) => void) {
  const instrumenter = await load(folder, say);
  const options = { plugins: null, excludedMutations: [], ignorers: [], noHeader: false };
  return async (sources: readonly SourceText[]): Promise<Instrumented> => {
    const wanted = sources.map((one) => ({ ...one, mutate: true }));
    const { files, mutants } = await instrumenter.instrument(wanted, options);
    const begins = new Map(sources.map(({ name, content }) => [name, lineBegins(content)]));
    const offset = (name: string, { line, column }: Place) => (begins.get(name)?.[line] ?? 0) + column;
    return {
      files,
      mutants: mutants.map(({ id, fileName, mutatorName, replacement, location }) => ({
        id,
        file: fileName,
        mutator: mutatorName,
        start: offset(fileName, location.start),
        end: offset(fileName, location.end),
        replacement,
        line: location.start.line + 1,
      })),
    };
  };
}

async function load(folder: string, say: (line: string) => void): Promise<Instrumenter> {
  const home = join(folder, "node_modules", PACKAGE);
  if (!existsSync(home)) {
    say(`installing ${PACKAGE} ${VERSION} into ${folder}; it is no dependency of Deskferry`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    const args = ["install", "--save-exact", "--ignore-scripts", "--no-audit", "--no-fund"];
    const done = spawnSync("npm", [...args, `${PACKAGE}@${VERSION}`], { cwd: folder, encoding: "utf8" });
    if (done.status !== 0) throw new Error(`npm could not install ${PACKAGE}: ${done.stderr.slice(-500)}`);
  }
  const module: unknown = await import(pathToFileURL(join(home, "dist/src/index.js")).href);
  const { Instrumenter } = module as { Instrumenter: new (logger: object) => Instrumenter };
  const silent = { debug: () => undefined, info: () => undefined, isDebugEnabled: () => false };
  return new Instrumenter(silent);
}

function lineBegins(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}
