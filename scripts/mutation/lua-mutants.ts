import type { Mutant } from "./mutant.ts";

/** What a piece of Lua is changed into. `find` matches outside of comments and texts. */
interface Change {
  mutator: string;
  find: RegExp;
  into: (match: RegExpMatchArray) => string[];
}

const swaps: Record<string, string> = {
  "==": "~=",
  "~=": "==",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  and: "or",
  or: "and",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  true: "false",
  false: "true",
  "math.max": "math.min",
  "math.min": "math.max",
};

const changes: Change[] = [
  { mutator: "Operator", find: /==|~=|<=|>=|<|>/g, into: ([found]) => [swaps[found] ?? ""] },
  {
    mutator: "Operator",
    find: /\b(?:and|or|true|false|math\.max|math\.min)\b/g,
    into: ([found]) => [swaps[found] ?? ""],
  },
  { mutator: "Operator", find: /(?<=[\w)]\s)[-+*/](?=\s)/g, into: ([found]) => [swaps[found] ?? ""] },
  { mutator: "Negation", find: /\bnot\s/g, into: () => [""] },
  { mutator: "Number", find: /\b\d+\b/g, into: ([found]) => [`${Number(found) + 1}`] },
  { mutator: "Condition", find: /(?<=\b(?:else)?if\s).+?(?=\sthen\b)/g, into: () => ["true", "false"] },
  { mutator: "RemovedStatement", find: /\bbreak\b/g, into: () => [""] },
];

/** All mutants of a script: operators, numbers, texts, conditions, and statements left out. */
export function luaMutants(file: string, text: string): Mutant[] {
  const { bare, texts } = withoutTexts(text);
  const found: Omit<Mutant, "id" | "file" | "line">[] = [];
  for (const { mutator, find, into } of changes) {
    for (const match of bare.matchAll(find)) {
      const end = match.index + match[0].length;
      for (const replacement of into(match)) found.push({ mutator, start: match.index, end, replacement });
    }
  }
  for (const [start, end] of texts) {
    // A command of Redis that does not exist is an error whatever the tests say.
    if (/redis\.call\($/.test(text.slice(0, start))) continue;
    const replacement = end - start === 2 ? "'changed'" : "''";
    found.push({ mutator: "Text", start, end, replacement });
  }
  for (const [start, end] of calls(bare)) {
    found.push({ mutator: "RemovedStatement", start, end, replacement: "" });
  }
  return found
    .sort((one, other) => one.start - other.start)
    .map((one, index) => ({
      ...one,
      id: `${file}#${index}`,
      file,
      line: text.slice(0, one.start).split("\n").length,
    }));
}

/** The script with comments and texts blanked, all offsets as they were, and where its texts are. */
function withoutTexts(text: string): { bare: string; texts: [number, number][] } {
  const texts: [number, number][] = [];
  const bare = text.replace(/--[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, (found, index: number) => {
    if (!found.startsWith("--")) texts.push([index, index + found.length]);
    return "\u0001".repeat(found.length);
  });
  return { bare, texts };
}

/** Calls whose result nobody takes: at the beginning of a statement, up to the bracket that closes them. */
function calls(bare: string): [number, number][] {
  return [...bare.matchAll(/(?<=^\s*|\b(?:then|do|else)\s)[a-zA-Z_][\w.]*\(/gm)]
    .filter(([found]) => !/^(?:if|while|for|return|local|function)\b/.test(found))
    .map((match) => [match.index, closing(bare, match.index + match[0].length)]);
}

function closing(bare: string, from: number): number {
  let depth = 1;
  let at = from;
  for (; depth > 0 && at < bare.length; at += 1) {
    if (bare[at] === "(") depth += 1;
    if (bare[at] === ")") depth -= 1;
  }
  return at;
}
