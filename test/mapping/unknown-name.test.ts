import jsonata from "jsonata";
import { expect, test } from "vitest";
import { noLookups } from "../../src/mapping/lookups/lookups.ts";
import { unknownName } from "../../src/mapping/lookups/unknown-name.ts";
import { sampleLookups } from "./sample-lookups.ts";

const problemOf = (source: string, lookups = sampleLookups) => unknownName(jsonata(source).ast(), lookups);

test.each([
  ['$table("roads", 1)', "table of this name in tables/", "roads", 7],
  ['$label("hello")', "label of this name in labels.yaml", "hello", 7],
  ['$isOpen("2026", "shop")', "calendar of this name in calendars/", "shop", 8],
  ['$addBusinessTime("x", "8h", "shop")', "calendar of this name in calendars/", "shop", 17],
  ['{"a": [b ? $table("toString", 1) : 2]}', "table of this name in tables/", "toString", 18],
])("in %s a name that names nothing is found", (source, where, name, position) => {
  expect(problemOf(source)).toEqual({
    reason: `there is no ${where}: "${name}". Add it or correct the name`,
    position,
  });
});

test.each([
  '$table("wards", "nothing of this kind")',
  '$label("photo", "xx")',
  '$isOpen("shop", "office")',
  '$addBusinessTime("shop", "shop", "office")',
  "$table(name, 1)",
  "$table(1, 1)",
  "$table()",
  '$uppercase("roads")',
  '$toString("roads")',
  '$map(["roads"], $table)',
  '$table ~> $f("roads")',
])("in %s there is nothing to find", (source) => expect(problemOf(source)).toBeUndefined());

test("nothing is known where nothing stands beside the mapping", () => {
  expect(problemOf('$label("photo")', noLookups)?.reason).toContain('labels.yaml: "photo"');
  expect(problemOf('$table("wards", 1)', noLookups)?.reason).toContain('tables/: "wards"');
});

test("a call whose place is not known has none, and what is no call is not asked", () => {
  const call = { procedure: { value: "table" }, arguments: [{ type: "string", value: "roads" }] };
  expect(unknownName(call, sampleLookups)).not.toHaveProperty("position");
  expect(unknownName({ ...call, arguments: "roads" }, sampleLookups)).toBeUndefined();
  expect(unknownName({ arguments: call.arguments }, sampleLookups)).toBeUndefined();
  expect(unknownName({ procedure: call.procedure }, sampleLookups)).toBeUndefined();
  expect(unknownName(null, sampleLookups)).toBeUndefined();
  const number = { ...call, arguments: [{ type: "string", value: 7 }] };
  expect(unknownName(number, sampleLookups)).toBeUndefined();
  const round: Record<string, unknown> = { text: "x" };
  round["self"] = round;
  expect(unknownName([round, call], sampleLookups)?.reason).toContain("roads");
});
