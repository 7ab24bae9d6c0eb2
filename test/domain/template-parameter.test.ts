import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { confirmationRecord } from "../../src/domain/records.ts";
import { templateParameter } from "../../src/domain/template-parameter.ts";

/** Whether mapping files would be allowed to produce it, which is what WhatsApp accepts. */
function isLegal(parameter: string): boolean {
  const record = { template: { name: "reply", language: "en", body: [parameter], header: parameter } };
  return confirmationRecord.safeParse(record).success;
}

describe("templateParameter", () => {
  it.each([
    ["We are on our way", "We are on our way"],
    ["  two\n\nparagraphs\r\nand\ta tab ", "two paragraphs and a tab"],
    ["many          spaces", "many spaces"],
    ["", "–"],
    [" \n\t\u0000 ", "–"],
    ["a\u0000b\u0085c\u2028d\u00A0e", "a b c d e"],
  ])("%j becomes %j", (given, expected) => {
    expect(templateParameter(given, 900)).toBe(expected);
  });

  it("tells by an ellipsis that it was cut, and is then as long as allowed at most", () => {
    expect(templateParameter("abcdef", 6)).toBe("abcdef");
    expect(templateParameter("abcdefg", 6)).toBe("abcde…");
    expect(templateParameter("abcd efg", 6)).toBe("abcd…");
  });

  it("P28: is cut between graphemes", () => {
    const family = "👨‍👩‍👧‍👦";
    expect(templateParameter(`ab${family}${family}`, 2 + family.length + 1)).toBe(`ab${family}…`);
    expect(templateParameter(`ab${family}${family}`, 2 + family.length)).toBe("ab…");
    expect(templateParameter("क्षत्रिय", 3)).toMatch(/…$/);
  });

  it("P14: whatever the text, the result is a legal parameter", () => {
    const hostile = fc.constantFrom(
      "\n",
      "\t",
      "     ",
      "\u0000",
      "\u2028",
      "\u00A0",
      "👨‍👩‍👧",
      "{{1}}",
      "e\u0301",
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 3000 }),
      fc.array(fc.oneof(hostile, fc.string()), { maxLength: 400 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 1024 }), (text, limit) => {
        const parameter = templateParameter(text, limit);
        expect(isLegal(parameter)).toBe(true);
        expect(parameter.length).toBeLessThanOrEqual(limit);
        expect(parameter.isWellFormed()).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
