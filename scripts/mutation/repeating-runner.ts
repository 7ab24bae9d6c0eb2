import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { type RunnerTestCase, type RunnerTestFile, type SerializedConfig, TestRunner } from "vitest";
import type { Job, Message } from "./job.ts";

/** What Stryker's instrumented code reads and counts. */
interface Switch {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number;
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
}

const board = globalThis as unknown as { __stryker__: Switch };
board.__stryker__ ??= {};
const mutants = board.__stryker__;

interface Modules {
  idToModuleMap: Map<
    string,
    { promise: unknown; exports: unknown; evaluated: boolean; importers: Set<string> }
  >;
}
type StartTests = (paths: string[], runner: object) => Promise<RunnerTestFile[]>;

// Vitest's own copy: another one would not know its tests.
const near = createRequire(createRequire(import.meta.url).resolve("vitest/package.json"));
const { startTests } = (await import(pathToFileURL(near.resolve("@vitest/runner")).href)) as {
  startTests: StartTests;
};

function tell(message: Message): void {
  appendFileSync(process.env["MUTATION_OUT"] ?? "", `${JSON.stringify(message)}\n`);
}

/** A mutant may make a loop longer, but this much longer only one without an end. */
const HITS = 200;

/**
 * Runs a test file as it is, and then again for each mutant that it reaches, in one process: to start a process and load
 * the libraries takes longer than most tests. Our own modules are loaded anew each time.
 */
export default class RepeatingRunner extends TestRunner {
  private readonly job = JSON.parse(readFileSync(process.env["MUTATION_JOB"] ?? "", "utf8")) as Job;

  constructor(config: SerializedConfig) {
    super(config);
    mutants.mutantCoverage = { static: {}, perTest: {} };
  }

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    await super.onBeforeRunTask(test);
    mutants.currentTestId = test.id;
  }

  override onAfterRunTask(test: RunnerTestCase): void {
    super.onAfterRunTask(test);
    mutants.currentTestId = undefined;
  }

  override async onAfterRunFiles(files?: RunnerTestFile[]): Promise<void> {
    await super.onAfterRunFiles();
    const [file] = files ?? [];
    if (!file) return;
    const failed = failureIn(file);
    const coverage = mutants.mutantCoverage ?? { static: {}, perTest: {} };
    const covered = new Set([coverage.static, ...Object.values(coverage.perTest)].flatMap(Object.keys));
    tell({ kind: "plain", passed: failed === undefined, by: failed ?? "", covered: [...covered] });
    if (failed !== undefined) return;
    for (const id of this.job.switched.filter((one) => covered.has(one))) {
      const hits = Object.values(coverage.perTest).map((one) => one[id] ?? 0);
      const isStatic = (coverage.static[id] ?? 0) > 0;
      const tests = Object.keys(coverage.perTest).filter((test) => isStatic || coverage.perTest[test]?.[id]);
      mutants.hitCount = 0;
      mutants.hitLimit = HITS * (1 + (coverage.static[id] ?? 0) + hits.reduce((sum, one) => sum + one, 0));
      mutants.activeMutant = id;
      process.env["__STRYKER_ACTIVE_MUTANT__"] = id;
      await this.tryOne(id, file, isStatic ? undefined : new Set(tests));
    }
    // Nothing: no mutant has this name, and undefined would have the sources ask the environment.
    mutants.activeMutant = "none";
    delete process.env["__STRYKER_ACTIVE_MUTANT__"];
    for (const { id, path, text } of this.job.written) {
      const original = readFileSync(path, "utf8");
      writeFileSync(path, text);
      try {
        await this.tryOne(id, file, undefined);
      } finally {
        writeFileSync(path, original);
      }
    }
  }

  private async tryOne(
    id: string,
    file: RunnerTestFile,
    tests: ReadonlySet<string> | undefined,
  ): Promise<void> {
    tell({ kind: "begun", id });
    forget((this as unknown as { workerState: { evaluatedModules: Modules } }).workerState.evaluatedModules);
    const inner = repeated(this, tests);
    const [again] = await startTests([file.filepath], inner);
    tell({ kind: "tried", id, killedBy: again ? failureIn(again) : "loading the file" });
  }
}

/** As vitest does between two test files. Libraries stay. */
function forget({ idToModuleMap }: Modules): void {
  for (const [path, node] of idToModuleMap) {
    if (/\/vitest\/dist\/|@vitest\/|vitest-virtual/.test(path) || path.includes("repeating-runner")) continue;
    node.promise = undefined;
    node.exports = undefined;
    node.evaluated = false;
    node.importers.clear();
  }
}

/** The same runner, which tells nobody, runs only some tests, and ends with the first that fails. */
function repeated(runner: RepeatingRunner, tests: ReadonlySet<string> | undefined): object {
  let hasFailed = false;
  return Object.assign(Object.create(runner) as object, {
    importFile: (path: string, source: "collect" | "setup") =>
      source === "setup" ? undefined : TestRunner.prototype.importFile.call(runner, path, source),
    onCollected: () => undefined,
    onCollectStart: (file: RunnerTestFile) => TestRunner.prototype.onCollectStart.call(runner, file),
    onTaskUpdate: async () => undefined,
    onTestAnnotate: async (_: unknown, annotation: unknown) => annotation,
    onTestArtifactRecord: async (_: unknown, artifact: unknown) => artifact,
    onAfterRunFiles: () => undefined,
    onAfterRunSuite: () => undefined,
    onBeforeRunTask: async (test: RunnerTestCase) => {
      if (hasFailed || (tests && !tests.has(test.id))) test.mode = "skip";
      await TestRunner.prototype.onBeforeRunTask.call(runner, test);
    },
    onAfterRunTask: (test: RunnerTestCase) => {
      if (test.result?.state === "fail") hasFailed = true;
      TestRunner.prototype.onAfterRunTask.call(runner, test);
    },
  });
}

/** The first test that failed, or what else did. */
function failureIn(file: RunnerTestFile): string | undefined {
  const failed = (tasks: RunnerTestFile["tasks"], names: string): string | undefined => {
    for (const task of tasks) {
      const name = `${names}${task.name}`;
      const below = task.type === "suite" ? failed(task.tasks, `${name} > `) : undefined;
      if (below !== undefined) return below;
      if (task.result?.state === "fail") return name;
    }
    return undefined;
  };
  return failed(file.tasks, "") ?? (file.result?.state === "fail" ? "loading the file" : undefined);
}
