import type { ContactRecord } from "../domain/records.ts";

/**
 * Without NUL and the other control characters, which a helpdesk's database refuses or its pages show as boxes. JSON
 * may hold them, so a person can send them. Tabs and line ends stay.
 */
export function cleanText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "");
}

/** Clean, and on one line: for subjects, names and other fields that have only one. */
export function oneLine(text: string): string {
  return cleanText(text).replace(/\s+/g, " ").trim();
}

/** The `custom` of a contact or ticket with its texts clean; numbers, truth values and null stay as they are. */
export function cleanFields(custom: ContactRecord["custom"]): NonNullable<ContactRecord["custom"]> {
  return Object.fromEntries(
    Object.entries(custom ?? {}).map(([name, value]) => [
      name,
      typeof value === "string" ? cleanText(value) : value,
    ]),
  );
}
