/** Changes in the text of a JSON file that leave the rest as its author typed it. */

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

interface Token {
  text: string;
  start: number;
  end: number;
}

/** In a list of objects: puts another value under `key` of the object at `index`. Throws where there is none. */
export function replaceValue(text: string, index: number, key: string, value: unknown): string {
  const tokens = tokensOf(text);
  let depth = 0;
  let item = -1;
  for (let at = 0; at < tokens.length; at += 1) {
    const { text: token } = tokens[at] as Token;
    if (token === "{" && depth === 1) item += 1;
    if (isOpening(token)) depth += 1;
    if (isClosing(token)) depth -= 1;
    const isKey = depth === 2 && item === index && tokens[at + 1]?.text === ":";
    if (!isKey || !token.startsWith('"') || JSON.parse(token) !== key) continue;
    const { start, end } = valueAt(tokens, at + 2);
    return text.slice(0, start) + printed(value, indentOf(text, start)) + text.slice(end);
  }
  throw new Error(`there is no ${key} in item ${index + 1}`);
}

/** Adds an item to a list. */
export function appendItem(text: string, value: unknown): string {
  const tokens = tokensOf(text);
  const last = tokens.at(-2);
  const close = tokens.at(-1);
  if (!last || close?.text !== "]") throw new Error("the text is not a list");
  const isEmpty = tokens.length === 2;
  const line = `${isEmpty ? "" : ","}\n  ${printed(value, "  ")}\n`;
  return text.slice(0, last.end) + line + text.slice(close.start);
}

function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map(({ 0: token, index }) => ({
    text: token,
    start: index,
    end: index + token.length,
  }));
}

/** From the token at `at` to the end of the value that it begins. */
function valueAt(tokens: Token[], at: number): { start: number; end: number } {
  const first = tokens[at] as Token;
  let depth = 0;
  for (const token of tokens.slice(at)) {
    if (isOpening(token.text)) depth += 1;
    if (isClosing(token.text)) depth -= 1;
    if (depth === 0) return { start: first.start, end: token.end };
  }
  throw new Error("the text ends within a value");
}

function isOpening(token: string): boolean {
  return token === "{" || token === "[";
}

function isClosing(token: string): boolean {
  return token === "}" || token === "]";
}

/** White space at the beginning of the line. */
function indentOf(text: string, position: number): string {
  const line = text.slice(text.lastIndexOf("\n", position - 1) + 1, position);
  return /^\s*/.exec(line)?.[0] ?? "";
}

function printed(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll("\n", `\n${indent}`);
}
