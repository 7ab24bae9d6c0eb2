import { francAll } from "franc-min";
import { languageOfScript, mainScript } from "./language-script.ts";
import { countWords } from "./language-words.ts";
import { asText, isNothing, type MappingFunction, refusal } from "./mapping-function.ts";

/** More of a text does not make the guess better. */
const MAX_READ = 1000;
/** What is no language: addresses, names of accounts, digits and emoji. */
const NOISE = /https?:\/\/\S+|\S+@\S+|[#@]\w+|\p{N}+|\p{Extended_Pictographic}/gu;
/** Below this, trigrams guess (measured in test/mapping/language.test.ts). */
const ENOUGH_LETTERS = 40;
/** How far behind the best the second must be, of 1. */
const CLEAR_LEAD = 0.05;

/** franc's three-letter codes; of macrolanguages the language itself (ISO 639). */
const shortCodes: Record<string, string> = {
  eng: "en",
  spa: "es",
  por: "pt",
  fra: "fr",
  deu: "de",
  ita: "it",
  nld: "nl",
  swh: "sw",
  ind: "id",
  zlm: "ms",
  tur: "tr",
  pol: "pl",
  vie: "vi",
  ron: "ro",
  hun: "hu",
  ces: "cs",
  swe: "sv",
  hau: "ha",
  yor: "yo",
  ibo: "ig",
  zul: "zu",
  som: "so",
  tgl: "tl",
  jav: "jv",
  sun: "su",
  hrv: "hr",
  bos: "bs",
  kin: "rw",
  nya: "ny",
  lin: "ln",
  rus: "ru",
  ukr: "uk",
  bel: "be",
  bul: "bg",
  srp: "sr",
  kaz: "kk",
  uzn: "uz",
  azj: "az",
  arb: "ar",
  urd: "ur",
  pes: "fa",
  hin: "hi",
  mar: "mr",
  npi: "ne",
  bho: "bho",
  mai: "mai",
  mag: "mag",
};

/** A guess at the language of a text (BCP 47), or nothing. `among` are the only ones that may come out. */
export function guessLanguage(given: unknown, among?: unknown): string | undefined {
  if (isNothing(given)) return undefined;
  const text = asText(given, "$language").slice(0, MAX_READ).replace(NOISE, " ").normalize("NFC");
  const allowed = asLanguages(among);
  const found = mainScript(text);
  if (!found || found.letters < 2) return undefined;
  const byScript = languageOfScript(found.script, text);
  if (byScript) return within(byScript, allowed);
  return found.script === "Latin" ? guessLatin(text, allowed) : guessByTrigrams(text, found.letters, allowed);
}

function within(language: string, allowed: ReadonlySet<string> | undefined): string | undefined {
  return !allowed || allowed.has(language) ? language : undefined;
}

/** Two frequent words more than any other language has, or one that trigrams confirm; else trigrams alone. */
function guessLatin(text: string, allowed: ReadonlySet<string> | undefined): string | undefined {
  const [first, second] = countWords(text, allowed);
  const lead = (first?.hits ?? 0) - (second?.hits ?? 0);
  if (first && first.hits >= 2 && lead >= 1) return first.language;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const guess = guessByTrigrams(text, lead === 1 ? letters * 2 : letters, allowed);
  return lead < 1 || guess === first?.language ? guess : undefined;
}

function guessByTrigrams(
  text: string,
  letters: number,
  allowed: ReadonlySet<string> | undefined,
): string | undefined {
  if (letters < ENOUGH_LETTERS) return undefined;
  const ranked = francAll(text, { minLength: 10 })
    .map(([code, score]) => ({ language: shortCodes[code], score }))
    .filter(({ language }) => !allowed || (language !== undefined && allowed.has(language)));
  const [first, second] = ranked;
  if (!first?.language) return undefined;
  return first.score - (second?.score ?? 0) >= CLEAR_LEAD ? first.language : undefined;
}

function asLanguages(value: unknown): ReadonlySet<string> | undefined {
  if (isNothing(value)) return undefined;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const texts = list.filter((item) => typeof item === "string");
  if (texts.length === list.length && list.length <= 50) return new Set(texts);
  throw refusal('$language needs a list of at most 50 languages, ["hi", "en"], as its second argument');
}

export const languageFunctions: MappingFunction[] = [
  {
    name: "language",
    signature: "$language(text, among?)",
    about:
      "A guess at the language of a text, `hi` or `pt`; nothing rather than a wild guess, and for most texts of one or two words. With `among`, only these languages can come out.",
    examples: [
      { expression: '$language("आज सड़क पर पानी भर गया है")', gives: "hi" },
      { expression: '$language("گلی میں پانی نہیں ہے")', gives: "ur" },
      { expression: '$language("There is no water in my street", ["en", "sw"])', gives: "en" },
      { expression: '$type($language("ok"))', gives: undefined },
    ],
    create: () => guessLanguage,
  },
];
