/** Bytes of a comment in Salesforce, less those of a label such as `(12/17) `. */
const MOST_BYTES = 4_000 - 12;

/**
 * A text as the comments that can hold it, numbered where they are several. Salesforce takes away blanks at both ends, so
 * a part ends before a blank or a line end, which the next one begins with, behind its number.
 */
export function partsOf(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  while (Buffer.byteLength(rest) > MOST_BYTES) {
    const end = endOf(rest);
    parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  parts.push(rest);
  return parts.length === 1 ? parts : parts.map((part, index) => `(${index + 1}/${parts.length}) ${part}`);
}

/** Where the first part ends: before the last white space of its second half, else between two graphemes. */
function endOf(text: string): number {
  const most = lengthWithin(text, MOST_BYTES);
  const head = text.slice(0, most);
  const blank = /^([\s\S]*\S)\s/.exec(head)?.[1]?.length ?? 0;
  return blank > most / 2 ? blank : graphemeEnd(text, most);
}

/** Characters whose bytes fit, and no half of one. */
function lengthWithin(text: string, bytes: number): number {
  // The decoder leaves out a character that was cut, but for one replacement.
  const head = Buffer.from(text.slice(0, bytes)).subarray(0, bytes).toString("utf8");
  return head.endsWith("\ufffd") ? head.length - 1 : head.length;
}

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/** Graphemes near the end only: their rules look back no further than one of them. */
function graphemeEnd(text: string, most: number): number {
  const from = Math.max(0, most - 200);
  let end = 0;
  for (const { index } of graphemes.segment(text.slice(from, most + 100))) {
    if (from + index > most) break;
    if (index > 0) end = from + index;
  }
  return end > 0 ? end : most;
}
