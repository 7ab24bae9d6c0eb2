import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { importsOf, roomOf } from "../../test/support/architecture.ts";

/** Which tests are asked about a file: those that reach it by their imports, the nearest first. */
export interface Bench {
  judgesOf(file: string, most: number): string[];
}

/** Whole programs take minutes, and another project of vitest.config.ts runs them. */
const LEFT_OUT = /^test\/(?:flows|timed)\/|\/(?:redmine|request-tracker|znuny)[^/]*$|^test\/[^/]*$/;

export function createBench(root: string, files: readonly string[]): Bench {
  const code = files.filter((path) => /^(?:src|connectors|test)\/.*\.ts$/.test(path));
  const importers = new Map<string, string[]>();
  // A browser takes a minute for each mutant.
  const inBrowser = new Set<string>();
  const note = (target: string, path: string) =>
    importers.set(target, [...(importers.get(target) ?? []), path]);
  for (const path of code) {
    const text = readFileSync(join(root, path), "utf8");
    for (const { target, typesOnly } of importsOf(text)) {
      if (!typesOnly) note(resolved(path, target), path);
      if (target.endsWith("/support/browser.ts")) inBrowser.add(path);
    }
    // Programs are started by their path, which no import shows.
    if (/src\/main\.ts|"main\.ts"/.test(text)) note("src/main.ts", path);
  }
  for (const path of files.filter((one) => one.endsWith(".lua"))) note(path, "src/store/scripts.ts");
  note("src/mapping/child.ts", "src/mapping/pool.ts");

  return {
    judgesOf(file, most) {
      const distances = distancesFrom(file, importers);
      const tests = [...distances.keys()].filter(
        (path) => path.endsWith(".test.ts") && !LEFT_OUT.test(path) && !inBrowser.has(path),
      );
      const rank = (path: string) => rankOf(path, file, distances.get(path) ?? 0);
      return tests.sort((one, other) => rank(one) - rank(other) || one.localeCompare(other)).slice(0, most);
    },
  };
}

/** Tests of the same room come before all others, one named like the file before those. */
function rankOf(test: string, file: string, distance: number): number {
  const [, room = ""] = test.split("/");
  const name = baseOf(file).replace(/\.lua$|\.ts$/, "");
  const isNamed = baseOf(test).startsWith(name);
  return distance + (room === roomOf(file) ? 0 : 100) - (isNamed ? 50 : 0);
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function resolved(path: string, target: string): string {
  if (target === "deskferry/sdk") return "src/sdk/index.ts";
  if (target === "deskferry/sdk/testing") return "src/sdk/testing/index.ts";
  return target.startsWith(".") ? join(dirname(path), target) : target;
}

function distancesFrom(file: string, importers: ReadonlyMap<string, string[]>): Map<string, number> {
  const distances = new Map([[file, 0]]);
  for (const [path, distance] of distances) {
    for (const importer of importers.get(path) ?? []) {
      if (!distances.has(importer)) distances.set(importer, distance + 1);
    }
  }
  return distances;
}
