import type { Judged, Verdict } from "./mutant.ts";

export interface Figures {
  mutants: number;
  killed: number;
  timeout: number;
  survived: number;
  /** No test that was asked runs them. They count as survived. */
  uncovered: number;
  /** Cannot be told from the original: equivalent.json has the reasons. In no score. */
  equivalent: number;
  /** Killed and timed out, of all but the equivalent ones, in hundredths. */
  score: number;
}

export function figuresOf(judged: readonly Judged[]): Figures {
  const count = (verdict: Verdict) => judged.filter((one) => one.verdict === verdict).length;
  const [killed, timeout, equivalent] = [count("killed"), count("timeout"), count("equivalent")];
  const [survived, uncovered] = [count("survived"), count("uncovered")];
  const score = hundredths(killed + timeout, judged.length - equivalent);
  return { mutants: judged.length, killed, timeout, survived, uncovered, equivalent, score };
}

function hundredths(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.round((part / whole) * 10_000) / 100;
}

/** A room: all its mutants, and what became of those that were drawn. */
export interface Stratum {
  size: number;
  judged: readonly Judged[];
}

/**
 * The score of all rooms together, each counted by its size, with the 95 % interval of a stratified sample drawn without
 * putting back (Cochran, Sampling Techniques, 5.6). The variance of a room is never taken as 0: half a kill and half a
 * survivor are added, so that a room of which all were killed by chance says no more than it knows.
 */
export function estimate(strata: readonly Stratum[]): { score: number; interval: [number, number] } {
  const known = strata.filter(({ judged }) => judged.length > 0);
  const all = known.reduce((sum, { size }) => sum + size, 0);
  let mean = 0;
  let variance = 0;
  for (const { size, judged } of known) {
    const counted = judged.filter(({ verdict }) => verdict !== "equivalent");
    const killed = counted.filter(({ verdict }) => verdict === "killed" || verdict === "timeout").length;
    const n = Math.max(counted.length, 1);
    const share = killed / n;
    const careful = (killed + 0.5) / (n + 1);
    const weight = size / all;
    mean += weight * share;
    variance +=
      weight ** 2 *
      (1 - Math.min(judged.length / size, 1)) *
      ((careful * (1 - careful)) / Math.max(n - 1, 1));
  }
  const half = 1.96 * Math.sqrt(variance);
  const round = (value: number) => Math.round(Math.min(Math.max(value, 0), 1) * 10_000) / 100;
  return { score: round(mean), interval: [round(mean - half), round(mean + half)] };
}

export function groupBy<T>(items: readonly T[], nameOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(nameOf(item), [...(groups.get(nameOf(item)) ?? []), item]);
  return groups;
}
