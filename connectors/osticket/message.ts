import { type Attachment, base64Of, cleanText } from "deskferry/sdk";

/** A data URL, because a person's own words may begin with `data:` and would be taken for one, markup included. */
export function messageOf(text: string): string {
  return `data:text/plain;charset=utf-8,${plain(text)}`;
}

/**
 * osTicket strikes emoji out ("until we support them", says its source), and its tables know none of the letters beyond
 * the basic plane. They are written as their numbers, `[U+1F44D]`: a lone thumb would else be an empty message.
 */
export function plain(text: string): string {
  return cleanText(text.replace(/\r\n?/g, "\n")).replace(
    /[\u{10000}-\u{10ffff}]/gu,
    (letter) => `[U+${letter.codePointAt(0)?.toString(16).toUpperCase()}]`,
  );
}

export function oneLine(text: string): string {
  return plain(text).replace(/\s+/g, " ").trim();
}

/** osTicket takes files as the values of objects with one key each, which is the name. */
export async function filesOf(attachments: Attachment[]): Promise<Record<string, string>[]> {
  const files: Record<string, string>[] = [];
  for (const file of attachments) {
    // Parameters of a type would be read as hints of how to convert the file.
    const type = /^[\w.+-]+\/[\w.+-]+/.exec(file.mimeType)?.[0] ?? "application/octet-stream";
    files.push({ [oneLine(file.name)]: `data:${type};base64,${await base64Of(file)}` });
  }
  return files;
}
