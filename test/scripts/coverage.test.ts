import { describe, expect, test } from "vitest";
import { addRuns, type CoverageMap, type FileCoverage, figuresOf } from "../../scripts/covered/figures.ts";

const at = (line: number, column = 0) => ({ start: { line, column }, end: { line, column: column + 1 } });

/** A file with a statement at each line, and an `if` in line 2. */
function fileOf(counts: number[], ways: [number, number]): FileCoverage {
  return {
    path: "/a.ts",
    statementMap: Object.fromEntries(counts.map((_, index) => [index, at(index + 1)])),
    branchMap: { 0: { type: "if", loc: at(2), locations: [at(2, 4), at(2, 9)] } },
    s: Object.fromEntries(counts.map((count, index) => [index, count])),
    b: { 0: ways },
  };
}

describe("coverage of several runs", () => {
  test("a statement and a way count as covered when any run came there", () => {
    const map: CoverageMap = { "/a.ts": fileOf([1, 0, 0], [1, 0]) };
    addRuns(map, { "/a.ts": fileOf([0, 3, 0], [0, 2]) });
    expect(figuresOf(Object.values(map))).toEqual({
      statements: { percent: 66.66, covered: 2, of: 3 },
      branches: { percent: 100, covered: 2, of: 2 },
    });
  });

  test("what only the other compiler knows, at another place, adds nothing", () => {
    const map: CoverageMap = { "/a.ts": fileOf([0, 0], [0, 0]) };
    const other = fileOf([5, 5], [5, 5]);
    other.statementMap = { 0: at(1, 3), 1: at(9) };
    other.branchMap = { 0: { type: "cond-expr", loc: at(2), locations: [at(2, 4), at(2, 9)] } };
    addRuns(map, { "/a.ts": other, "/b.ts": fileOf([1], [1, 1]) });
    expect(Object.keys(map)).toEqual(["/a.ts"]);
    expect(figuresOf(Object.values(map))).toMatchObject({
      statements: { covered: 0, of: 2 },
      branches: { covered: 0, of: 2 },
    });
  });

  test("is rounded down: 94.999 is not 95", () => {
    const counts = [...Array<number>(94_999).fill(1), ...Array<number>(5001).fill(0)];
    expect(figuresOf([fileOf(counts, [1, 1])]).statements.percent).toBe(94.99);
  });
});
