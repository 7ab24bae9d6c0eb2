import { templateParameter } from "../../domain/template-parameter.ts";
import { asText, asWholeNumber, isNothing, type MappingFunction } from "./mapping-function.ts";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Embeddings, overrides and isolates can show a text as something that it is not (Unicode TR 36). */
const HIDING = /[\u202a-\u202e\u2066-\u2069\ufeff]/g;
const CONTROLS = /(?!\n)\p{Cc}/gu;
/** WhatsApp refuses longer template parameters. */
const MAX_PARAMETER = 1024;
const MAX_CUT = 65_536;
const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/** Text for a helpdesk: no control characters, line ends as \n, at most `max` characters as a reader counts them. */
export function plain(text: unknown, max?: unknown): string | undefined {
  if (isNothing(text)) return undefined;
  const clean = asText(text, "$plain")
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n")
    .replace(/\t/g, " ")
    .replace(CONTROLS, "")
    .replace(HIDING, "");
  return max === undefined ? clean : cut(clean, asWholeNumber(max, MAX_CUT, "$plain"));
}

/** One line that WhatsApp accepts as a template parameter: never empty, no line ends, tabs or long spaces. */
export function oneLine(text: unknown, max?: unknown): string {
  const given = isNothing(text) ? "" : asText(text, "$oneLine");
  const line = templateParameter(given.toWellFormed().replace(HIDING, ""), MAX_PARAMETER);
  return max === undefined ? line : cut(line, asWholeNumber(max, MAX_CUT, "$oneLine"), MAX_PARAMETER);
}

/**
 * A text of whatever direction for the middle of another, so that neither turns the other around (Unicode UAX 9,
 * first strong isolate). For what we compose: $plain takes such marks out of what people wrote.
 */
export function isolate(text: unknown): string | undefined {
  if (isNothing(text)) return undefined;
  const inside = asText(text, "$isolate").toWellFormed().replace(HIDING, "");
  return inside === "" ? "" : `${FIRST_STRONG_ISOLATE}${inside}${POP_ISOLATE}`;
}

/**
 * The first `max` graphemes, the last one `…` if something was cut. Never splits an emoji, a flag or a letter from its
 * marks. As one grapheme can be any number of UTF-16 units long, those are bounded too: 2 x `max`, at most `maxUnits`.
 */
export function cut(text: string, max: number, maxUnits = Number.POSITIVE_INFINITY): string {
  const units = Math.min(2 * max, maxUnits);
  if (text.length <= max && text.length <= units) return text;
  let count = 0;
  let end = 0;
  let room = 0;
  for (const { index, segment } of segmenter.segment(text)) {
    count += 1;
    end = index + segment.length;
    if (count > max || end > units) return `${text.slice(0, room).trimEnd()}…`;
    if (count < max && end < units) room = end;
  }
  return text;
}

export const textFunctions: MappingFunction[] = [
  {
    name: "plain",
    signature: "$plain(text, max?)",
    about:
      "The text without control characters and hidden direction marks, line ends as \\n, at most `max` characters as a reader counts them; never cut through an emoji or an accented letter.",
    examples: [
      { expression: '$plain("Pump 🇰🇪\\r\\nbroken\\u0007")', gives: "Pump 🇰🇪\nbroken" },
      { expression: '$plain("नमस्ते दुनिया", 4)', gives: "नमस्ते…" },
    ],
    create: () => plain,
  },
  {
    name: "oneLine",
    signature: "$oneLine(text, max?)",
    about:
      "The same as one line that WhatsApp accepts as a template parameter: no line ends, tabs or long spaces, at most 1024 characters, never empty (–).",
    examples: [
      { expression: '$oneLine("The pump\\n   is broken", 60)', gives: "The pump is broken" },
      { expression: '$oneLine("")', gives: "–" },
    ],
    create: () => oneLine,
  },
  {
    name: "isolate",
    signature: "$isolate(text)",
    about:
      "The text between U+2068 and U+2069, for the middle of a text of the other direction: an English name in an Arabic sentence. For comments and texts; `$oneLine` takes the marks out again.",
    examples: [{ expression: '"مرحبا " & $isolate("Ann (2)")', gives: "مرحبا \u2068Ann (2)\u2069" }],
    create: () => isolate,
  },
];
