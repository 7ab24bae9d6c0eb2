import { describe, expect, test } from "vitest";
import { guessLanguage } from "../../src/mapping/functions/language.ts";
import { languageOfScript, mainScript } from "../../src/mapping/functions/language-script.ts";

describe("a script decides the language of the shortest text", () => {
  test.each([
    ["জল নেই", "bn"],
    ["ਪਾਣੀ ਨਹੀਂ", "pa"],
    ["પાણી નથી", "gu"],
    ["தண்ணீர் இல்லை", "ta"],
    ["నీరు లేదు", "te"],
    ["ನೀರಿಲ್ಲ", "kn"],
    ["വെള്ളമില്ല", "ml"],
    ["වතුර නැත", "si"],
    ["ପାଣି ନାହିଁ", "or"],
    ["ไม่มีน้ำ", "th"],
    ["ບໍ່ມີນ້ຳ", "lo"],
    ["គ្មានទឹក", "km"],
    ["ရေမရှိ", "my"],
    ["წყალი არ არის", "ka"],
    ["ջուր չկա", "hy"],
    ["אין מים", "he"],
    ["δεν έχει νερό", "el"],
    ["물이 없어요", "ko"],
    ["ውሃ የለም", "am"],
    ["みずがない", "ja"],
    ["ミズ", "ja"],
    ["水がない", "ja"],
    ["没有水", "zh"],
    ["पानी नहीं", "hi"],
    ["पाणी नाही", "mr"],
    ["मुळे", "mr"],
    ["पानी छैन", "ne"],
    ["मेरो घर", "ne"],
    ["الماء", "ar"],
    ["ٹوٹا", "ur"],
    ["немає води, її", "uk"],
    ["няма вады ў доме і", "be"],
    ["нема воде, љубазно", "sr"],
    ["воды нет", "ru"],
  ])("%s is %s, and nothing where only others may come out", (text, language) => {
    expect(guessLanguage(text)).toBe(language);
    expect(guessLanguage(text, [language, "en"])).toBe(language);
    expect(guessLanguage(text, language)).toBe(language);
    expect(guessLanguage(text, ["xx"])).toBeUndefined();
  });

  test.each([
    ["Pashto", "ټول"],
    ["Sindhi", "ڄاڻ"],
    ["Kurdish", "ئۆف"],
    ["Persian or Urdu", "گرم"],
    ["any of them", "ماء بدر"],
  ])("letters of %s are left to words", (_whose, text) => {
    expect(languageOfScript("Arabic", text)).toBeUndefined();
  });

  test("a Cyrillic word without a letter of its language's own, and Latin letters, are left to words", () => {
    expect(languageOfScript("Cyrillic", "вода")).toBeUndefined();
    expect(languageOfScript("Latin", "water")).toBeUndefined();
  });
});

test("the main script has two letters of three, whatever else stands in the text", () => {
  expect(mainScript("Sendai 水道")).toEqual({ script: "Latin", letters: 6 });
  expect(mainScript("ab水")).toEqual({ script: "Latin", letters: 2 });
  expect(mainScript("ab水道")).toBeUndefined();
  expect(mainScript("12:30 !")).toBeUndefined();
  expect(mainScript("")).toBeUndefined();
});
