import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { MappingKind } from "../../src/domain/records.ts";
import { MappingError } from "../../src/mapping/errors.ts";
import {
  type MapOne,
  type MappingTestResult,
  runMappingTests,
  runTestsBeside,
  type TestOptions,
} from "../../src/mapping/test-runner.ts";

const root = mkdtempSync(join(tmpdir(), "cases-"));
afterAll(() => rmSync(root, { recursive: true }));

/** A folder with these cases of one kind, and no file besides. */
function folderOf(kind: MappingKind, cases: unknown): string {
  const folder = mkdtempSync(join(root, "c-"));
  writeFileSync(join(folder, `${kind}.test.json`), JSON.stringify(cases));
  return folder;
}

const echo: MapOne = async (_kind, input) => ({ record: input });
const fails =
  (details: { detail?: string; isStalled?: boolean }): MapOne =>
  async () => {
    throw new MappingError({ kind: "evaluate", file: "f", reason: "no. Mend it", ...details });
  };

/** What came of the case of a kind, without the file. */
async function outcome(
  test: object,
  map: MapOne = echo,
  options: TestOptions = {},
  kind: MappingKind = "comment",
): Promise<Omit<MappingTestResult, "file"> | undefined> {
  const folder = folderOf(kind, [{ name: "it", ...test }]);
  const results = await runTestsBeside(folder, map, options);
  const found = results.find(({ name }) => name === "it");
  expect(found?.file).toBe(join(folder, `${kind}.test.json`));
  if (!found) return undefined;
  const { file: _file, ...rest } = found;
  return rest;
}

describe("a case with a record", () => {
  test("passes when it comes out", async () => {
    expect(await outcome({ input: { a: 1 }, expected: { a: 1 } })).toEqual({ name: "it" });
  });

  test("fails with both records, the other one kept for the author", async () => {
    expect(await outcome({ input: { a: 1 }, expected: { a: 2 } })).toEqual({
      name: "it",
      failure: "a\n  expected 2\n  got      1",
      other: { index: 0, record: { a: 1 }, differences: [{ path: "a", expected: 2, got: 1 }] },
    });
  });

  test("fails where nothing came out", async () => {
    const result = await outcome({ input: 1, expected: { a: 2 } }, async () => ({ record: undefined }));
    expect(result?.other).toMatchObject({ record: null });
  });

  test("fails with the words of an error, and JSONata's own where there are some", async () => {
    const wanted = { input: {}, expected: {} };
    expect(await outcome(wanted, fails({}))).toEqual({ name: "it", failure: "f: no. Mend it" });
    expect(await outcome(wanted, fails({ detail: "cast" }))).toEqual({
      name: "it",
      failure: "f: no. Mend it [cast]",
    });
    expect(await outcome(wanted, fails({ isStalled: true }))).toEqual({
      name: "it",
      failure: "f: no. Mend it",
      isStalled: true,
    });
  });
});

describe("a case with an error", () => {
  test("passes when a part of it is said, and fails otherwise", async () => {
    expect(await outcome({ input: {}, expectedError: "Mend" }, fails({}))).toEqual({ name: "it" });
    expect(await outcome({ input: {}, expectedError: "Tear" }, fails({}))).toEqual({
      name: "it",
      failure: "f: no. Mend it",
    });
    expect(await outcome({ input: { a: 1 }, expectedError: "Mend" })).toEqual({
      name: "it",
      failure: 'expected an error with "Mend", got {\n  "a": 1\n}',
    });
  });
});

describe("a case with a payload", () => {
  const payload = { file: "hook.json", message: 1, channelType: "meta", channel: "city" };

  test("is given the input that is read of it, for its folder and kind", async () => {
    const seen: unknown[] = [];
    const readPayload: TestOptions["readPayload"] = async (...given) => {
      seen.push(given);
      return { read: true };
    };
    expect(await outcome({ payload, expected: { read: true } }, echo, { readPayload })).toEqual({
      name: "it",
    });
    expect(seen).toEqual([[payload, { folder: expect.stringContaining(root), kind: "comment" }]]);
  });

  test("of a route comes with the ticket that the folder makes", async () => {
    const map: MapOne = async (kind, input) => ({ record: kind === "ticket" ? { made: input } : input });
    const expected = { read: true, ticket: { made: { read: true } } };
    const options = { readPayload: async () => ({ read: true }) };
    expect(await outcome({ payload, expected }, map, options, "route")).toEqual({ name: "it" });
  });

  test("that gives no input fails with why, even where an error was expected", async () => {
    const expectedError = "payload";
    expect(await outcome({ payload, expectedError })).toEqual({
      name: "it",
      failure: "payloads cannot be read here. Give the input itself",
    });
    const broken = { readPayload: () => Promise.reject(new Error("it is gone")) };
    expect(await outcome({ payload, expectedError }, echo, broken)).toEqual({
      name: "it",
      failure: "payload: it is gone",
    });
  });
});

describe("a folder", () => {
  test("has its cases in order of kinds, each by its place in its file", async () => {
    const folder = folderOf("contact", [
      { name: "one", input: 1, expected: 1 },
      { name: "two", input: 1, expected: 2 },
    ]);
    const results = await runTestsBeside(folder, echo);
    expect(results.map(({ name, other }) => [name, other?.index])).toEqual([
      ["one", undefined],
      ["two", 1],
      ["can be read", undefined],
      ["can be read", undefined],
    ]);
    const failure = "there is no such file. Add one with at least one test";
    expect(results[2]).toEqual({ file: join(folder, "ticket.test.json"), name: "can be read", failure });
    expect(results[3]?.file).toBe(join(folder, "comment.test.json"));
  });

  test.each(["route", "confirmation"])("needs cases of a %s when it has one", async (kind) => {
    const folder = mkdtempSync(join(root, "c-"));
    const files = async () => (await runTestsBeside(folder, echo)).map(({ file }) => file);
    expect(await files()).not.toContain(join(folder, `${kind}.test.json`));
    writeFileSync(join(folder, `${kind}.jsonata`), "null");
    expect(await files()).toContain(join(folder, `${kind}.test.json`));
  });

  test("is loaded before its cases are run on it", async () => {
    const folder = folderOf("contact", [{ name: "one", input: { a: 1 }, expected: { name: "A" } }]);
    const calls: string[] = [];
    const mapper = {
      load: async (path: string) => void calls.push(`load ${path}`),
      map: async (path: string, kind: MappingKind, input: unknown) => {
        calls.push(`${kind} ${path} ${JSON.stringify(input)}`);
        return { record: { name: "A" }, version: "1" };
      },
    } as unknown as Parameters<typeof runMappingTests>[1];
    const [first] = await runMappingTests(folder, mapper);
    expect(first).toEqual({ file: join(folder, "contact.test.json"), name: "one" });
    expect(calls).toEqual([`load ${folder}`, `contact ${folder} {"a":1}`]);
  });
});
