/** Alphabets from which pseudo-words are made: first and last letter of a plain range, by script. */
const RANGES: Record<string, [string, string]> = {
  Latin: ["a", "z"],
  Cyrillic: ["а", "я"],
  Greek: ["α", "ω"],
  Arabic: ["ب", "غ"],
  Hebrew: ["א", "ת"],
  Devanagari: ["क", "ह"],
  Bengali: ["ক", "ন"],
  Gurmukhi: ["ਕ", "ਨ"],
  Gujarati: ["ક", "ન"],
  Tamil: ["ம", "வ"],
  Telugu: ["క", "న"],
  Kannada: ["ಕ", "ನ"],
  Malayalam: ["ക", "ന"],
  Sinhala: ["ක", "ධ"],
  Thai: ["ก", "ฮ"],
  Myanmar: ["က", "အ"],
  Ethiopic: ["ሀ", "ሆ"],
  Georgian: ["ა", "ჰ"],
  Armenian: ["ա", "ֆ"],
  Khmer: ["ក", "អ"],
  Hangul: ["가", "갛"],
  Hiragana: ["か", "ち"],
  Katakana: ["カ", "チ"],
  Han: ["一", "乿"],
};

const alphabets = Object.entries(RANGES).map(([script, [first, last]]) => ({
  letter: new RegExp(`\\p{Script=${script}}`, "u"),
  letters: lettersBetween(first, last),
}));
const [latin] = alphabets;

function lettersBetween(first: string, last: string): string[] {
  const from = first.codePointAt(0) ?? 0;
  const to = last.codePointAt(0) ?? 0;
  const all = Array.from({ length: to - from + 1 }, (_, n) => String.fromCodePoint(from + n));
  return all.filter((letter) => /\p{L}/u.test(letter));
}

/** Zeros of the digits that people write in chats. */
const ZEROS = "0٠۰०০੦૦௦౦೦൦๐၀";

/**
 * Another letter or digit of the same script and case, by a number from 0 to 255. Letters of a script that is not listed
 * become Latin ones; marks, signs and emoji stay as they are.
 */
export function pseudoCharacter(character: string, number: number): string {
  if (/\p{Nd}/u.test(character)) return pseudoDigit(character, number);
  if (!/[\p{L}\p{N}]/u.test(character)) return character;
  const { letters } = alphabets.find(({ letter }) => letter.test(character)) ?? latin ?? { letters: ["x"] };
  const letter = letters[number % letters.length] ?? "x";
  return character !== character.toLowerCase() ? letter.toUpperCase() : letter;
}

function pseudoDigit(digit: string, number: number): string {
  const code = digit.codePointAt(0) ?? 0;
  const zero = [...ZEROS]
    .map((sign) => sign.charCodeAt(0))
    .find((start) => code >= start && code <= start + 9);
  return String.fromCodePoint((zero ?? 0x30) + (number % 10));
}
