import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ConsentState, createConsentReader, wordsByLanguage } from "../../src/domain/opt-out.ts";

const read = createConsentReader({ stop: [], start: [] });
const states: ConsentState[] = ["stop", "start"];
const words = Object.entries(wordsByLanguage).flatMap(([language, lists]) =>
  states.flatMap((state) => lists[state].map((word) => ({ language, state, word }))),
);

describe("P26: an opt-out", () => {
  it("is known in ten languages, each with words for both", () => {
    const known = Object.entries(wordsByLanguage).filter(
      ([, { stop, start }]) => stop.length && start.length,
    );
    expect(known.map(([language]) => language).sort()).toEqual(
      ["ar", "de", "en", "es", "fr", "hi", "id", "pt", "sw", "ur"].sort(),
    );
  });

  it.each(words)("in $language: $word is a $state", ({ state, word }) => {
    expect(read(word)).toBe(state);
  });

  it.each([
    ["STOP", "stop"],
    [" Stop.\n", "stop"],
    ["stop 🛑🙏🏽", "stop"],
    ["ＳＴＯＰ", "stop"],
    ["desabonner", "stop"],
    ["De\u0301sabonner !", "stop"],
    ["ARRET", "stop"],
    ["¡Baja!", "stop"],
    ["stop... all", "stop"],
    ["dar – de -- baja!!", "stop"],
    ["opt-in", "start"],
    ["تَوَقَّف", "stop"],
    ["ايقاف", "stop"],
    ["بند كريں", "stop"],
    ["\u200fتوقف\u200f", "stop"],
    ["बंद करो।", "stop"],
    ["Start", "start"],
    ["S’abonner", "start"],
  ])("%j is one", (text, state) => {
    expect(read(text)).toBe(state);
  });

  it.each([
    "stop, the pump broke",
    "the bus stop is dark",
    "Please don't stop",
    "stopped",
    "nonstop",
    "रुको",
    "acha",
    "cancel",
    "yes",
    "",
    " ",
    "!!!",
    "🛑",
    "बद कर",
  ])("%j is none", (text) => {
    expect(read(text)).toBeUndefined();
  });

  it("is none when there is more in the message, in whichever place", () => {
    const others = fc.array(
      fc.constantFrom("pump", "broke", "la", "bomba", "المضخة", "पंप", "پمپ", "7", "kaputt"),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    const gap = fc.constantFrom(" ", ", ", ". ", "\n", "! ");
    fc.assert(
      fc.property(fc.constantFrom(...words), others, fc.nat(), gap, ({ word }, rest, at, between) => {
        const place = at % (rest.length + 1);
        const text = [...rest.slice(0, place), word, ...rest.slice(place)].join(between);
        expect(read(text)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  it("is the same whatever its case, its accents' form and what stands around it", () => {
    const around = fc.string({
      unit: fc.constantFrom(" ", "\n", ".", "!", "?", "…", "*", '"', "«", "؟", "।", "🛑", "\u200f", "\u00a0"),
      maxLength: 10,
    });
    const form = fc.constantFrom("NFC", "NFD", "NFKC", "NFKD");
    const shapes = fc.record({ before: around, after: around, form, upper: fc.infiniteStream(fc.boolean()) });
    fc.assert(
      fc.property(fc.constantFrom(...words), shapes, ({ word, state }, { before, after, form, upper }) => {
        const cased = [...word].map((letter) =>
          upper.next().value ? letter.toUpperCase() : letter.toLowerCase(),
        );
        expect(read(`${before}${cased.join("").normalize(form)}${after}`)).toBe(state);
      }),
      { numRuns: 1000 },
    );
  });

  it("takes any text, and a long one at once", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect([undefined, "stop", "start"]).toContain(read(text));
      }),
    );
    expect(read(`stop${"!".repeat(65_536)}`)).toBeUndefined();
  });
});

describe("P26: additional words", () => {
  it("count like the others, whatever their case and script", () => {
    const more = createConsentReader({ stop: ["Schluß jetzt", "ΤΕΛΟΣ"], start: ["Weiter!"] });
    expect(["SCHLUSS JETZT", "τέλος", "weiter", "stop"].map(more)).toEqual(["stop", "stop", "start", "stop"]);
  });

  it("come before the languages' own, and one without a letter is none", () => {
    const more = createConsentReader({ stop: ["anmelden", "!!!"], start: [] });
    expect([more("anmelden"), more("!!!"), more("")]).toEqual(["stop", undefined, undefined]);
  });
});
