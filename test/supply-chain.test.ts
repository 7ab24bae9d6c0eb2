import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bundlePage } from "../scripts/playground-page.mjs";
import { type LockedPackage, lockProblems, packageName, readLockedPackages } from "./support/lock-file.ts";

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");
const packages = readLockedPackages();
const entries = Object.entries(packages);
const inProduction = entries.filter(([, one]) => !one.dev);
const bundled = new Set((await bundlePage()).packages);

/** Everything whose code we hand out or run: installed in production, or bundled into a page. */
const shipped = [...inProduction, ...entries.filter(([path]) => bundled.has(packageName(path)))];

describe("package-lock.json", () => {
  test("was seen", () => {
    expect(entries.length).toBeGreaterThan(300);
    expect(inProduction.length).toBeGreaterThan(100);
    expect(bundled.size).toBeGreaterThan(10);
  });

  test("takes every package from npm's registry, with a checksum, at one version", () => {
    expect(lockProblems(packages)).toEqual([]);
  });

  const sound: LockedPackage = { version: "1.2.3", integrity: `sha512-${"A".repeat(86)}==` };

  test.each<[string, LockedPackage, string]>([
    [
      "another registry",
      { ...sound, resolved: "https://npm.example.org/a/-/a-1.2.3.tgz" },
      "from https://npm",
    ],
    ["a repository", { ...sound, resolved: "git+ssh://git@github.com/a/a.git#0123" }, "from git+ssh"],
    ["the registry without TLS", { ...sound, resolved: "http://registry.npmjs.org/a.tgz" }, "from http:"],
    ["a folder", { ...sound, link: true }, "a link"],
    ["another name", { ...sound, name: "b" }, "an alias of b"],
    ["a range", { ...sound, version: "^1.2.3" }, "version ^1.2.3"],
    ["a wish for an address", { ...sound, dependencies: { b: "github:b/b" } }, "wants b from github:b/b"],
    ["a wish for GitHub's short form", { ...sound, dependencies: { b: "b/b" } }, "wants b from b/b"],
    ["a checksum that can be forged", { ...sound, integrity: "sha1-qUkcPq0Y" }, "checksum sha1-"],
    ["no checksum", { version: "1.2.3" }, "no checksum"],
    [
      "no checksum, though optional",
      { version: "1.2.3", optional: true, os: ["linux"], cpu: ["x64"] },
      "no checksum",
    ],
  ])("is refused for %s", (_name, one, problem) => {
    expect(lockProblems({ "node_modules/a": sound })).toEqual([]);
    const [found, ...more] = lockProblems({ "node_modules/a": one });
    expect(found).toContain(`node_modules/a: ${problem}`);
    expect(more).toEqual([]);
  });

  test("has a checksum for all that the image installs: Linux with glibc on x64 and arm64", () => {
    const fits = (has: string[] | undefined, wanted: string) => !has || has.includes(wanted);
    const installed = inProduction.filter(
      ([, { os, cpu, libc }]) =>
        fits(os, "linux") && fits(libc, "glibc") && (fits(cpu, "x64") || fits(cpu, "arm64")),
    );
    expect(installed.length).toBeGreaterThan(100);
    expect(installed.filter(([, one]) => !one.integrity).map(([path]) => path)).toEqual([]);
  });
});

describe("scripts of packages", () => {
  /** Why it is no harm that they are not run. */
  const known = new Map([
    ["esbuild", "checks its binary; the binary comes as a package of its platform"],
    [
      "msgpackr-extract",
      "looks for a compiled accelerator; msgpackr works without, and it comes as a package too",
    ],
  ]);

  test("at installation are known, and none is run", () => {
    const found = entries.filter(([, one]) => one.hasInstallScript).map(([path]) => packageName(path));
    expect(found.sort()).toEqual([...known.keys()].sort());
    expect(read(".npmrc").split("\n")).toContain("ignore-scripts=true");
    for (const stage of ["build", "dependencies"])
      expect(read("Dockerfile"), stage).toMatch(
        new RegExp(`AS ${stage}\\nWORKDIR /app\\nCOPY [^\\n]*\\.npmrc`),
      );
  });

  test("no script of ours runs by itself when Deskferry is installed", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const byItself = [
      "preinstall",
      "install",
      "postinstall",
      "preprepare",
      "prepare",
      "postprepare",
      "dependencies",
    ];
    expect(byItself.filter((name) => name in scripts)).toEqual([]);
  });

  test("nobody is sent to another registry", () => {
    const lines = read(".npmrc").split("\n");
    expect(lines.filter((line) => /registry|_auth|\/\//.test(line))).toEqual([]);
  });
});

describe("what runs in production", () => {
  /** For all that we hand out: no copyleft, nothing without a licence. */
  const allowed = ["MIT", "Apache-2.0", "BSD-3-Clause", "ISC", "0BSD"];
  /** Used by us only: their code goes nowhere. */
  const allowedForDevelopment = [...allowed, "MIT OR Apache-2.0", "MPL-2.0"];

  test("has licences that let everybody use it", () => {
    const foreign = (list: [string, LockedPackage][], names: string[]) =>
      list
        .filter(([, { license }]) => !names.includes(license ?? ""))
        .map(([path, { license }]) => `${path}: ${license}`);
    expect(foreign(shipped, allowed)).toEqual([]);
    expect(foreign(entries, allowedForDevelopment)).toEqual([]);
  });

  test("stands in docs/dependencies.md by licence, each name as it was reviewed, none that is gone", () => {
    const [, section = ""] = read("docs/dependencies.md").split("## What is shipped");
    const written = new Map<string, string>();
    for (const [, license = "", names = ""] of section.matchAll(/^\*\*([\w.-]+):\*\* ([\s\S]*?)\n\n/gm))
      for (const [, name = ""] of names.matchAll(/`([^`]+)`/g)) written.set(name, license);
    const actual = new Map(shipped.map(([path, { license = "" }]) => [packageName(path), license]));
    const sorted = (map: Map<string, string>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(written)).toEqual(sorted(actual));
  });
});
