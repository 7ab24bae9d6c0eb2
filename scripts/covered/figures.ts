/** Coverage of one file as istanbul writes it: counts by the key of what they count. */
export interface FileCoverage {
  path: string;
  statementMap: Record<string, Range>;
  branchMap: Record<string, { type: string; loc: Range; locations: Range[] }>;
  s: Record<string, number>;
  /** For each branch, of each of its ways. */
  b: Record<string, number[]>;
}

/** By path. */
export type CoverageMap = Record<string, FileCoverage>;

/** An end may be missing where a way has no code of its own, as an `else` that is not there. */
interface Range {
  start: { line?: number; column?: number };
  end: { line?: number; column?: number | null };
}

export interface Figures {
  statements: Share;
  branches: Share;
}

export interface Share {
  /** In hundredths of `of`, with two digits. */
  percent: number;
  covered: number;
  of: number;
}

/**
 * Takes over from `other` what ran there. Both were compiled by different programs: a statement is the same when it begins
 * at the same place, a way of a branch as well. What only `other` knows is left out, so that nothing counts twice.
 */
export function addRuns(to: CoverageMap, other: CoverageMap): void {
  for (const [path, mine] of Object.entries(to)) {
    const theirs = other[path];
    if (theirs) addFile(mine, theirs);
  }
}

function addFile(mine: FileCoverage, theirs: FileCoverage): void {
  const statements = new Map<string, number>();
  for (const [key, range] of Object.entries(theirs.statementMap)) note(statements, at(range), theirs.s[key]);
  for (const [key, range] of Object.entries(mine.statementMap)) {
    mine.s[key] = (mine.s[key] ?? 0) + (statements.get(at(range)) ?? 0);
  }
  const ways = new Map<string, number>();
  for (const [key, branch] of Object.entries(theirs.branchMap)) {
    for (const [index, way] of waysOf(branch).entries()) note(ways, way, theirs.b[key]?.[index]);
  }
  for (const [key, branch] of Object.entries(mine.branchMap)) {
    const names = waysOf(branch);
    mine.b[key] = (mine.b[key] ?? []).map((count, index) => count + (ways.get(names[index] ?? "") ?? 0));
  }
}

function note(counts: Map<string, number>, name: string, count = 0): void {
  counts.set(name, Math.max(counts.get(name) ?? 0, count));
}

function waysOf({ type, loc, locations }: FileCoverage["branchMap"][string]): string[] {
  return locations.map((_, index) => `${type} ${at(loc)} ${index} of ${locations.length}`);
}

function at({ start }: Range): string {
  return `${start.line}:${start.column}`;
}

/** Of all files together. */
export function figuresOf(files: readonly FileCoverage[]): Figures {
  return {
    statements: shareOf(files.flatMap(({ s }) => Object.values(s))),
    branches: shareOf(files.flatMap(({ b }) => Object.values(b).flat())),
  };
}

function shareOf(counts: readonly number[]): Share {
  const covered = counts.filter((count) => count > 0).length;
  const of = counts.length;
  return { percent: of === 0 ? 100 : Math.floor((covered / of) * 10_000) / 100, covered, of };
}

/** For each file, the one with most missing first: the lines of what did not run. */
export function missingLines(files: readonly FileCoverage[], root: string): string[] {
  const lines = files.map(({ path, s, statementMap, b, branchMap }) => {
    const statements = Object.keys(s).filter((key) => s[key] === 0);
    const ways = Object.keys(b).filter((key) => b[key]?.includes(0));
    const list = (starts: (number | undefined)[]) => [...new Set(starts)].join(" ");
    const statementsAt = list(statements.map((key) => statementMap[key]?.start.line));
    const waysAt = list(ways.map((key) => branchMap[key]?.loc.start.line));
    const count = statements.length + ways.length;
    return {
      count,
      text: `${count} ${path.slice(root.length)}: statements ${statementsAt}; branches ${waysAt}`,
    };
  });
  return lines
    .filter(({ count }) => count > 0)
    .sort((one, other) => other.count - one.count)
    .map(({ text }) => text);
}
