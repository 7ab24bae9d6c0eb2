import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const module = fileURLToPath(new URL("../../src/cli/heap-growth.ts", import.meta.url));

/** Keeps the last 60,000 of 900,000 objects. */
const GARBAGE = `
  const kept = [];
  for (let turn = 0; turn < 300; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    for (let index = 0; index < 3000; index++) {
      kept.push({ index, text: "a message of somebody, number " + index, parts: [index] });
    }
    if (kept.length > 60_000) kept.splice(0, 3000);
  }`;

/** How often V8 looked through the whole heap. */
async function looks(...flags: string[]): Promise<number> {
  const run = promisify(execFile);
  // How far V8 goes by itself depends on how much it may take.
  const program = ["--max-old-space-size=4096", "--input-type=module", "--trace-gc", "-e", GARBAGE];
  const { stdout } = await run(process.execPath, ["--import", "tsx", ...flags, ...program]);
  return stdout.match(/Mark-Compact/g)?.length ?? 0;
}

test("garbage is looked for more often than V8 does by itself", async () => {
  const [before, now] = [await looks(), await looks("--import", module)];
  expect(now).toBeGreaterThan(before);
});

test("the measure is set before any other module of the program is loaded", async () => {
  const main = await readFile(new URL("../../src/main.ts", import.meta.url), "utf8");
  expect(/^import .*$/m.exec(main)?.[0]).toBe('import "./cli/heap-growth.ts";');
});
