import { defineConfig } from "vitest/config";

// "source" makes `deskferry/sdk` resolve to the TypeScript sources, as tsconfig's customConditions does.
const source = { conditions: ["source"] };
const shared = {
  resolve: source,
  ssr: { resolve: { ...source, externalConditions: ["source"] } },
};
const environment = {
  globalSetup: ["test/support/global-setup.ts"],
  setupFiles: ["test/support/loopback-only.ts"],
  hookTimeout: 60_000,
};
/** Whole programs, real helpdesks and browsers: one at a time, so that none disturbs another's clock. */
const flows = [
  "test/flows/**/*.test.ts",
  "test/connectors/redmine*.test.ts",
  "test/connectors/request-tracker*.test.ts",
  "test/connectors/znuny*.test.ts",
];

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    projects: [
      {
        ...shared,
        test: {
          ...environment,
          name: "rooms",
          include: ["test/**/*.test.ts", "templates/**/*.test.ts"],
          exclude: flows,
          testTimeout: 20_000,
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
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
