import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseAstAsync } from "vitest/node";
import type { CoverageMap } from "./figures.ts";

/** What V8 says about one file; the same in each of its functions. */
interface ScriptCoverage {
  url: string;
  functions: unknown[];
}
interface ProcessCoverage {
  result: ScriptCoverage[];
}
type Convert = (options: object) => Promise<CoverageMap>;
type Merge = (coverages: ProcessCoverage[]) => ProcessCoverage;

/** The parts of vitest's own coverage, so that a statement is the same there and here. */
async function partsOfVitest(): Promise<{ convert: Convert; merge: Merge }> {
  const provider = createRequire(createRequire(import.meta.url).resolve("@vitest/coverage-v8/package.json"));
  const load = async (name: string): Promise<unknown> => import(pathToFileURL(provider.resolve(name)).href);
  const { convert } = (await load("ast-v8-to-istanbul")) as { convert: Convert };
  const { mergeProcessCovs } = (await load("@bcoe/v8-coverage")) as { mergeProcessCovs: Merge };
  return { convert, merge: mergeProcessCovs };
}

/**
 * What ran in processes that tests started from `dist/`, told of the sources. `raws`: folders into which Node wrote, one
 * file when a process ended, none when it was killed. `scratch`: where the build is made anew, with source maps.
 */
export async function coverageOfProcesses(
  root: string,
  raws: readonly string[],
  scratch: string,
): Promise<CoverageMap> {
  buildWithMaps(root, scratch);
  const { convert, merge } = await partsOfVitest();
  const dist = pathToFileURL(join(root, "dist/")).href;
  let all: ProcessCoverage = { result: [] };
  for (const path of raws.flatMap((raw) => readdirSync(raw).map((name) => join(raw, name)))) {
    const { result } = JSON.parse(readFileSync(path, "utf8")) as ProcessCoverage;
    all = merge([all, { result: result.filter(({ url }) => url.startsWith(dist)) }]);
  }
  const found: CoverageMap = {};
  for (const { url, functions } of all.result) {
    const file = join(scratch, url.slice(dist.length));
    if (!existsSync(`${file}.map`)) continue;
    const code = readFileSync(file, "utf8");
    if (!code.startsWith(readFileSync(fileURLToPath(url), "utf8").trimEnd())) {
      throw new Error(`${url} is not what the sources make now: npm run build, then measure again`);
    }
    const ast = await parseAstAsync(code);
    const sourceMap = JSON.parse(readFileSync(`${file}.map`, "utf8")) as object;
    const address = pathToFileURL(file).href;
    Object.assign(found, await convert({ code, ast, sourceMap, coverage: { url: address, functions } }));
  }
  return found;
}

/** The same code as in dist/, and a line behind it that names its map. */
function buildWithMaps(root: string, folder: string): void {
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const tsc = join(manifest, "../bin/tsc");
  const args = [tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", folder, "--sourceMap"];
  const done = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`the build with source maps failed:\n${done.stdout}`);
}
