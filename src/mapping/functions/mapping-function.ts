import type { Lookups } from "../lookups/lookups.ts";

/** A function that mapping files have besides JSONata's own. Allow-list, reference and completion derive from it. */
export interface MappingFunction {
  /** Without the `$`. */
  name: string;
  /** As written in the reference, `$plain(text, max?)`; what ends in `?` may be left out. */
  signature: string;
  /** One or two sentences. */
  about: string;
  /** Run by the tests with the sample lookups; `gives` is what it must make. */
  examples: { expression: string; gives: unknown }[];
  /** The lookups are those beside the mapping file. Pure: the same arguments make the same result. */
  create(lookups: Lookups): (...given: unknown[]) => unknown;
}

/** Longest text that a function reads: as long as the longest field of a record. */
const MAX_TEXT = 65_536;

/** What a function throws: JSONata adds the position, describe-error.ts keeps the words. */
export function refusal(message: string): { code: "MAPPING"; message: string } {
  return { code: "MAPPING", message };
}

/** Most functions make nothing of nothing, as JSONata's own do. */
export function isNothing(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/** Numbers and truth values count as texts. */
export function asText(value: unknown, name: string, place = "first"): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") throw refusal(`${name} needs a text as its ${place} argument`);
  if (value.length <= MAX_TEXT) return value;
  throw refusal(`${name} takes at most ${MAX_TEXT} characters. Cut the text with $plain(text, max)`);
}

/** Undefined for nothing. */
export function asOptionalText(value: unknown, name: string, place: string): string | undefined {
  return isNothing(value) ? undefined : asText(value, name, place);
}

export function asWholeNumber(value: unknown, max: number, name: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value > 0 && value <= max) return value;
  throw refusal(`${name} needs a whole number from 1 to ${max} as its second argument`);
}
