import fc from "fast-check";
import { expect, test } from "vitest";
import { compileRegex, LinearRegexEngine } from "../../src/mapping/regex.ts";

/** JSONata hands over patterns with the flag g and walks through the matches by lastIndex. */
const patterns = [
  /a+/g,
  /(a)(b)?/g,
  /^a|b$/g,
  /[0-9]{2,3}/g,
  /(?:ab|a)c?/gi,
  /\s+/g,
  /\w+-\d*/g,
  /^b/gm,
  /(x)|(y)|a\b/g,
];

function allMatches(engine: RegExpConstructor, pattern: RegExp, text: string) {
  const regex = new engine(pattern);
  regex.lastIndex = 0;
  const found: unknown[] = [];
  for (let match = regex.exec(text); match && match[0] !== ""; match = regex.exec(text)) {
    found.push([match.index, ...match]);
  }
  return found;
}

test("finds what JavaScript's own engine finds, groups and places included", () => {
  const text = fc.string({ unit: fc.constantFrom(..."aabcxy12 -\nAB"), maxLength: 30 });
  fc.assert(
    fc.property(fc.constantFrom(...patterns), text, (pattern, value) => {
      expect(allMatches(LinearRegexEngine, pattern, value)).toEqual(allMatches(RegExp, pattern, value));
    }),
    { numRuns: 500 },
  );
});

test("refuses what cannot run in linear time", () => {
  expect(compileRegex(/(a)\1/)).toBeUndefined();
  expect(compileRegex(/a(?=b)/)).toBeUndefined();
});
