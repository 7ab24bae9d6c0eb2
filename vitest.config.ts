import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { defineConfig } from "vitest/config";

// "source" makes `deskferry/sdk` resolve to the TypeScript sources, as tsconfig's customConditions does.
const source = { conditions: ["source"] };
const shared = {
  resolve: source,
  ssr: { resolve: { ...source, externalConditions: ["source"] } },
};
const environment = {
  globalSetup: ["test/support/global-setup.ts"],
  setupFiles: ["test/support/loopback-only.ts", "test/support/cover-processes.ts"],
  hookTimeout: 60_000,
};
/** Whole programs, real helpdesks and browsers: after the rooms, so that they have the machine to themselves, two at a time. */
const flows = [
  "test/flows/**/*.test.ts",
  "test/connectors/redmine*.test.ts",
  "test/connectors/request-tracker*.test.ts",
  "test/connectors/znuny*.test.ts",
];
/** What is measured by the clock: one at a time, at the end. */
const timed = ["test/timed/**/*.test.ts"];
/** Of the rest, which often waits for a server's deadline: one process more than CI has cores. */
const WAITING = 3;
/**
 * They put something in place of what every test uses (`vi`: modules, timers, functions of Node), or play a helpdesk for a long
 * time: each of them gets a process of its own.
 */
const alone = readdirSync(join(import.meta.dirname, "test"), { recursive: true })
  .map((name) => `test/${String(name).replaceAll(sep, "/")}`)
  .filter((path) => path.endsWith(".test.ts") && !/^test\/(?:flows|timed)\//.test(path))
  .filter((path) => isLong(path) || replaces(readFileSync(join(import.meta.dirname, path), "utf8")));

function isLong(path: string): boolean {
  return path.endsWith("-conformance.test.ts");
}

function replaces(text: string): boolean {
  return /^import \{.*\bvi\b.*\} from "vitest";|\/(?:command-setup|crash-at)\.ts"/m.test(text);
}

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    /** `npm run coverage`. What only runs in a process of its own, or in a browser, is not seen: docs/mutation.md. */
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts", "connectors/**/*.ts"],
      exclude: ["src/playground/page/**"],
      reporter: ["json"],
      reportOnFailure: true,
    },
    projects: [
      {
        ...shared,
        test: {
          ...environment,
          name: "rooms",
          include: ["test/**/*.test.ts", "templates/**/*.test.ts"],
          exclude: [...alone, ...flows, ...timed],
          testTimeout: 20_000,
          // Loading everything anew costs 0.6 s of processor for each file.
          isolate: false,
          maxWorkers: WAITING,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...shared,
        test: {
          ...environment,
          name: "alone",
          include: alone,
          exclude: flows,
          testTimeout: 20_000,
          maxWorkers: WAITING,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...shared,
        test: {
          ...environment,
          name: "flows",
          include: flows,
          testTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        ...shared,
        test: {
          ...environment,
          name: "timed",
          include: timed,
          testTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
