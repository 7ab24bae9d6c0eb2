/** Scripts in which one language is written far more than any other. */
const owners: Record<string, string> = {
  Bengali: "bn",
  Gurmukhi: "pa",
  Gujarati: "gu",
  Tamil: "ta",
  Telugu: "te",
  Kannada: "kn",
  Malayalam: "ml",
  Sinhala: "si",
  Oriya: "or",
  Thai: "th",
  Lao: "lo",
  Khmer: "km",
  Myanmar: "my",
  Georgian: "ka",
  Armenian: "hy",
  Hebrew: "he",
  Greek: "el",
  Hangul: "ko",
  Ethiopic: "am",
};

const shared = ["Latin", "Arabic", "Devanagari", "Cyrillic", "Han", "Hiragana", "Katakana"] as const;
const scripts = [...Object.keys(owners), ...shared].map(
  (name) => [name, new RegExp(`\\p{Script=${name}}`, "gu")] as const,
);

export interface ScriptShare {
  script: string;
  /** Letters of that script. */
  letters: number;
}

/** The script of most letters, when it has two of three. Names and brands in Latin letters stand in every text. */
export function mainScript(text: string): ScriptShare | undefined {
  const counts = scripts
    .map(([script, letter]) => ({ script, letters: text.match(letter)?.length ?? 0 }))
    .sort((a, b) => b.letters - a.letters);
  const [first] = counts;
  const all = counts.reduce((sum, { letters }) => sum + letters, 0);
  return first && first.letters > 0 && first.letters * 3 >= all * 2 ? first : undefined;
}

/** The language that the script or its letters decide, whatever the length; undefined leaves it to words. */
export function languageOfScript(script: string, text: string): string | undefined {
  if (script === "Arabic") return languageOfArabic(text);
  if (script === "Devanagari") return languageOfDevanagari(text);
  if (script === "Cyrillic") return languageOfCyrillic(text);
  if (script === "Hiragana" || script === "Katakana") return "ja";
  if (script === "Han") return /[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text) ? "ja" : "zh";
  return owners[script];
}

/** Letters that neighbours have and Urdu, Arabic and Persian lack: Pashto, Sindhi, Kurdish, Uyghur. */
const OTHER_ARABIC = /[ټځڅډړږښګڼېۍٿڃڄڊڏڙڦڱڻۆێەڕڵۇۈۋ]/u;
/** Retroflexes, nun ghunna, the two forms of he, and ye barree: on no other keyboard. */
const URDU = /[ٹڈڑںےۓہۂۃھ]/u;
/** Letters of Persian and Urdu, which Arabic lacks; its own keyboards write ك and ي. */
const PERSIAN_OR_URDU = /[پچژگکی]/u;
const ARABIC = /[ةكيىأإؤئ]|ال/u;

function languageOfArabic(text: string): string | undefined {
  if (OTHER_ARABIC.test(text)) return undefined;
  if (URDU.test(text)) return "ur";
  if (PERSIAN_OR_URDU.test(text)) return undefined;
  return ARABIC.test(text) ? "ar" : undefined;
}

/** Hindi unless a word or letter says Marathi or Nepali; Hindi is what most phones with these letters write. */
function languageOfDevanagari(text: string): string {
  if (/ळ|(^|\P{L})(आहे|आहेत|नाही|आणि|झाले|झाली|माझ्या)(?!\p{L})/u.test(text)) return "mr";
  if (/(^|\P{L})(छ|छैन|छन्|भयो|गर्नुहोस्|मेरो|हाम्रो|तपाईं)(?!\p{L})/u.test(text)) return "ne";
  return "hi";
}

/** Letters that neighbours have and Russian, Ukrainian, Belarusian and Serbian lack: Kazakh, Mongolian, Tajik, Macedonian. */
const OTHER_CYRILLIC = /[әғқңөұүһҳҷӣӯѓќѕ]/iu;

function languageOfCyrillic(text: string): string | undefined {
  if (OTHER_CYRILLIC.test(text)) return undefined;
  if (/[іїєґ]/iu.test(text)) return /ў/iu.test(text) ? "be" : "uk";
  if (/[ђћџљњј]/iu.test(text)) return "sr";
  return /[ыэё]/iu.test(text) ? "ru" : undefined;
}
