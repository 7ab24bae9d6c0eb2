import junit, { type Builder } from "junit-report-builder";
import type { MappingTestResult } from "./test-runner.ts";

// The package says that it has a default export, but is the builder itself.
const root = junit as unknown as Builder;

/** What XML 1.0 cannot hold, not even escaped. */
const UNHOLDABLE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** The results as JUnit XML, which CI systems show: a suite for each test file. */
export function junitReport(results: MappingTestResult[]): string {
  const report = root.newBuilder();
  for (const file of new Set(results.map((result) => result.file))) {
    const suite = report.testSuite().name(file);
    for (const { name, failure } of results.filter((result) => result.file === file)) {
      const test = suite.testCase().className(file).name(holdable(name)).file(file);
      if (failure === undefined) continue;
      const text = holdable(failure);
      test.failure(text.split("\n")[0] ?? "").stacktrace(text);
    }
  }
  return report.build();
}

function holdable(text: string): string {
  return text.replace(UNHOLDABLE, "\u{FFFD}");
}
