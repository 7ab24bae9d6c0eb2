/** A piece of HTML: text, or a tag by its lower-case name. */
export type Token =
  | { kind: "text"; text: string }
  | { kind: "open" | "close"; name: string; attribute(name: string): string | undefined };

/** Splits HTML in one pass over it, however broken it is. Comments and declarations are left out. */
export function* tokensOf(html: string): Generator<Token> {
  let at = 0;
  while (at < html.length) {
    const start = html.indexOf("<", at);
    if (start === -1) break;
    if (start > at) yield { kind: "text", text: html.slice(at, start) };
    const end = endOfTag(html, start);
    if (end === undefined) {
      at = start;
      break;
    }
    const tag = tagOf(html.slice(start, end));
    if (tag !== "nothing") yield tag;
    at = end;
  }
  if (at < html.length) yield { kind: "text", text: html.slice(at) };
}

/** Where the tag or comment at `start` ends; undefined when it never does. */
function endOfTag(html: string, start: number): number | undefined {
  if (html.startsWith("<!--", start)) {
    const end = html.indexOf("-->", start + 4);
    return end === -1 ? html.length : end + 3;
  }
  if (!/[a-zA-Z/!?]/.test(html.charAt(start + 1))) return start + 1;
  const end = html.indexOf(">", start);
  return end === -1 ? undefined : end + 1;
}

function tagOf(raw: string): Token | "nothing" {
  if (raw === "<") return { kind: "text", text: raw };
  const match = /^<(\/?)([a-zA-Z][a-zA-Z0-9]*)/.exec(raw);
  if (!match?.[2]) return "nothing";
  const attribute = (name: string) => attributeOf(raw, name);
  return { kind: match[1] === "/" ? "close" : "open", name: match[2].toLowerCase(), attribute };
}

function attributeOf(raw: string, name: string): string | undefined {
  for (const match of raw.matchAll(/\s([a-zA-Z-]+)\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g)) {
    if (match[1]?.toLowerCase() === name) return match[2] ?? match[3] ?? match[4];
  }
  return undefined;
}
