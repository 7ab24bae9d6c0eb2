import { decodeEntities } from "./html-entities.ts";
import { type Token, tokensOf } from "./html-tokens.ts";

/** Elements whose content is not for reading. */
const SILENT = new Set(["script", "style", "head", "title"]);
const BLOCKS = new Set(
  "address article aside blockquote dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section table tr ul".split(
    " ",
  ),
);
/** Blocks with an empty line around them. */
const PARAGRAPHS = new Set("blockquote h1 h2 h3 h4 h5 h6 ol p pre table ul".split(" "));
/** A message to a person has 4,096 characters; nothing behind this would be read. */
const MOST_CHARACTERS = 262_144;

interface Writer {
  lines: string[];
  line: string;
  /** The line has more than the mark of a list. */
  hasText: boolean;
  /** Nothing visible stands before the next text on its line, or white space does. */
  spaced: boolean;
  /** Number of the next item of each list that is open; undefined in a list of points. */
  lists: { next: number | undefined }[];
  /** The link being written, and its text so far. */
  link?: { address: string; label: string };
  silent?: string;
}

/**
 * Readable plain text of what an agent wrote: editors of helpdesks send HTML only. Paragraphs, lists, table cells and
 * addresses of links stay recognisable; everything else of the markup goes.
 */
export function htmlToText(html: string): string {
  const writer: Writer = { lines: [], line: "", hasText: false, spaced: true, lists: [] };
  for (const token of tokensOf(html.slice(0, MOST_CHARACTERS))) {
    if (writer.silent !== undefined) {
      if (token.kind === "close" && token.name === writer.silent) delete writer.silent;
    } else if (token.kind === "text") writeText(writer, token.text);
    else writeTag(writer, token);
  }
  return [...writer.lines, writer.hasText ? writer.line.trimEnd() : ""].join("\n").trim();
}

function writeText(writer: Writer, raw: string): void {
  const text = decodeEntities(raw).replace(/[ \t\r\n\f]+/g, " ");
  const visible = writer.spaced ? text.trimStart() : text;
  if (visible === "") return;
  writer.line += visible;
  writer.hasText = true;
  writer.spaced = visible.endsWith(" ");
  if (writer.link) writer.link.label += visible;
}

function writeTag(writer: Writer, tag: Token & { kind: "open" | "close" }): void {
  const { name } = tag;
  const closing = tag.kind === "close";
  if (SILENT.has(name)) {
    if (!closing) writer.silent = name;
  } else if (name === "br") endLine(writer);
  else if (name === "li") writeItem(writer, closing);
  else if (name === "a") writeLink(writer, tag);
  else if (name === "td" || name === "th") writeText(writer, " ");
  else if (name === "img") writeText(writer, decodeEntities(tag.attribute("alt") ?? ""));
  else if (BLOCKS.has(name)) writeBlock(writer, name, closing);
}

function writeBlock(writer: Writer, name: string, closing: boolean): void {
  const wasNested = writer.lists.length > 0;
  if (name === "ol" || name === "ul") {
    if (closing) writer.lists.pop();
    else writer.lists.push({ next: name === "ol" ? 1 : undefined });
  }
  const isNested = wasNested && writer.lists.length > 0;
  if (writer.hasText) endLine(writer);
  if (PARAGRAPHS.has(name) && !isNested && (writer.lines.at(-1) ?? "") !== "") writer.lines.push("");
}

function endLine(writer: Writer): void {
  writer.lines.push(writer.line.trimEnd());
  writer.line = "";
  writer.hasText = false;
  writer.spaced = true;
}

function writeItem(writer: Writer, closing: boolean): void {
  if (writer.hasText) endLine(writer);
  if (closing) return;
  const list = writer.lists.at(-1);
  const mark = list?.next === undefined ? "-" : `${list.next++}.`;
  writer.line = `${"  ".repeat(Math.max(0, writer.lists.length - 1))}${mark} `;
  writer.spaced = true;
}

function writeLink(writer: Writer, tag: Token & { kind: "open" | "close" }): void {
  if (tag.kind === "open") {
    const address = decodeEntities(tag.attribute("href") ?? "");
    if (/^(https?|mailto|tel):/i.test(address)) writer.link = { address, label: "" };
    return;
  }
  const { link } = writer;
  delete writer.link;
  if (!link || link.address.includes(link.label.trim() || "\n")) return;
  writeText(writer, link.label.trim() === "" ? link.address : ` (${link.address})`);
}
