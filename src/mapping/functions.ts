import { templateParameter } from "../domain/template-parameter.ts";

/** Functions that mapping files have besides JSONata's own. */

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Embeddings, overrides and isolates can show a text as something that it is not (Unicode TR 36). */
const HIDING = /[\u202a-\u202e\u2066-\u2069\ufeff]/g;
const CONTROLS = /(?!\n)\p{Cc}/gu;
/** WhatsApp refuses longer template parameters. */
const MAX_PARAMETER = 1024;

/** Text for a helpdesk: no control characters, line ends as \n, at most `max` characters as a reader counts them. */
export function plain(text: unknown, max?: unknown): string | undefined {
  if (text === undefined || text === null) return undefined;
  const clean = asText(text, "$plain")
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n")
    .replace(/\t/g, " ")
    .replace(CONTROLS, "")
    .replace(HIDING, "");
  return max === undefined ? clean : cut(clean, asLimit(max, "$plain"));
}

/** One line that WhatsApp accepts as a template parameter: never empty, no line ends, tabs or long spaces. */
export function oneLine(text: unknown, max?: unknown): string {
  const given = text === undefined || text === null ? "" : asText(text, "$oneLine");
  const line = templateParameter(given.toWellFormed().replace(HIDING, ""), MAX_PARAMETER);
  return max === undefined ? line : cut(line, asLimit(max, "$oneLine"), MAX_PARAMETER);
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

function asText(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw { code: "MAPPING", message: `${name} needs a text as its first argument` };
}

function asLimit(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 65_536) return value;
  throw { code: "MAPPING", message: `${name} needs a whole number from 1 to 65536 as its second argument` };
}
