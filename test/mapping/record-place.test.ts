import { describe, expect, test } from "vitest";
import { createShower, placeOfPath } from "../../src/mapping/record-place.ts";
import { pathTo, positionOfResult } from "../../src/mapping/result-place.ts";

describe("a key is shown", () => {
  const show = createShower('{"wards": 1}');

  test.each(["wards", "subject", "template", "body", "visibility", "custom", "url"])(
    "that stands in the file, or that some record has: %s",
    (key) => expect(show(key)).toBe(key),
  );

  test.each(["Amina", "properties", "anyOf", "string"])(
    "as … when it may have been made of the input: %s",
    (key) => {
      expect(show(key)).toBe("…");
    },
  );
});

describe("a place in a record", () => {
  test.each<[PropertyKey[], string]>([
    [[], ""],
    [["template", "body", 0], "template.body[0]"],
    [[0, "body"], "[0].body"],
    [["custom", "Amina"], "custom.…"],
    [["Amina", "custom"], "….custom"],
  ])("%j is shown as %j", (path, shown) => {
    expect(placeOfPath(path, { source: "" }).path).toBe(shown);
  });

  const source = [
    '{"custom" : {',
    '  "City": "a" },',
    '"tags"',
    '  : ["b"], "note": "tags", "x": 1,',
    '"x": 2}',
  ];
  test.each<[string, PropertyKey[], number | undefined]>([
    ["a key with a blank before its colon", ["custom"], 1],
    ["a key below another", ["custom", "City"], 2],
    ["a key that is a value elsewhere", ["tags"], 3],
    ["an item of a list", ["tags", 0], 3],
    ["a key that is missing below one that is there", ["custom", "Ward"], 1],
    ["a key that stands before the one around it", ["tags", "custom"], 3],
    ["a key that stands twice", ["x"], undefined],
    ["a key twice below one that is there", ["tags", "x"], 3],
    ["a key that is nowhere", ["due"], undefined],
    ["what stands below a key that is nowhere", ["due", "tags"], undefined],
    ["the record itself", [], undefined],
    ["a text that is no key", ["a"], undefined],
  ])("has the line of %s", (_what, path, line) => {
    const text = source.join("\n");
    expect(placeOfPath(path, { source: text }).line).toBe(line);
    expect(placeOfPath(path, { source: text, position: text.length }).line).toBe(line ?? 5);
  });

  test("is a key only with its colon next, however many blanks are between", () => {
    const far = (blanks: number) => placeOfPath(["a"], { source: `\n"a"${" ".repeat(blanks)}: 1` }).line;
    expect([far(0), far(99), far(100)]).toEqual([2, 2, undefined]);
    expect(placeOfPath(["a"], { source: '\n"a" x: 1' }).line).toBeUndefined();
  });

  test("is told apart from a key that is written in its first characters", () => {
    expect(placeOfPath(["a"], { source: '"ab": 1,\n"a": 2' }).line).toBe(2);
  });
});

describe("what makes the result", () => {
  test.each<[string, unknown, number | undefined]>([
    ["has a place of its own", { type: "unary", position: 3 }, 3],
    [
      "is the last of a block",
      {
        type: "block",
        position: 1,
        expressions: [{ position: 4 }, { type: "block", expressions: [{ position: 9 }] }],
      },
      9,
    ],
    ["is an empty block", { type: "block", position: 5, expressions: [] }, 5],
    ["is a block of nothing", { type: "block", position: 6 }, 6],
    [
      "is no block, whatever it holds",
      { type: "path", expressions: [{ position: 2 }, { position: 8 }], position: 1 },
      1,
    ],
    [
      "begins with something that has a place",
      { type: "path", steps: [null, "x", { position: "?" }, { position: 7 }] },
      7,
    ],
    ["is nowhere", { type: "path", steps: [] }, undefined],
  ])("%s", (_what, ast, position) => {
    expect(positionOfResult(ast)).toBe(position);
  });

  test("is not looked for without an end", () => {
    const within = (levels: number): object => (levels === 0 ? { position: 1 } : { in: within(levels - 1) });
    expect(positionOfResult(within(9))).toBe(1);
    expect(positionOfResult(within(10))).toBeUndefined();
    const wide = (place: number) => ({
      list: Array.from({ length: 101 }, (_, n) => n === place && { position: 2 }),
    });
    expect(positionOfResult(wide(99))).toBe(2);
    expect(positionOfResult(wide(100))).toBeUndefined();
  });
});

test("the way to a value names keys, and the places of items as numbers", () => {
  const holder = { wanted: 1 };
  const list = [0, holder];
  const root: Record<string, unknown> = { a: { b: list }, c: null, d: "text", loop: {} };
  root["loop"] = root;
  expect(pathTo(root, holder, "wanted")).toEqual(["a", "b", 1, "wanted"]);
  expect(pathTo(root, list, "0")).toEqual(["a", "b", 0]);
  expect(pathTo(root, root, "c")).toEqual(["c"]);
  expect(pathTo(root, {}, "elsewhere")).toEqual(["elsewhere"]);
});
