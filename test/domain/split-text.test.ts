import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { graphemeCut, splitText } from "../../src/domain/split-text.ts";

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });
const boundaries = (text: string) => new Set([...graphemes.segment(text)].map(({ index }) => index));
const letters = (text: string) => text.replace(/\s/gu, "");

const FAMILY = "👨‍👩‍👧‍👦";
const ARABIC = "السلامُ عَلَيْكُمْ رقم ١٢٣ ";
const HINDI = "क्षत्रिय स्त्री ज्ञान श्रीमान् ";

describe("splitText", () => {
  it("leaves a short text alone but for its edges", () => {
    expect(splitText("  We are on our way.\n", 4096)).toEqual(["We are on our way."]);
    expect(splitText(" \n\t ", 4096)).toEqual([]);
    expect(splitText("", 4096)).toEqual([]);
  });

  it("P29: breaks 5,000 characters between two paragraphs", () => {
    const first = "a ".repeat(1500).trim();
    const second = "b ".repeat(1000).trim();
    expect(splitText(`${first}\n\n${second}`, 4096)).toEqual([first, second]);
  });

  it("breaks at a line where there is no paragraph, else at a word", () => {
    const line = "c".repeat(3000);
    expect(splitText(`${line}\n${line}`, 4096)).toEqual([line, line]);
    expect(splitText(`${line} ${line}`, 4096)).toEqual([line, line]);
  });

  it("does not break at a paragraph so early that the parts become many", () => {
    const parts = splitText(`Dear Ann,\n\n${"word ".repeat(1500)}`, 4096);
    expect(parts).toHaveLength(2);
    expect(parts[0]?.length).toBeGreaterThan(4000);
  });

  it.each([
    ["families", FAMILY.repeat(600)],
    ["Arabic with marks", ARABIC.replaceAll(" ", "").repeat(300)],
    ["Hindi conjuncts", HINDI.replaceAll(" ", "").repeat(300)],
    ["flags", "🇮🇳🇲🇽🇧🇷".repeat(600)],
    ["letters with combining marks", "e\u0301\u0323".repeat(2000)],
  ])("P28: never cuts inside a grapheme: %s", (_name, text) => {
    const parts = splitText(text, 4096);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.join("")).toBe(text);
    const legal = boundaries(text);
    let at = 0;
    for (const part of parts) {
      expect(legal.has(at)).toBe(true);
      expect(part.length).toBeLessThanOrEqual(4096);
      at += part.length;
    }
  });

  it("P28: words of right-to-left and Indic texts stay whole", () => {
    for (const text of [ARABIC.repeat(300), HINDI.repeat(300)]) {
      expect(splitText(text, 4096).flatMap((part) => part.split(" "))).toEqual(text.trim().split(" "));
    }
  });

  it("a single grapheme longer than the limit ends, and stays well-formed", () => {
    expect(splitText("😀😀", 1).join("")).toBe("😀😀");
    const storm = `a${"\u0301".repeat(10_000)}`;
    expect(splitText(storm, 4096).join("")).toBe(storm);
    const emojis = Array.from({ length: 3000 }, () => "😀").join("\u200D");
    for (const part of splitText(emojis, 4096)) expect(part.isWellFormed()).toBe(true);
  });

  it("any text: parts fit, nothing but white space is lost, nothing becomes malformed", () => {
    const piece = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(FAMILY, ARABIC, HINDI, "\n", "\n\n", " ", "\r\n", "\t", "🇮🇳", "e\u0301", "word"),
    );
    const texts = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 80 }), (text, limit) => {
        const parts = splitText(text, limit);
        expect(letters(parts.join(""))).toBe(letters(text));
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(limit);
          expect(part).not.toBe("");
          expect(part).toBe(part.trim());
          expect(part.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("graphemeCut", () => {
  it("is the last boundary at or before the limit", () => {
    expect(graphemeCut("abc", 2)).toBe(2);
    expect(graphemeCut("abc", 5)).toBe(3);
    expect(graphemeCut(`ab${FAMILY}`, 5)).toBe(2);
    expect(graphemeCut(`${FAMILY}b`, FAMILY.length)).toBe(FAMILY.length);
  });
});
