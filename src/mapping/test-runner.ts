import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type MappingKind, mappingKinds, optionalKinds } from "../domain/records.ts";
import { MappingError } from "./errors.ts";
import type { Mapper } from "./mapper.ts";

const testCase = z.union([
  z.strictObject({ name: z.string().min(1), input: z.unknown(), expected: z.unknown() }),
  z.strictObject({
    name: z.string().min(1),
    input: z.unknown(),
    /** Part of the error's text. */
    expectedError: z.string().min(1),
  }),
]);
const testFile = z.array(testCase).min(1);

export type TestCase = z.output<typeof testCase>;

/** One test of a mapping file. `failure` is there when it failed; it may quote the test's own data. */
export interface MappingTestResult {
  /** Of the test file. */
  file: string;
  name: string;
  failure?: string;
}

/**
 * Runs `<file>.test.json` beside every mapping file of the folder, which is loaded for it. A mapping file without tests
 * is reported as a failure. Throws MappingLoadError when the folder cannot be loaded.
 */
export async function runMappingTests(folder: string, mapper: Mapper): Promise<MappingTestResult[]> {
  await mapper.load(folder);
  const results: MappingTestResult[] = [];
  for (const kind of mappingKinds) results.push(...(await runFile(folder, kind, mapper)));
  return results;
}

async function runFile(folder: string, kind: MappingKind, mapper: Mapper): Promise<MappingTestResult[]> {
  const file = join(folder, `${kind}.test.json`);
  const cases = await readMappingTests(file);
  if (typeof cases === "string") {
    const isOptional = optionalKinds.includes(kind) && !(await exists(join(folder, `${kind}.jsonata`)));
    return isOptional ? [] : [{ file, name: "can be read", failure: cases }];
  }
  const results: MappingTestResult[] = [];
  for (const test of cases) {
    const failure = await runCase(test, (input) => mapper.map(folder, kind, input));
    results.push({ file, name: test.name, ...(failure === undefined ? {} : { failure }) });
  }
  return results;
}

/** The cases of a test file, or why there are none. */
export async function readMappingTests(file: string): Promise<TestCase[] | string> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return "there is no such file. Add one with at least one test";
  try {
    const { success, data, error } = testFile.safeParse(JSON.parse(text));
    return success
      ? data
      : `is not a list of {name, input, expected} or {name, input, expectedError}: ${error.message}`;
  } catch (error) {
    return `is not valid JSON: ${error instanceof Error ? error.message : "unknown error"}`;
  }
}

async function runCase(
  test: TestCase,
  map: (input: unknown) => Promise<{ record: unknown }>,
): Promise<string | undefined> {
  try {
    const { record } = await map(test.input);
    if ("expectedError" in test) return `expected an error with "${test.expectedError}", got ${show(record)}`;
    if (isDeepStrictEqual(record, test.expected)) return undefined;
    return `expected ${show(test.expected)}, got ${show(record)}`;
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    if ("expectedError" in test && error.message.includes(test.expectedError)) return undefined;
    return error.detail ? `${error.message} [${error.detail}]` : error.message;
  }
}

function show(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  );
}
