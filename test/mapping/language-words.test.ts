import { describe, expect, test } from "vitest";
import { guessLanguage } from "../../src/mapping/functions/language.ts";
import { countWords } from "../../src/mapping/functions/language-words.ts";

/** Too short for trigrams: only the words decide. */
test.each([
  ["en", "where is she"],
  ["es", "mañana hay calle"],
  ["pt", "obrigado pela rua"],
  ["fr", "bonjour depuis hier"],
  ["de", "straße nicht heute"],
  ["it", "buongiorno oggi molto"],
  ["nl", "wij niet gisteren"],
  ["sw", "hakuna maji leo"],
  ["id", "tidak ada lampu"],
  ["tr", "merhaba sokak nerede"],
])("a short sentence is known to be %s by its words: %s", (language, text) => {
  expect(guessLanguage(text)).toBe(language);
  expect(guessLanguage(text.toUpperCase())).toBe(language);
  expect(countWords(text)[0]).toEqual({ language, hits: 3 });
});

describe("words are counted", () => {
  test("for each language that has them, the best first, one said twice once", () => {
    const counted = countWords("Lo lo la mañana!");
    expect(counted).toHaveLength(10);
    expect(counted.slice(0, 3)).toEqual([
      { language: "es", hits: 3 },
      { language: "it", hits: 2 },
      expect.objectContaining({ hits: 1 }),
    ]);
  });

  test("for those languages alone that may come out", () => {
    expect(countWords("the street is", new Set(["sw", "en"]))).toEqual([
      { language: "en", hits: 3 },
      { language: "sw", hits: 0 },
    ]);
    expect(countWords("the street is", new Set())).toEqual([]);
  });

  test("of a text without letters as none", () => {
    expect(countWords("12 + !").every(({ hits }) => hits === 0)).toBe(true);
  });
});

describe("what words do not decide", () => {
  test.each([
    ["one word of a language", "hallo Ann"],
    ["two words that two languages share", "in was"],
    ["no word at all", "Otieno Wafula Barasa"],
  ])("is left open in a short text: %s", (_what, text) => {
    expect(guessLanguage(text)).toBeUndefined();
  });

  test("counts with trigrams at half the length when one language is a word ahead", () => {
    const withWord = "Müllabfuhr vergessen, Behälter überfüllt";
    expect(guessLanguage(`nicht ${withWord}`)).toBe("de");
    expect(guessLanguage("nicht Müllabfuhr Behälter")).toBe("de");
    expect(guessLanguage("dringend Müllabfuhr Behälter")).toBeUndefined();
    expect(guessLanguage("nicht Behälter")).toBeUndefined();
  });

  test("is not guessed when trigrams speak for another language than the word that is ahead", () => {
    const dutch = "Alle mensen worden vrij gelijk waardigheid rechten geboren begiftigd verstand geweten";
    expect(guessLanguage(dutch)).toBe("nl");
    expect(guessLanguage(`${dutch} hakuna`)).toBeUndefined();
  });
});

test("a script with too few letters, or two of the same weight, has no language", () => {
  expect(guessLanguage("ก")).toBeUndefined();
  expect(guessLanguage("กข")).toBe("th");
  expect(guessLanguage("กข ab")).toBeUndefined();
});

test("only the first thousand characters are read, and letters written in two parts as in one", () => {
  const filler = "- ".repeat(497);
  expect(guessLanguage(`${filler}hakuna maji`)).toBeUndefined();
  expect(guessLanguage(`${filler.slice(100)}hakuna maji`)).toBe("sw");
  expect(guessLanguage("mañana está también".normalize("NFD"))).toBe("es");
});
