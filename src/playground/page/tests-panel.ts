import type { KindStart, TestRun } from "../protocol.ts";
import { byId, count, el } from "./dom.ts";
import { calls } from "./server-calls.ts";
import type { Tell } from "./telling.ts";
import type { Workbench } from "./workbench.ts";

interface TestsOptions extends Tell, Pick<Workbench, "kind" | "request"> {
  /** Files with changes that the tests on disk do not see. */
  unsaved(): string[];
  /** A case was added to the kind that is shown. */
  onCases(): void;
}

/** Keeps what the editors hold as a test case, and runs the tests of the folder. */
export function createTests({ kind, request, unsaved, onCases, say, act }: TestsOptions): void {
  const name = byId("case-name", HTMLInputElement);

  async function keepCase(one: KindStart): Promise<void> {
    const question = request();
    if (!question) return;
    const added = await calls.keepCase({ ...question, name: name.value });
    one.cases = added.cases;
    onCases();
    name.value = "";
    const expects = added.outcome === "error" ? "this error" : "this record";
    const note = unsaved().includes(one.file) ? `; ${one.file} has changes that are not saved` : "";
    say(`${added.file} has a new case that expects ${expects}${note}`, "good");
  }

  async function runTests(): Promise<void> {
    say("the tests are running", "good");
    const run = await calls.runTests();
    const summary = drawTests(run);
    const note = unsaved().length > 0 ? `; without what is not saved in ${unsaved().join(", ")}` : "";
    const isGood = run.results.every(({ failure }) => failure === undefined);
    say(`${summary}${note}`, isGood ? "good" : "bad");
  }

  byId("keep", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    act(() => keepCase(kind()));
  });
  byId("run", HTMLButtonElement).addEventListener("click", () => act(runTests));
}

/** What failed with its reason first, what passed below, folded. Gives the summary. */
function drawTests({ results }: TestRun): string {
  const failed = results.filter(({ failure }) => failure !== undefined);
  const passed = results.filter(({ failure }) => failure === undefined);
  const summary =
    failed.length === 0
      ? `${count(passed.length, "test")}, all pass`
      : `${failed.length} of ${count(results.length, "test")} failed`;
  const list = byId("results", HTMLDivElement);
  const verdict = el("p", { class: "verdict", "data-state": failed.length === 0 ? "good" : "bad" }, summary);
  const faults = failed.map(({ file, name, failure = "" }) =>
    el(
      "div",
      { class: "failed" },
      el("h3", { dir: "auto" }, `${file}: ${name}`),
      el("pre", { dir: "auto" }, failure),
    ),
  );
  list.replaceChildren(verdict, ...faults, ...(passed.length === 0 ? [] : [drawPassed(passed)]));
  return summary;
}

function drawPassed(passed: TestRun["results"]): HTMLElement {
  const files = [...new Set(passed.map(({ file }) => file))];
  const lists = files.map((file) => {
    const names = passed
      .filter((one) => one.file === file)
      .map(({ name }) => el("li", { dir: "auto" }, name));
    return el("div", {}, el("h3", {}, `${file} (${names.length})`), el("ul", {}, ...names));
  });
  return el(
    "details",
    {},
    el("summary", {}, `${passed.length} passed`),
    el("div", { class: "passed" }, ...lists),
  );
}
