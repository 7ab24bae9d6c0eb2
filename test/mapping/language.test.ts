import fc from "fast-check";
import { expect, test } from "vitest";
import { guessLanguage } from "../../src/mapping/functions/language.ts";
import { cpuMsOf } from "../support/cpu-time.ts";
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

test.each([
  ["a number", 7],
  ["a list with something else in it", ["en", 7]],
  ["more than fifty", Array.from({ length: 51 }, (_, index) => `x${index}`)],
])("`among` that is %s is refused with the remedy", (_what, among) => {
  const message = '$language needs a list of at most 50 languages, ["hi", "en"], as its second argument';
  expect(() => guessLanguage("There is no water", among)).toThrow(expect.objectContaining({ message }));
});

test("`among` may be one language, fifty, or nothing", () => {
  const text = "There is no water in the street";
  const fifty = ["en", ...Array.from({ length: 49 }, (_, index) => `x${index}`)];
  for (const among of ["en", ["en", "sw"], fifty, undefined, null])
    expect(guessLanguage(text, among)).toBe("en");
  for (const nothing of [undefined, null]) expect(guessLanguage(nothing)).toBeUndefined();
});

test("addresses, names of accounts, digits and emoji count for no language", () => {
  const noise = " https://the.example/my/street/is ann.the.my@street.is.org @the_my #street 12 🚰";
  expect(guessLanguage(`${noise} ${noise}`)).toBeUndefined();
  expect(guessLanguage(`Hakuna maji katika mtaa wetu${noise}`)).toBe("sw");
});

test("a word that a sentence repeats speaks once for its language: two Polish `i` are no English", () => {
  const polish = "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw";
  expect(guessLanguage(polish)).not.toBe("en");
});

/** From the Universal Declaration of Human Rights, article 1: long enough for trigrams, in languages without a word list. */
test.each([
  ["vi", "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi"],
  ["ro", "Toate fiinţele umane se nasc libere şi egale în demnitate şi în drepturi"],
  ["sv", "Alla människor är födda fria och lika i värde och rättigheter"],
  ["so", "Aadanaha dhammaantiis wuxuu dhashaa isagoo xor ah kana siman xagga sharafta iyo xuquuqada"],
  ["bg", "Всички хора се раждат свободни и равни по достойнство и права"],
])("a sentence in %s is known by its trigrams, half of it is not guessed at", (language, sentence) => {
  expect(guessLanguage(sentence)).toBe(language);
  expect(guessLanguage(sentence, ["en", "fr"])).not.toBe(language);
  expect(guessLanguage(sentence.slice(0, 20))).toBeUndefined();
});

test("any text is read, in bounded time", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 3000 }), (text) => {
      const guess = guessLanguage(text);
      expect(guess === undefined || /^[a-z]{2,3}$/.test(guess)).toBe(true);
    }),
  );
  expect(cpuMsOf(() => guessLanguage("the street ".repeat(5000)))).toBeLessThan(200);
});
