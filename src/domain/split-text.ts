/**
 * A text in parts of at most `limit` UTF-16 units, broken at paragraphs, else lines, else words, else between
 * graphemes (never inside a family emoji or a conjunct). Empty parts are dropped.
 */
export function splitText(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = text.toWellFormed().trim();
  while (rest.length > limit) {
    const cut = cutAt(rest, limit);
    parts.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return [...parts, rest].filter((part) => part !== "");
}

function cutAt(text: string, limit: number): number {
  const head = text.slice(0, limit);
  for (const separator of ["\n\n", "\n", " "]) {
    const at = head.lastIndexOf(separator);
    if (at > limit / 2) return at;
  }
  return graphemeCut(text, limit) || String.fromCodePoint(text.codePointAt(0) ?? 0).length;
}

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/** The last grapheme boundary at or before `limit`; if one grapheme is longer, the last boundary of a character. */
export function graphemeCut(text: string, limit: number): number {
  if (text.length <= limit) return text.length;
  let end = 0;
  for (const { index } of graphemes.segment(text.slice(0, limit + 64))) {
    if (index > limit) break;
    end = index;
  }
  if (end > 0) return end;
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(limit - 1));
  return splitsPair ? limit - 1 : limit;
}
