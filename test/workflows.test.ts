import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (name: string) => readFileSync(join(root, name), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Job {
  "runs-on": string;
  "timeout-minutes"?: number;
  environment?: string;
  needs?: string;
  permissions?: Record<string, string>;
  steps: Step[];
}

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const files = readdirSync(join(root, ".github/workflows"));
const workflows = files.map((file) => [file, parse(read(`.github/workflows/${file}`)) as Workflow] as const);
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);
const runs = (workflow: Workflow) => stepsOf(workflow).flatMap(({ run }) => (run === undefined ? [] : [run]));

test("there are workflows for checks, audit and releases", () => {
  expect(files.sort()).toEqual(["audit.yml", "ci.yml", "release.yml"]);
});

describe.each(workflows)("the workflow %s", (file, workflow) => {
  test("runs only scripts and tests that exist", () => {
    const text = runs(workflow).join("\n");
    const named = [...text.matchAll(/npm run (?:-s |--silent )?([\w:-]+)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    const paths = [...text.matchAll(/(?:^|[\s"'])((?:test|scripts|src|\.ci)\/[\w./-]+)/g)].map(
      ([, path = ""]) => path,
    );
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    if (text.includes(".ci/run")) accessSync(join(root, ".ci/run"), constants.X_OK);
    expect(runs(workflow).length).toBeGreaterThan(0);
  });

  test("pins each action to a commit, with its version beside it", () => {
    const used = stepsOf(workflow).flatMap(({ uses }) => (uses === undefined ? [] : [uses]));
    expect(used.length).toBeGreaterThan(0);
    for (const one of used) expect(one).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/);
    const lines = read(`.github/workflows/${file}`)
      .split("\n")
      .filter((line) => line.includes("uses:"));
    for (const line of lines) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    expect(read(`.github/workflows/${file}`)).toContain("not run so far");
  });

  test("may read only, unless a job that people approve says more", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    for (const [name, job] of Object.entries(workflow.jobs)) {
      const writes = Object.values(job.permissions ?? {}).includes("write");
      expect([name, job.environment], name).toEqual([name, writes ? "release" : undefined]);
      expect(job["timeout-minutes"], name).toBeLessThanOrEqual(45);
    }
  });

  test("lets nobody's text into a command, and keeps no credentials in the checkout", () => {
    expect(Object.keys(workflow.on)).not.toContain("pull_request_target");
    expect(Object.keys(workflow.on)).not.toContain("workflow_run");
    expect(runs(workflow).filter((run) => run.includes("${{"))).toEqual([]);
    const checkouts = stepsOf(workflow).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts.filter((step) => step.with?.["persist-credentials"] !== false)).toEqual([]);
  });
});

describe("a release", () => {
  const [, release] = workflows.find(([file]) => file === "release.yml") ?? [];
  const text = release ? runs(release).join("\n") : "";

  test("is checked as a whole first, and needs no stored token", () => {
    expect(release?.jobs["check"]?.steps.map(({ run }) => run)).toContain(".ci/run");
    expect([release?.jobs["package"]?.needs, release?.jobs["image"]?.needs]).toEqual(["check", "package"]);
    expect(read(".github/workflows/release.yml")).not.toContain("secrets.");
  });

  test("publishes the very file that it attested, with its bill of materials", () => {
    const order = [
      "npm ci --ignore-scripts",
      "npm run build",
      "npm pack",
      "npm run -s sbom",
      "sha512sum",
      "npm publish",
    ];
    const places = order.map((command) => text.indexOf(command));
    expect(places.filter((place) => place < 0)).toEqual([]);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    expect(text).toMatch(/npm publish \.\/deskferry-\*\.tgz --provenance/);
    const attested = stepsOf(release as Workflow).filter(({ uses }) =>
      uses?.includes("attest-build-provenance"),
    );
    expect(attested.map((step) => Object.keys(step.with ?? {})[0])).toEqual([
      "subject-checksums",
      "subject-name",
    ]);
  });
});
