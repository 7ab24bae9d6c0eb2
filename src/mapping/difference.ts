import { diffWordsWithSpace } from "diff";

/** A field that is not what was expected. */
export interface Difference {
  /** `custom.City`, `tags[0]`; empty for the whole record. */
  path: string;
  /** Absent: there should be none. */
  expected?: unknown;
  /** Absent: there is none. */
  got?: unknown;
}

/** Field by field; lists and objects are compared inside. Empty when both are the same. */
export function differencesBetween(expected: unknown, got: unknown): Difference[] {
  const before = new Map(leavesOf(expected, ""));
  const after = new Map(leavesOf(got, ""));
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.has(path) !== after.has(path) || !same(before.get(path), after.get(path)))
    .map((path) => ({
      path,
      ...(before.has(path) ? { expected: before.get(path) } : {}),
      ...(after.has(path) ? { got: after.get(path) } : {}),
    }));
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Every value that holds no other, with its place. */
function leavesOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, childPath(value, path, key)));
}

function childPath(parent: object, path: string, key: string): string {
  if (Array.isArray(parent)) return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** Texts longer than this are shown once more, word by word. */
const LONG = 30;

/** A block of lines; `colour` is for terminals. */
export function showDifferences(differences: Difference[], colour = false): string {
  const paint = colour
    ? {
        old: (text: string) => `\u001b[31m${text}\u001b[39m`,
        now: (text: string) => `\u001b[32m${text}\u001b[39m`,
      }
    : { old: (text: string) => `[-${text}-]`, now: (text: string) => `{+${text}+}` };
  return differences
    .map((difference) => {
      const { path, expected, got } = difference;
      const lines = [
        `${path || "the record"}`,
        `  expected ${"expected" in difference ? JSON.stringify(expected) : "nothing"}`,
        `  got      ${"got" in difference ? JSON.stringify(got) : "nothing"}`,
      ];
      const isLong = typeof expected === "string" && typeof got === "string" && expected.length > LONG;
      if (isLong) lines.push(`  words    ${words(expected, got, paint)}`);
      return lines.join("\n");
    })
    .join("\n");
}

interface Paint {
  old(text: string): string;
  now(text: string): string;
}

function words(expected: string, got: string, paint: Paint): string {
  return diffWordsWithSpace(expected, got)
    .map(({ value, added, removed }) => {
      const text = JSON.stringify(value).slice(1, -1);
      if (added) return paint.now(text);
      return removed ? paint.old(text) : text;
    })
    .join("");
}
