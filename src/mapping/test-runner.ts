import { access } from "node:fs/promises";
import { join } from "node:path";
import { type MappingKind, mappingKinds, optionalKinds } from "../domain/records.ts";
import { type Difference, differencesBetween, showDifferences } from "./difference.ts";
import { MappingError } from "./errors.ts";
import type { Mapper } from "./mapper.ts";
import { type PayloadReference, readMappingTests, type TestCase } from "./test-file.ts";

/** One test of a mapping file. `failure` is there when it failed; it may quote the test's own data. */
export interface MappingTestResult {
  /** Of the test file. */
  file: string;
  name: string;
  failure?: string;
  /** It failed only because the machine kept it waiting. */
  isStalled?: true;
  /** When another record came out than the expected one. `index`: place of the case in its file. */
  other?: { index: number; record: unknown; differences: Difference[] };
}

/**
 * The input that a mapping file sees of a recorded webhook body. Throws with a remedy when there is none. Parsing
 * belongs to the channels, so that the caller brings this along.
 */
export type ReadPayload = (
  payload: PayloadReference,
  at: { folder: string; kind: MappingKind },
) => Promise<object>;

export interface TestOptions {
  /** Without it a case with a payload fails. */
  readPayload?: ReadPayload;
}

/** Makes the record; rejects with MappingError. */
export type MapOne = (kind: MappingKind, input: unknown) => Promise<{ record: unknown }>;

/**
 * Runs `<file>.test.json` beside every mapping file of the folder, which is loaded for it. A mapping file without tests
 * is reported as a failure. Throws MappingLoadError when the folder cannot be loaded.
 */
export async function runMappingTests(
  folder: string,
  mapper: Pick<Mapper, "load" | "map">,
  options: TestOptions = {},
): Promise<MappingTestResult[]> {
  await mapper.load(folder);
  return runTestsBeside(folder, (kind, input) => mapper.map(folder, kind, input), options);
}

/** The same for files that are loaded already, or that are tried before they are. */
export async function runTestsBeside(
  folder: string,
  map: MapOne,
  options: TestOptions = {},
): Promise<MappingTestResult[]> {
  const results: MappingTestResult[] = [];
  for (const kind of mappingKinds) results.push(...(await runFile({ folder, kind }, map, options)));
  return results;
}

interface Place {
  folder: string;
  kind: MappingKind;
}

async function runFile(place: Place, map: MapOne, options: TestOptions): Promise<MappingTestResult[]> {
  const file = join(place.folder, `${place.kind}.test.json`);
  const cases = await readMappingTests(file);
  if (typeof cases === "string") {
    const isOptional =
      optionalKinds.includes(place.kind) && !(await exists(join(place.folder, `${place.kind}.jsonata`)));
    return isOptional ? [] : [{ file, name: "can be read", failure: cases }];
  }
  const results: MappingTestResult[] = [];
  for (const [index, test] of cases.entries()) {
    const outcome = await runCase(test, place, map, options);
    const { record, differences, ...failure } = outcome;
    const other = differences ? { other: { index, record, differences } } : {};
    results.push({ file, name: test.name, ...failure, ...other });
  }
  return results;
}

interface Outcome {
  failure?: string;
  isStalled?: true;
  record?: unknown;
  differences?: Difference[];
}

async function runCase(test: TestCase, place: Place, map: MapOne, options: TestOptions): Promise<Outcome> {
  try {
    const { record } = await map(place.kind, await inputOf(test, place, map, options));
    if (test.expectedError !== undefined) {
      const got = JSON.stringify(record, null, 2);
      return { failure: `expected an error with "${test.expectedError}", got ${got}` };
    }
    const differences = differencesBetween(test.expected, record);
    return differences.length === 0
      ? {}
      : { failure: showDifferences(differences), record: record ?? null, differences };
  } catch (error) {
    if (error instanceof UnreadPayload) return { failure: error.message };
    if (!(error instanceof MappingError)) throw error;
    if (test.expectedError !== undefined && error.message.includes(test.expectedError)) return {};
    const failure = error.detail ? `${error.message} [${error.detail}]` : error.message;
    return error.isStalled ? { failure, isStalled: true } : { failure };
  }
}

/** The payload of a case gives no input. */
class UnreadPayload extends Error {}

async function inputOf(
  { payload, input }: TestCase,
  place: Place,
  map: MapOne,
  { readPayload }: TestOptions,
): Promise<unknown> {
  if (!payload) return input;
  if (!readPayload) throw new UnreadPayload("payloads cannot be read here. Give the input itself");
  const read = await readPayload(payload, place).catch((error: unknown) => {
    throw new UnreadPayload(`payload: ${error instanceof Error ? error.message : "unknown error"}`);
  });
  // A route is decided with the ticket's record in hand, as in production.
  return place.kind === "route" ? { ...read, ticket: (await map("ticket", read)).record } : read;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
