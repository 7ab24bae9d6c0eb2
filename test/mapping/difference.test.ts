import { expect, test } from "vitest";
import { differencesBetween, showDifferences } from "../../src/mapping/difference.ts";

test("only fields that differ are shown, with their place", () => {
  const expected = { subject: "a", tags: ["x", "y"], custom: { City: "Nairobi", Ward: "4" } };
  const got = { subject: "a", tags: ["x"], custom: { City: "Mombasa", Ward: "4" }, queue: "Water" };
  expect(showDifferences(differencesBetween(expected, got))).toBe(
    [
      "tags[1]",
      `  expected "y"`,
      "  got      nothing",
      "custom.City",
      `  expected "Nairobi"`,
      `  got      "Mombasa"`,
      "queue",
      "  expected nothing",
      `  got      "Water"`,
    ].join("\n"),
  );
});

test("long texts are compared word by word; colours are for terminals only", () => {
  const differences = differencesBetween(
    { body: "The water pump at the school is broken." },
    { body: "The water pump at the market is broken." },
  );
  expect(showDifferences(differences)).toContain("at the [-school-]{+market+} is");
  expect(showDifferences(differences)).not.toContain("\u001b");
  expect(showDifferences(differences, true)).toContain("\u001b[31mschool\u001b[39m");
});

test("nothing and null, an empty list and none, are told apart", () => {
  expect(differencesBetween(null, { text: "a" })).toHaveLength(2);
  expect(differencesBetween({ tags: [] }, {})).not.toEqual([]);
  expect(differencesBetween({ a: { b: 1 } }, { a: { b: 1 } })).toEqual([]);
});
