/** One small change of a file of the product. */
export interface Mutant {
  /** Of this run. */
  id: string;
  /** Path from the root of the repository. */
  file: string;
  /** Kind of the change: `EqualityOperator`, `RemovedStatement` … */
  mutator: string;
  /** Offsets into the file: what `replacement` takes the place of. */
  start: number;
  end: number;
  replacement: string;
  /** From 1. */
  line: number;
}

/** What the tests made of it. `timeout` counts as killed: a test that never ends is seen. `uncovered`: no test runs it. */
export type Verdict = "killed" | "timeout" | "survived" | "uncovered" | "equivalent";

export interface Judged extends Mutant {
  verdict: Verdict;
  /** The test that found it, or why it cannot be found. */
  by?: string;
}

/** The text with the change made. */
export function changed(text: string, { start, end, replacement }: Mutant): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** The same mutant in every run, as long as its line is the same. */
export function nameOf(mutant: Mutant, text: string): string {
  const { file, mutator, start, end, replacement } = mutant;
  const column = start - text.lastIndexOf("\n", start - 1) - 1;
  const change = `${text.slice(start, end)} -> ${replacement}`.replace(/\s+/g, " ");
  return [file, mutator, column, lineOf(mutant, text), change].join(" | ");
}

/** The line in which it begins, without the space around it. */
export function lineOf({ start }: Mutant, text: string): string {
  const begin = text.lastIndexOf("\n", start - 1) + 1;
  const end = text.indexOf("\n", start);
  return text.slice(begin, end < 0 ? text.length : end).trim();
}
