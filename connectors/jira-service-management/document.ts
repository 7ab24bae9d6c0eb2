import { cleanText } from "deskferry/sdk";

/** Atlassian Document Format, as far as we write it: one paragraph of text, and one of links. */
interface Inline {
  type: "text" | "hardBreak";
  text?: string;
  marks?: { type: "link"; attrs: { href: string } }[];
}

export interface TextDocument {
  type: "doc";
  version: 1;
  content: { type: "paragraph"; content: Inline[] }[];
}

export interface Link {
  text: string;
  href: string;
}

/** Text with line ends as documents have them. */
export function textOf(text: string): string {
  return cleanText(text.replace(/\r\n?/g, "\n"));
}

/** Text as it is: nothing in a document is read as markup. */
export function documentOf(text: string, links: Link[] = []): TextDocument {
  const body = text.split("\n").flatMap((line, index): Inline[] => [
    ...(index > 0 ? [{ type: "hardBreak" } as const] : []),
    // Jira refuses empty texts.
    ...(line === "" ? [] : [{ type: "text", text: line } as const]),
  ]);
  const below = links.flatMap(({ text: name, href }, index): Inline[] => [
    ...(index > 0 ? [{ type: "hardBreak" } as const] : []),
    { type: "text", text: name, marks: [{ type: "link", attrs: { href } }] },
  ]);
  const content = [body, below].filter((inline, index) => index === 0 || inline.length > 0);
  return {
    type: "doc",
    version: 1,
    content: content.map((inline) => ({ type: "paragraph", content: inline })),
  };
}

/**
 * Jira takes 32,767 characters, and its documentation leaves open whether those of the text or of the document as JSON,
 * so that the latter are counted here. The rest is for links.
 */
const MOST = 24_000;
const COST_OF_LINE = JSON.stringify([{ type: "hardBreak" }, { type: "text", text: "" }]).length;

/** Pieces that fit, whole when put together again; they end with a line or a word where one ends in their second half. */
export function partsOf(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  for (;;) {
    const most = fitting(rest);
    if (most === rest.length) return [...parts, rest];
    const end = placeToCut(rest.slice(0, most));
    parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
}

/** How much of its beginning fits; at least one character. */
function fitting(text: string): number {
  let cost = 0;
  let length = 0;
  for (const character of text) {
    cost += character === "\n" ? COST_OF_LINE : JSON.stringify(character).length - 2;
    if (cost > MOST) return length;
    length += character.length;
  }
  return length;
}

function placeToCut(text: string): number {
  for (const gap of ["\n", " "]) {
    const at = text.lastIndexOf(gap);
    if (at > text.length / 2) return at + 1;
  }
  return text.length;
}
