import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMapper, type Mapper } from "../../src/mapping/mapper.ts";
import { runMappingTests } from "../../src/mapping/test-runner.ts";

const root = mkdtempSync(join(tmpdir(), "runner-"));
let mapper: Mapper;

beforeAll(() => {
  mapper = createMapper({ children: 1 });
});

afterAll(async () => {
  await mapper.close();
  rmSync(root, { recursive: true });
});

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(root, "t-"));
  const sources = {
    "contact.jsonata": `{"name": person.name}`,
    "ticket.jsonata": `{"subject": message.text}`,
    "comment.jsonata": `{"body": message.text}`,
    "ticket.test.json": JSON.stringify([
      { name: "t", input: { message: { text: "a" } }, expected: { subject: "a" } },
    ]),
  };
  for (const [name, text] of Object.entries({ ...sources, ...files }))
    writeFileSync(join(folder, name), text);
  return folder;
}

/** `file: name → failure`, without the folder. */
async function outcomes(folder: string): Promise<Record<string, string | undefined>> {
  const results = await runMappingTests(folder, mapper);
  return Object.fromEntries(
    results.map(({ file, name, failure }) => [`${file.slice(folder.length + 1)}: ${name}`, failure]),
  );
}

test("tells passed from failed, for records and for errors", async () => {
  const cases = [
    { name: "right", input: { person: { name: "A" } }, expected: { name: "A" } },
    { name: "wrong", input: { person: { name: "A" } }, expected: { name: "B" } },
    { name: "fails as expected", input: {}, expectedError: "name: Invalid input" },
    { name: "fails otherwise", input: {}, expectedError: "subject" },
    { name: "does not fail", input: { person: { name: "A" } }, expectedError: "name" },
    { name: "fails though it should not", input: { person: {} }, expected: { name: "A" } },
  ];
  const result = await outcomes(folderOf({ "contact.test.json": JSON.stringify(cases) }));
  expect(result["contact.test.json: right"]).toBeUndefined();
  expect(result["contact.test.json: wrong"]).toMatch(/expected .*"B".*got .*"A"/s);
  expect(result["contact.test.json: fails as expected"]).toBeUndefined();
  expect(result["contact.test.json: fails otherwise"]).toMatch(/contact\.jsonata/);
  expect(result["contact.test.json: does not fail"]).toMatch(/expected an error with "name"/);
  expect(result["contact.test.json: fails though it should not"]).toMatch(
    /expected string, received undefined/,
  );
  expect(result["ticket.test.json: t"]).toBeUndefined();
});

test("a mapping file without tests, or with a test file that says nothing, fails", async () => {
  const result = await outcomes(folderOf({ "comment.test.json": `[{"name": "x", "inptu": {}}]` }));
  expect(result["contact.test.json: can be read"]).toMatch(/no such file/);
  expect(result["comment.test.json: can be read"]).toMatch(/is not a list of \{name, input, expected\}/);
  expect(result).not.toHaveProperty("confirmation.test.json: can be read");
});

test("a broken test file names its JSON error, a confirmation without tests fails", async () => {
  const result = await outcomes(folderOf({ "contact.test.json": "[", "confirmation.jsonata": "null" }));
  expect(result["contact.test.json: can be read"]).toMatch(/not valid JSON/);
  expect(result["confirmation.test.json: can be read"]).toMatch(/no such file/);
});
