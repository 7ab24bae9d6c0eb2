import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { guarantees } from "../scripts/reliability/contract.ts";
import { renderPage, rowsOf } from "../scripts/reliability/page.ts";
import { type Result, readResults } from "../scripts/reliability/result.ts";

const page = readFileSync(fileURLToPath(new URL("../RELIABILITY.md", import.meta.url)), "utf8");
const results = readResults();
const head = {
  at: "2026-11-21T20:00:00.000Z",
  commit: "0123456789",
  machine: "2 × Test, 4 GiB, Node 20",
  command: "npm run reliability",
  seconds: 12,
};

describe("RELIABILITY.md", () => {
  test("is what the stored results say: else npm run reliability -- --page", () => {
    expect(page).toBe(renderPage(results));
  });

  test("has a row for each of the 14 guarantees, with a figure or the words that it is not claimed", () => {
    expect(guarantees).toHaveLength(14);
    const rows = rowsOf(results.get("guarantees"));
    for (const { id } of guarantees) {
      const line = page.split("\n").find((one) => one.startsWith(`| ${id} |`)) ?? "";
      const row = rows.find((one) => one.id === id);
      if (row?.passed) expect(line, id).toMatch(/ \d.*`npm run .*`, seed \d+, \d+ s, /);
      else expect(line, id).toContain("not claimed");
    }
  });

  test.each([...results.keys()])(
    "%s.json says when, on what, of which commit and how it was measured",
    (name) => {
      const result = results.get(name) as Result;
      expect(new Date(result.at).toISOString()).toBe(result.at);
      for (const field of ["commit", "machine", "command"] as const)
        expect(result[field], field).toMatch(/\S/);
      expect(result.command).toMatch(/^npm run /);
      expect(result.seconds).toBeGreaterThan(0);
    },
  );
});

describe("the page writer", () => {
  const row = { ...head, id: "G5", seed: 7, n: { deliveries: 250 }, figures: { doubled: 0 } };
  const lineOf = (text: string, id: string) => text.split("\n").find((one) => one.startsWith(`| ${id} |`));

  test("shows a row that passed with its figures, N, seed, command and machine", () => {
    const text = renderPage(new Map([["guarantees", { ...head, rows: [{ ...row, passed: true }] }]]));
    expect(lineOf(text, "G5")).toContain(
      "| doubled 0 | deliveries 250 | `npm run reliability`, seed 7, 12 s, 2026-11-21, 0123456789, A |",
    );
    expect(text).toContain("- A: 2 × Test");
  });

  test("claims nothing for a row that failed or is missing", () => {
    const rows = [{ ...row, figures: { doubled: 3 }, passed: false }];
    const text = renderPage(new Map([["guarantees", { ...head, rows }]]));
    expect(lineOf(text, "G5")).toContain("**not claimed**: it failed with doubled 3");
    expect(lineOf(text, "G1")).toContain("not claimed: not measured so far");
  });

  test("lists every other programme with the figures of its first level", () => {
    const chaos = { ...head, seeds: [1, 2], kills: 612, lost: 0, suites: [{ kills: 3 }] };
    const text = renderPage(new Map([["chaos-short", chaos]]));
    expect(text).toContain("| chaos-short | seeds 1 2, kills 612, lost 0 | `npm run reliability`");
  });

  test("shows what the tests ran of each room, and which runs say so", () => {
    const share = (covered: number) => ({ percent: covered, covered, of: 100 });
    const figures = { statements: share(96), branches: share(91) };
    const runs = {
      rooms: { ...head, command: "npm run coverage -- --run rooms", tests: "9 passed, 0 failed" },
    };
    const coverage = { ...figures, rooms: { store: { ...figures, branches: share(89) } }, runs };
    const text = renderPage(new Map([["mutation", { ...head, core: {}, rest: {}, coverage }]]));
    expect(text).toContain("| store | 96 % | 96 of 100 | 89 % | 89 of 100 |");
    expect(text).toContain("| **all** | 96 % | 96 of 100 | 91 % | 91 of 100 |");
    expect(text).toContain(
      "- `npm run coverage -- --run rooms`, 12 s, 2026-11-21, 0123456789, A; tests: 9 passed, 0 failed",
    );
  });

  test("says nothing of what was not measured", () => {
    const note = { note: "not measured" };
    const text = renderPage(new Map([["mutation", { ...head, core: {}, rest: note, coverage: note }]]));
    expect(text).not.toContain("What the tests run");
    expect(text).not.toContain("rest of src");
  });

  test("names what was taken out of the code, and says so when nobody noticed", () => {
    const line = { id: "G5", file: "src/store/append.lua", without: "the seen key", figures: { doubled: 9 } };
    const text = renderPage(
      new Map([
        [
          "sabotage",
          {
            ...head,
            lines: [
              { ...line, noticed: true },
              { ...line, noticed: false },
            ],
          },
        ],
      ]),
    );
    expect(text).toContain("| G5 | the seen key | `src/store/append.lua` | fails: doubled 9 |");
    expect(text).toContain("**not noticed**: doubled 9");
  });
});
