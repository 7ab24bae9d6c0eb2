import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./judges.ts";
import { changed, type Judged, type Mutant } from "./mutant.ts";
import { runSession, type SessionOptions } from "./session.ts";

export interface TrialOptions extends SessionOptions {
  bench: Bench;
  /** Tests that are about a file, where it is not for the imports to tell. */
  asked: Record<string, string[]>;
  textOf: (file: string) => string;
  /** Hears after each test file who was killed, so that a run that is broken off was not for nothing. */
  remember: (judged: readonly Judged[]) => void;
}

/** A mutant on trial. */
interface Case {
  mutant: Mutant;
  judges: string[];
  isCovered: boolean;
  verdict: "killed" | "timeout" | undefined;
  by: string;
}

/**
 * Tries mutants. Every test file gets at once all that are still alive and have it among their judges, so that one start of
 * it does for many; those that are somebody's first choice come first. `most`: test files that are asked about a mutant,
 * where its imports tell which.
 */
export async function tryMutants(
  mutants: readonly Mutant[],
  most: number,
  options: TrialOptions,
): Promise<Judged[]> {
  const { bench, asked, say, remember } = options;
  const cases = mutants.map((mutant): Case => {
    const judges = asked[mutant.file] ?? bench.judgesOf(mutant.file, most);
    return { mutant, judges, isCovered: false, verdict: undefined, by: "" };
  });
  const tests = inOrder(cases);
  for (const [index, test] of tests.entries()) {
    const theirs = cases.filter(({ verdict, judges }) => verdict === undefined && judges.includes(test));
    if (theirs.length === 0) continue;
    await tryWith(test, theirs, options);
    remember(theirs.map(judgedOf));
    const alive = theirs.filter(({ verdict }) => verdict === undefined).length;
    say(`${index + 1} of ${tests.length}: ${test}: ${theirs.length} tried, ${alive} alive`);
  }
  return cases.map(judgedOf);
}

/** All judges, the first choices before the second. */
function inOrder(cases: readonly Case[]): string[] {
  const choice = new Map<string, number>();
  for (const { judges } of cases) {
    for (const [index, test] of judges.entries())
      choice.set(test, Math.min(choice.get(test) ?? index, index));
  }
  return [...choice].sort(([, one], [, other]) => one - other).map(([test]) => test);
}

function judgedOf({ mutant, isCovered, verdict, by }: Case): Judged {
  return { ...mutant, verdict: verdict ?? (isCovered ? "survived" : "uncovered"), by };
}

async function tryWith(test: string, cases: readonly Case[], options: TrialOptions): Promise<void> {
  const { tree, textOf } = options;
  const scripts = cases.filter(({ mutant }) => mutant.file.endsWith(".lua"));
  const job = {
    switched: cases.filter((one) => !scripts.includes(one)).map(({ mutant }) => mutant.id),
    written: scripts.map(({ mutant }) => ({
      id: mutant.id,
      path: join(tree, mutant.file),
      text: changed(textOf(mutant.file), mutant),
    })),
  };
  const { covered, tried } = await runSession(test, job, options);
  for (const one of cases) {
    const { id } = one.mutant;
    // Whether a script is run by a test nobody counts: it is said to be.
    if (covered?.has(id) || scripts.includes(one)) one.isCovered = true;
    const by = tried.get(id);
    if (by === undefined) continue;
    one.verdict = by === "timeout" ? "timeout" : "killed";
    one.by = by === "timeout" ? test : `${test}: ${by}`;
  }
}

/** Puts the instrumented sources into the copy. */
export function writeInstrumented(tree: string, files: readonly { name: string; content: string }[]): void {
  for (const { name, content } of files) writeFileSync(join(tree, name), content);
}
