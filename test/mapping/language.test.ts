import fc from "fast-check";
import { expect, test } from "vitest";
import { guessLanguage } from "../../src/mapping/functions/language.ts";
import { sentences, unseen } from "./language-sentences.ts";

interface Score {
  right: number;
  all: number;
  wrong: string[];
}

function score(language: string, list: string[]): Score {
  const guesses = list.map((text) => ({ text, guess: guessLanguage(text) }));
  const wrong = guesses.filter(({ guess }) => guess !== undefined && guess !== language);
  return {
    right: guesses.filter(({ guess }) => guess === language).length,
    all: list.length,
    wrong: wrong.map(({ text, guess }) => `${text} → ${guess}`),
  };
}

test.each(Object.entries(sentences))("what people of a city write in %s is recognised", (language, list) => {
  const { right, all, wrong } = score(language, list);
  expect(wrong).toEqual([]);
  expect(right / all).toBeGreaterThanOrEqual(0.85);
});

test("of short questions on other subjects most are recognised, and one of thirty is mistaken at most", () => {
  const scores = Object.entries(unseen).map(([language, list]) => ({ language, ...score(language, list) }));
  const sum = (of: (each: Score) => number) => scores.reduce((total, each) => total + of(each), 0);
  const right = sum((each) => each.right);
  const wrong = sum((each) => each.wrong.length);
  const all = sum((each) => each.all);
  const each = scores.map((one) => `${one.language} ${one.right}/${one.all}`).join(", ");
  console.log(`language guess, other subjects: ${right} of ${all} right, ${wrong} wrong (${each})`);
  expect(wrong / all).toBeLessThanOrEqual(1 / 30);
  expect(right / all).toBeGreaterThanOrEqual(0.6);
});

test.each([
  "",
  "ok",
  "👍",
  "Ann",
  "12:30",
  "https://example.org/the/street/is/my",
  "B-12 / 7",
  "Mumbai",
  "پ",
  "[Image]",
])("of %j nothing is guessed", (text) => {
  expect(guessLanguage(text)).toBeUndefined();
});

test.each([
  ["ٹ", "a letter"],
  ["ڈ", "a letter"],
  ["ں", "a letter"],
  ["ے", "a letter"],
])("Urdu is told from Arabic by %s", (letter) => {
  expect(guessLanguage(`كرا${letter}`)).toBe("ur");
});

test("letters that Persian shares with Urdu decide only when one of the two can come out", () => {
  expect(guessLanguage("پانی")).toBeUndefined();
  expect(guessLanguage("الماء مقطوع")).toBe("ar");
  expect(guessLanguage("سلام، آب در کوچه ما از دیروز قطع شده است لطفا رسیدگی کنید")).toBe("fa");
});

test("`among` bounds what can come out", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(sentences).flat()),
      fc.subarray(Object.keys(sentences)),
      (text, among) => {
        const guess = guessLanguage(text, among);
        if (guess !== undefined) expect(among).toContain(guess);
      },
    ),
  );
});

test("any text is read, in bounded time", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 3000 }), (text) => {
      const guess = guessLanguage(text);
      expect(guess === undefined || /^[a-z]{2,3}$/.test(guess)).toBe(true);
    }),
  );
  const start = performance.now();
  guessLanguage("the street ".repeat(5000));
  expect(performance.now() - start).toBeLessThan(200);
});
