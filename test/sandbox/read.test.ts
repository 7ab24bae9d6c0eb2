import { expect, test } from "vitest";
import { asBoolean, asList, asNumber, asObject, asText, compact, groupBy } from "../../src/sandbox/read.ts";

const list = [1];
const object = { a: 1 };

test.each<[given: unknown, read: unknown[]]>([
  [object, [object, [], undefined, undefined, undefined]],
  [list, [{}, list, undefined, undefined, undefined]],
  [null, [{}, [], undefined, undefined, undefined]],
  [undefined, [{}, [], undefined, undefined, undefined]],
  ["a", [{}, [], "a", undefined, undefined]],
  ["", [{}, [], undefined, undefined, undefined]],
  [0, [{}, [], undefined, 0, undefined]],
  [Number.NaN, [{}, [], undefined, undefined, undefined]],
  [Number.POSITIVE_INFINITY, [{}, [], undefined, undefined, undefined]],
  [false, [{}, [], undefined, undefined, false]],
  [true, [{}, [], undefined, undefined, true]],
])("%j is read as object, list, text, number and yes or no: %j", (given, read) => {
  expect([asObject(given), asList(given), asText(given), asNumber(given), asBoolean(given)]).toEqual(read);
});

test("only what is undefined is left out of a compact copy", () => {
  const copy = compact({ a: undefined, b: null, c: 0, d: "", e: false });
  expect(Object.keys(copy)).toEqual(["b", "c", "d", "e"]);
});

test("items are grouped by key in the order of first appearance", () => {
  const groups = groupBy(["b1", "a1", "b2"], (item) => item.slice(0, 1));
  expect([...groups]).toEqual([
    ["b", ["b1", "b2"]],
    ["a", ["a1"]],
  ]);
});
