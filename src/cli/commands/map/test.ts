import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { readPayloadInput } from "../../../app/payload-input.ts";
import { type CoverageReport, createCoverage } from "../../../mapping/coverage.ts";
import { showDifferences } from "../../../mapping/difference.ts";
import { MappingLoadError } from "../../../mapping/errors.ts";
import { junitReport } from "../../../mapping/junit.ts";
import { missingLabels } from "../../../mapping/lookups/read-labels.ts";
import { readLabelsOf } from "../../../mapping/lookups/read-lookups.ts";
import { createMapper } from "../../../mapping/mapper.ts";
import { updateExpectations } from "../../../mapping/test-file.ts";
import { type MappingTestResult, runMappingTests } from "../../../mapping/test-runner.ts";
import { indent } from "./indent.ts";
import { watchFolders } from "./watch.ts";

interface TestCommandOptions {
  watch?: true;
  update?: true;
  junit?: string;
}

/** `deskferry map test`. */
export function mapTestCommand(): Command {
  return new Command("test")
    .description("run the .test.json beside each mapping file; exit code 1 when one fails")
    .argument("[folders...]", "mapping folders; none: all in mappings/")
    .option("--watch", "run again whenever a file changes; q or Ctrl-C ends it")
    .option("--update", "take the records that came out otherwise as what is expected")
    .option("--junit <file>", "write the results as JUnit XML, for a pipeline")
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .action(async (given: string[], options: TestCommandOptions, command: Command) => {
      if (options.watch && options.junit)
        command.error("--watch and --junit do not go together. Choose one.");
      const folders = given.length > 0 ? given : await foldersBelow("mappings");
      if (folders.length === 0) command.error("There are no mappings here. Name a folder.");
      const run = async () => {
        process.exitCode = (await testFolders(folders, options)) ? 0 : 1;
      };
      await run();
      if (options.watch) await watchFolders(folders, run);
    });
}

async function foldersBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(root, name));
  return folders.sort();
}

/** Resolves with whether all is well. */
async function testFolders(folders: string[], options: TestCommandOptions): Promise<boolean> {
  const coverage = createCoverage();
  const mapper = createMapper({ children: 1, coverage });
  try {
    const results: MappingTestResult[] = [];
    for (const folder of folders) {
      results.push(...(await runMappingTests(folder, mapper, { readPayload: readPayloadInput })));
    }
    for (const result of results) printResult(result);
    printCoverage(coverage.report());
    for (const folder of folders) await printMissingLabels(folder);
    if (options.junit) await writeFile(options.junit, junitReport(results));
    const updated = options.update ? await update(results) : 0;
    const failed = results.filter(({ failure }) => failure !== undefined).length - updated;
    process.stdout.write(failed === 0 ? "All tests pass.\n" : `${failed} failed.\n`);
    return failed === 0;
  } catch (error) {
    if (!(error instanceof MappingLoadError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return false;
  } finally {
    await mapper.close();
  }
}

function printResult({ file, name, failure, other }: MappingTestResult): void {
  const verdict = failure === undefined ? "ok  " : "FAIL";
  const text = other ? showDifferences(other.differences, process.stdout.isTTY) : failure;
  process.stdout.write(`${verdict}  ${file}: ${name}\n${text === undefined ? "" : `${indent(text)}\n`}`);
}

function printCoverage({ branches, taken, gaps }: CoverageReport): void {
  process.stdout.write(`\nBranches: ${taken} of ${branches} taken.\n`);
  for (const { place, what } of gaps) process.stdout.write(`  ${place}: ${what}\n`);
}

/** No failure: people then read the fallback's language. */
async function printMissingLabels(folder: string): Promise<void> {
  const labels = await readLabelsOf(folder);
  const missing = labels ? missingLabels(labels) : [];
  if (missing.length > 0) process.stdout.write(`\n${join(folder, "labels.yaml")}: not in all languages\n`);
  for (const line of missing) process.stdout.write(`  ${line}\n`);
}

/** An error never becomes what is expected: that is for a person to decide. */
async function update(results: MappingTestResult[]): Promise<number> {
  const files = new Map<string, Map<number, unknown>>();
  for (const { file, name, other } of results) {
    if (!other) continue;
    const records = files.get(file) ?? new Map<number, unknown>();
    files.set(file, records.set(other.index, other.record));
    process.stdout.write(`updated  ${file}: ${name}\n`);
  }
  let count = 0;
  for (const [file, records] of files) {
    await updateExpectations(file, records);
    count += records.size;
  }
  return count;
}
