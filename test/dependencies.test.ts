import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

interface LockedPackage {
  version: string;
  integrity?: string;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
}

const manifest = JSON.parse(read("package.json")) as Manifest;
const declared = { ...manifest.dependencies, ...manifest.devDependencies };
const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, LockedPackage> };

test("every dependency has its line with a reason in docs/dependencies.md, and none is explained that is gone", () => {
  const page = read("docs/dependencies.md").split("## What we would take")[0] ?? "";
  const explained = [...page.matchAll(/^\| `([^`]+)` \| \S.{10,}\|$/gm)].map(([, name]) => name);
  expect(explained.sort()).toEqual(Object.keys(declared).sort());
});

test("every dependency is pinned to one version, and the lock file agrees", () => {
  for (const [name, version] of Object.entries(declared)) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    expect(packages[`node_modules/${name}`]?.version, name).toBe(version);
  }
});

test("the lock file names the packages of every platform, else npm ci refuses to start", () => {
  // npm leaves out optional packages that its registry does not offer at the moment (github.com/npm/cli/issues/4828).
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});

test("whatever is required has a checksum in the lock file", () => {
  const entries = Object.entries(packages).filter(([path]) => path !== "");
  expect(entries.filter(([, one]) => !one.optional && !one.integrity).map(([path]) => path)).toEqual([]);
});

test("jsonata is not below the version that cannot be broken out of", () => {
  const [major = 0, minor = 0, patch = 0] = (declared["jsonata"] ?? "").split(".").map(Number);
  expect(major * 10_000 + minor * 100 + patch).toBeGreaterThanOrEqual(20_202);
});
