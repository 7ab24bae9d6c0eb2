import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureBuilt } from "./ensure-built.ts";
import { startRedis } from "./private-redis.ts";

/**
 * `npm test`: builds, since two tests that need it would do so at once; starts a Redis (REDIS_URL or a private one); runs
 * vitest with the given arguments, and prints as the last line "N passed, N failed". The exit code is vitest's.
 */
async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "deskferry-test-"));
  const report = join(folder, "report.json");
  ensureBuilt();
  const redis = await startRedis();
  try {
    const status = await runVitest(report, redis.url);
    const { passed, failed, skipped } = count(report, status);
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
    return status;
  } finally {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function runVitest(report: string, redisUrl: string): Promise<number> {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const program = join(root, "node_modules/vitest/vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const child = spawn(process.execPath, [program, "run", ...reporters, ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, REDIS_URL: redisUrl },
  });
  // A listener keeps us alive through Ctrl-C, which the terminal sends to vitest as well, so that Redis goes last.
  process.on("SIGINT", () => undefined);
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

function count(file: string, status: number): { passed: number; failed: number; skipped: number } {
  const report = readReport(file);
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  // A file that fails to load has no tests; an error outside any test fails the run as well. Both must be counted.
  const broken = report.testResults.filter(
    (one) => one.status === "failed" && one.assertionResults.length === 0,
  );
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    failed: status !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    return undefined;
  }
}

process.exitCode = await main();
