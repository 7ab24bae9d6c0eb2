import { indentService, StreamLanguage, type StringStream } from "@codemirror/language";
import type { Extension } from "@codemirror/state";

/** Colours for JSONata: comments, texts, keys, numbers, variables, words. Not a parser; the server judges. */

interface Place {
  /** What ends the token that reaches over line ends. */
  until: "*/" | '"' | "'" | undefined;
  /** A `/` here begins a regular expression rather than divides. */
  beforeValue: boolean;
}

const WORDS = /^(and|or|in|function|λ)$/;
const ATOMS = /^(true|false|null)$/;

function read(stream: StringStream, place: Place): string | null {
  if (place.until) return readOn(stream, place);
  if (stream.eatSpace()) return null;
  if (stream.match("/*")) return readOn(stream, open(place, "*/"));
  if (stream.match('"')) return readOn(stream, open(place, '"'));
  if (stream.match("'")) return readOn(stream, open(place, "'"));
  if (place.beforeValue && stream.match(/^\/(?:\\.|[^/\\])+\/[im]*/)) return value(place, "string.special");
  if (stream.match(/^\d+(\.\d+)?([eE][-+]?\d+)?/)) return value(place, "number");
  if (stream.match(/^\$[\w$]*/)) return value(place, "variableName");
  if (stream.match(/^`[^`]*`/)) return value(place, "propertyName");
  const word = stream.match(/^[\p{L}_][\p{L}\p{N}_]*/u);
  if (word) return readWord(String((word as RegExpMatchArray)[0]), place);
  const sign = stream.next() ?? "";
  place.beforeValue = !/[)\]}]/.test(sign);
  return /[-+*%/<>=!&|~?:.^@#]/.test(sign) ? "operator" : "bracket";
}

function open(place: Place, until: Place["until"]): Place {
  place.until = until;
  return place;
}

function readWord(word: string, place: Place): string {
  if (WORDS.test(word)) {
    place.beforeValue = true;
    return "keyword";
  }
  return value(place, ATOMS.test(word) ? "atom" : "propertyName");
}

function value(place: Place, style: string): string {
  place.beforeValue = false;
  return style;
}

/** To the end of a comment or text, or of the line. */
function readOn(stream: StringStream, place: Place): string {
  const { until = "*/" } = place;
  const isComment = until === "*/";
  while (!stream.eol()) {
    if (!isComment && stream.match(/^\\./)) continue;
    if (!stream.match(until)) {
      stream.next();
      continue;
    }
    place.until = undefined;
    if (isComment) break;
    return value(place, stream.match(/^\s*:/, false) ? "propertyName.definition" : "string");
  }
  return isComment ? "comment" : "string";
}

const language = StreamLanguage.define<Place>({
  name: "jsonata",
  startState: () => ({ until: undefined, beforeValue: true }),
  copyState: (place) => ({ ...place }),
  token: read,
  languageData: {
    commentTokens: { block: { open: "/*", close: "*/" } },
    // A closing bracket at the beginning of a line goes back to the indent of what it closes.
    indentOnInput: /^\s*[\])}]$/,
  },
});

/** As the line before; deeper after an opening bracket, less deep for a closing one. */
const indent = indentService.of((context, at) => {
  const { number } = context.state.doc.lineAt(at);
  // A line end that is about to be written parts the line; else the line stands, and the one before it counts.
  const above = number > 1 ? context.state.doc.line(number - 1).text : "";
  const before = context.simulatedBreak === at ? context.lineAt(at, -1).text : above;
  const after = context.lineAt(at, 1).text;
  const deeper = /[[({]\s*$/.test(before) ? context.unit : 0;
  const closing = /^\s*[\])}]/.test(after) ? context.unit : 0;
  return Math.max(0, (/^ */.exec(before)?.[0].length ?? 0) + deeper - closing);
});

export const jsonata: Extension = [language, indent];
