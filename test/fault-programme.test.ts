import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** Every id of the programme: a letter with its first and last number, and those that fit no such row. */
const groups: [letter: string, first: number, last: number][] = [
  ["R", 1, 14],
  ["R", 20, 39],
  ["R", 40, 48],
  ["S", 1, 13],
  ["S", 20, 25],
  ["S", 30, 38],
  ["S", 40, 49],
  ["O", 1, 13],
  ["H", 1, 14],
];
const others = [
  "R3a",
  ..."fuzz mutation coverage lockfile audit provenance scorecard ssdf".split(" ").map((one) => `M-${one}`),
];
const ids = [
  ...groups.flatMap(([letter, first, last]) =>
    Array.from({ length: last - first + 1 }, (_, at) => `${letter}${String(first + at).padStart(2, "0")}`),
  ),
  ...others,
];

const root = fileURLToPath(new URL("..", import.meta.url));
const rows = readFileSync(join(root, "docs/fault-programme.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| [A-Z]/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, names = "", fault = "", shown = ""]) => ({ names: names.split(" "), fault, shown }));

test("the page has every fault of the programme once, and no other", () => {
  expect(rows.flatMap(({ names }) => names).sort()).toEqual([...ids].sort());
});

test("each fault says where it is shown, or why not", () => {
  const bad = rows.filter(({ fault, shown }) => {
    const paths = [...shown.matchAll(/`((?:src|test|scripts|docs)\/[^`]+)`/g)].map(([, path = ""]) => path);
    const isShown = paths.length > 0 || /`npm run /.test(shown);
    const isTold = shown.startsWith("open") || shown.replace(/`[^`]*`/g, "").length > 40;
    return fault === "" || !(isShown || isTold) || paths.some((path) => !existsSync(join(root, path)));
  });
  expect(bad).toEqual([]);
});
