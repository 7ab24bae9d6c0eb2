import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { appendItem, replaceValue } from "./json-text.ts";

const payloadReference = z.strictObject({
  file: z.string().min(1).describe("One raw webhook body, relative to the folder of the mapping"),
  message: z.int().min(0).default(0).describe("Which of its messages, from 0"),
  channelType: z.string().min(1).default("meta"),
  channel: z.string().min(1).default("city").describe("Name of the channel that the mapping is to see"),
});

/** A raw webhook body in a file, instead of an input. */
export type PayloadReference = z.output<typeof payloadReference>;

const testCase = z
  .strictObject({
    name: z.string().min(1),
    input: z.unknown().optional(),
    payload: payloadReference.optional(),
    expected: z.unknown().optional(),
    /** Part of the error's text. */
    expectedError: z.string().min(1).optional(),
  })
  .refine((test) => "input" in test !== "payload" in test, "give either input or payload")
  .refine((test) => "expected" in test !== "expectedError" in test, "give either expected or expectedError");

export type TestCase = z.output<typeof testCase>;

const testFile = z.array(testCase).min(1);

/** The cases of a test file, or why there are none. */
export async function readMappingTests(file: string): Promise<TestCase[] | string> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return "there is no such file. Add one with at least one test";
  try {
    const { success, data, error } = testFile.safeParse(JSON.parse(text));
    return success
      ? data
      : `is not a list of {name, input, expected} or {name, input, expectedError}: ${z.prettifyError(error)}`;
  } catch (error) {
    return `is not valid JSON: ${error instanceof Error ? error.message : "unknown error"}`;
  }
}

/** Writes what the cases at these places are to expect; all else in the file stays as it was typed. */
export async function updateExpectations(file: string, records: Map<number, unknown>): Promise<void> {
  let text = await readFile(file, "utf8");
  for (const [index, record] of records) text = replaceValue(text, index, "expected", record);
  await writeFile(file, text);
}

/**
 * Adds a case at the end of a test file, which is made where there is none. Throws when the case is none, when its name
 * is taken or when the file cannot be read.
 */
export async function addTestCase(file: string, added: TestCase): Promise<void> {
  const test = testCase.parse(added);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "[]\n";
    throw error;
  });
  const cases = z.array(testCase).parse(JSON.parse(text));
  if (cases.some(({ name }) => name === test.name)) {
    throw new Error(`${file} has a case "${test.name}" already. Choose another name`);
  }
  await writeFile(file, appendItem(text, added));
}
