/** What a comment says to a person, and the names of the files that it shows. */
export interface Said {
  text: string;
  files: string[];
}

/** A comment of Jira holds 32,767 characters; with its markup it may be somewhat longer. */
const MOST_CHARACTERS = 100_000;

const MACROS = "adf|anchor|color|expand|info|note|panel|quote|tip|warning";

/**
 * One alternative for each kind of markup, the escaped character first. What opens something ends at the next opening, so
 * that the time stays in proportion to the text. Emphasis stays as it is written: WhatsApp shows *bold* and _italic_ alike.
 */
const MARKUP = new RegExp(
  [
    String.raw`(?<break>\\\\[ \t]*\n?)`,
    String.raw`\\(?<escaped>[!-/:-@[-\x60{-~])`,
    String.raw`!(?<image>[^\s!|][^!|\n]*\.\w{1,8})(?:\|[^!\n]*)?!`,
    String.raw`\[\^(?<file>[^\][|\n]+)(?:\|[^\][\n]*)?\]`,
    String.raw`(?<mention>\[~[^\][\n]+\])`,
    String.raw`\[(?<label>[^\][|\n]+)\|(?<address>[^\][|\n]+)(?:\|[^\][\n]*)?\]`,
    String.raw`\[(?<bare>(?:https?|mailto|tel):[^\][|\s]+)\]`,
    String.raw`(?<macro>\{(?:${MACROS})(?::[^{}\n]*)?\})`,
    String.raw`\{\{(?<mono>[^{}\n]+)\}\}`,
    String.raw`(?<heading>^(?:h[1-6]|bq)\.[ \t]+)`,
    String.raw`^(?<bullet>[*#]+)[ \t]+(?=\S)`,
  ].join("|"),
  "gm",
);
const VERBATIM = /\{(code|noformat)(?::[^{}\n]*)?\}\n?([\s\S]*?)\n?\{\1\}/g;

/** Readable plain text of the wiki markup in which Jira tells comments. */
export function plainText(wiki: string): Said {
  const files: string[] = [];
  const source = wiki.slice(0, MOST_CHARACTERS).replace(/\r\n?/g, "\n");
  let text = "";
  let done = 0;
  for (const match of source.matchAll(VERBATIM)) {
    text += withoutMarkup(source.slice(done, match.index), files) + (match[2] ?? "");
    done = match.index + match[0].length;
  }
  text += withoutMarkup(source.slice(done), files);
  return { text: text.replace(/[ \t]+$/gm, "").trim(), files };
}

function withoutMarkup(source: string, files: string[]): string {
  const numbers: number[] = [];
  return source.replace(MARKUP, (...found) => {
    const part = found.at(-1) as Record<string, string | undefined>;
    const file = part["image"] ?? part["file"];
    if (file !== undefined) files.push(unescaped(file));
    if (part["break"]) return "\n";
    if (part["bullet"]) return markOf(part["bullet"], numbers);
    if (part["label"] && part["address"]) return linkOf(unescaped(part["label"]), part["address"]);
    return part["escaped"] ?? part["bare"] ?? part["mono"] ?? "";
  });
}

function unescaped(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, "$1");
}

/** The number counts on within a comment until a list of points comes in between. */
function markOf(bullet: string, numbers: number[]): string {
  const depth = bullet.length;
  const indent = "  ".repeat(depth - 1);
  if (bullet.endsWith("*")) {
    numbers.length = Math.min(numbers.length, depth - 1);
    return `${indent}- `;
  }
  numbers.length = Math.min(numbers.length, depth);
  const number = (numbers[depth - 1] ?? 0) + 1;
  numbers[depth - 1] = number;
  return `${indent}${number}. `;
}

function linkOf(label: string, address: string): string {
  const target = address.replace(/^mailto:/, "");
  if (label === target || label === address) return target;
  return /^(https?:|mailto:|tel:)/.test(address) ? `${label} (${target})` : label;
}
