/**
 * `npm run coverage` (scripts/coverage.ts) names a folder here: Node writes into it what the processes ran that a test
 * starts. Node hands the variable down, whatever environment a child is given; this process itself vitest looks at.
 */
const folder = process.env["COVER_PROCESSES"];
if (folder !== undefined) process.env["NODE_V8_COVERAGE"] = folder;
