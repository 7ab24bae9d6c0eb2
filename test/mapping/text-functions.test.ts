import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cut, oneLine, plain } from "../../src/mapping/functions/text.ts";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const graphemes = (text: string) => [...segmenter.segment(text)].map(({ segment }) => segment);

/** Letters with marks, emoji made of several, right-to-left text and plain letters. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 4 }),
      fc.constantFrom(
        "👨‍👩‍👧‍👦",
        "🇰🇪",
        "é",
        "नमस्ते",
        "مرحبا",
        "שלום",
        "\u202e",
        "a".repeat(9),
        `e${"\u0301".repeat(40)}`,
      ),
      fc.string({ unit: "binary", maxLength: 4 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

describe("cut", () => {
  test("P28: never splits a grapheme and stays within both bounds", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 90 }), (text, max) => {
        const result = cut(text, max);
        expect(result.length).toBeLessThanOrEqual(2 * max);
        if (result === text) return;
        expect(result.endsWith("…")).toBe(true);
        const kept = result.slice(0, -1);
        const whole = graphemes(text).map((_, index, all) => all.slice(0, index).join("").trimEnd());
        expect(whole).toContain(kept);
        expect(graphemes(kept).length).toBeLessThan(max);
      }),
    );
  });

  test("leaves a text alone that is exactly as long as allowed", () => {
    expect(cut("x".repeat(80), 80)).toBe("x".repeat(80));
    expect(cut("x".repeat(81), 80)).toBe(`${"x".repeat(79)}…`);
  });

  test("P28: counts a family emoji as one character", () => {
    expect(cut("👨‍👩‍👧‍👦👨‍👩‍👧‍👦ab", 20)).toBe("👨‍👩‍👧‍👦👨‍👩‍👧‍👦ab");
    expect(cut("नमस्ते दुनिया", 4)).toBe("नमस्ते…");
  });

  test("one character of a thousand marks is dropped rather than split", () => {
    expect(cut(`a${"\u0301".repeat(1000)}`, 80)).toBe("…");
  });
});

describe("$oneLine", () => {
  test("P14: always makes a parameter that WhatsApp accepts", () => {
    fc.assert(
      fc.property(fc.option(anyText, { nil: undefined }), fc.integer({ min: 1, max: 2000 }), (text, max) => {
        const result = oneLine(text, max);
        expect(result.length).toBeGreaterThan(0);
        expect(result.length).toBeLessThanOrEqual(1024);
        expect(result).not.toMatch(/[\n\r\t]| {2}|[\u2028\u2029\u202a-\u202e]/);
        expect(result).toBe(result.trim());
        expect(result.isWellFormed()).toBe(true);
      }),
    );
  });

  test("joins lines and shows a dash for nothing", () => {
    expect(oneLine(" The pump\r\n\tis   broken ", 60)).toBe("The pump is broken");
    expect(oneLine("\u200f\n", 60)).toBe("\u200f");
    expect(oneLine("", 60)).toBe("–");
    expect(oneLine(undefined)).toBe("–");
    expect(oneLine(4711, 60)).toBe("4711");
  });
});

describe("$plain", () => {
  test("removes control characters, keeps line ends and the marks of right-to-left text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const result = plain(text) ?? "";
        expect(result).not.toMatch(/[^\P{Cc}\n]/u);
        expect(result.isWellFormed()).toBe(true);
      }),
    );
    expect(plain("a\u0000b\r\nc\u001b[31m\td\u2028e")).toBe("ab\nc[31m d\ne");
    expect(plain("\u200fשלום\u202e")).toBe("\u200fשלום");
  });

  test("of nothing is nothing, of an object an error that says what to give", () => {
    expect(plain(undefined, 80)).toBeUndefined();
    expect(() => plain({}, 80)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/needs a text/) }),
    );
    expect(() => plain("x", 0)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/whole number/) }),
    );
  });
});
