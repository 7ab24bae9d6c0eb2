import type { TestRunner } from "deskferry/sdk/testing";

interface CollectedTest {
  /** Names of the groups around it and its own, joined by " > ". */
  name: string;
  run(): Promise<void>;
}

export interface Outcome {
  passed: string[];
  failed: { name: string; message: string }[];
  skipped: string[];
}

/** A test runner that runs what it was given when asked, so that a suite itself can be tested. */
export function collectSuite(define: (runner: TestRunner) => void) {
  const tests: CollectedTest[] = [];
  const skipped: string[] = [];
  const before: (() => Promise<void>)[] = [];
  const after: (() => Promise<void>)[] = [];
  const path: string[] = [];
  const nameOf = (name: string) => [...path, name].join(" > ");
  const it = (name: string, run: () => Promise<void>) => tests.push({ name: nameOf(name), run });
  define({
    describe(name, inside) {
      path.push(name);
      inside();
      path.pop();
    },
    it: Object.assign(it, { skip: (name: string) => skipped.push(nameOf(name)) }),
    beforeAll: (run) => before.push(run),
    afterAll: (run) => after.push(run),
  });
  return {
    names: tests.map(({ name }) => name),
    /** Runs the tests whose name contains the text; all without one. */
    async run(only = ""): Promise<Outcome> {
      const outcome: Outcome = { passed: [], failed: [], skipped };
      for (const hook of before) await hook();
      for (const { name, run } of tests.filter((test) => test.name.includes(only))) {
        try {
          await run();
          outcome.passed.push(name);
        } catch (error) {
          outcome.failed.push({ name, message: String(error) });
        }
      }
      for (const hook of after.toReversed()) await hook();
      return outcome;
    },
  };
}
