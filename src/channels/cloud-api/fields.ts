/** An object as it came in. Nothing in it has been checked. */
export type Fields = Record<string, unknown>;

export function asFields(value: unknown): Fields | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value as Fields;
}

export function asList(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** The objects of a list; whatever else stands in it is left out. */
export function objectsOf(value: unknown): Fields[] {
  return (asList(value) ?? []).map(asFields).filter((item) => item !== undefined);
}

/** A text with something in it. Meta planned empty strings where a phone number is withheld. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/** Ids are texts, but some fields and senders write them as numbers. */
export function asId(value: unknown): string | undefined {
  return Number.isSafeInteger(value) ? String(value) : asText(value);
}

const LAST_SECOND = 253_402_300_799;

/** Seconds since 1970, text or number, as ISO 8601; undefined for anything that is not a time up to the year 9999. */
export function asTime(value: unknown): string | undefined {
  const seconds = typeof value === "string" && /^[0-9]{1,12}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== "number" || !Number.isInteger(seconds)) return undefined;
  if (seconds < 0 || seconds > LAST_SECOND) return undefined;
  return new Date(seconds * 1000).toISOString();
}

/** A word of the provider's that may be shown to operators; anything longer or odder might be personal data. */
export function asWord(value: unknown): string | undefined {
  return typeof value === "string" && /^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(value) ? value : undefined;
}

/** Encodable in UTF-8 and without NUL, which PostgreSQL and some helpdesks refuse. */
export function tidyText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes("\0") ? wellFormed.replaceAll("\0", "") : wellFormed;
}
