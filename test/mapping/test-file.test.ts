import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { appendItem, replaceValue } from "../../src/mapping/json-text.ts";
import { addTestCase, readMappingTests, updateExpectations } from "../../src/mapping/test-file.ts";

const root = mkdtempSync(join(tmpdir(), "test-file-"));
afterAll(() => rmSync(root, { recursive: true }));

test("one expectation is replaced; all else stays as it was typed", async () => {
  const file = join(root, "update.test.json");
  const text = `[
  { "name": "a", "input": {"expected": "not this"},   "expected": {"x": "]}"} },
  {
    "name": "b",
    "input": { "s": "a \\" : , {" },
    "expected": { "x": 1 }
  }
]
`;
  writeFileSync(file, text);
  await updateExpectations(file, new Map([[1, { x: 2, y: ["z"] }]]));
  expect(readFileSync(file, "utf8")).toBe(
    text.replace(
      `"expected": { "x": 1 }`,
      `"expected": {\n      "x": 2,\n      "y": [\n        "z"\n      ]\n    }`,
    ),
  );
  await updateExpectations(file, new Map([[0, null]]));
  expect(JSON.parse(readFileSync(file, "utf8"))[0]).toEqual({
    name: "a",
    input: { expected: "not this" },
    expected: null,
  });
});

test("whatever the cases hold, the value that is meant is replaced and no other", () => {
  const item = fc.record({ input: fc.jsonValue(), expected: fc.jsonValue(), name: fc.string() });
  fc.assert(
    fc.property(
      fc.array(item, { minLength: 1, maxLength: 5 }),
      fc.jsonValue(),
      fc.nat(),
      (items, value, at) => {
        const index = at % items.length;
        const text = JSON.stringify(items, null, 2);
        const wanted = items.map((old, place) => (place === index ? { ...old, expected: value } : old));
        expect(JSON.parse(replaceValue(text, index, "expected", value))).toEqual(
          JSON.parse(JSON.stringify(wanted)),
        );
        const longer = JSON.parse(appendItem(text, value));
        expect(longer).toEqual(JSON.parse(JSON.stringify([...items, value])));
      },
    ),
  );
});

test("a case is added to a file, also to one that is not there yet; a name is taken once", async () => {
  const file = join(root, "add.test.json");
  const first = { name: "a", input: {}, expected: { subject: "x" } };
  const second = { name: "b", input: {}, expectedError: "subject" };
  await addTestCase(file, first);
  await addTestCase(file, second);
  expect(await readMappingTests(file)).toEqual([first, second]);
  await expect(addTestCase(file, first)).rejects.toThrow(/has a case "a" already/);
  await expect(addTestCase(file, { name: "c", input: {} })).rejects.toThrow(
    /either expected or expectedError/,
  );
});
