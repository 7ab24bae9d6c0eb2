import { defineConfig } from "vitest/config";

// "source" makes `deskferry/sdk` resolve to the TypeScript sources, as tsconfig's customConditions does.
const source = { conditions: ["source"] };

export default defineConfig({
  resolve: source,
  ssr: { resolve: { ...source, externalConditions: ["source"] } },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    setupFiles: ["test/support/loopback-only.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
    reporters: ["default"],
  },
});
