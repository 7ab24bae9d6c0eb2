import { defineConfig } from "vitest/config";

const source = { conditions: ["source"] };

/** Of the copy in which mutants are tried (session.ts): one test file at a time, run once for each mutant. */
export default defineConfig({
  resolve: source,
  ssr: { resolve: { ...source, externalConditions: ["source"] } },
  test: {
    root: process.cwd(),
    pool: "forks",
    maxWorkers: 1,
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    setupFiles: ["test/support/loopback-only.ts"],
    runner: "./scripts/mutation/repeating-runner.ts",
    testTimeout: 15_000,
    hookTimeout: 30_000,
    reporters: [{}],
    silent: true,
  },
});
