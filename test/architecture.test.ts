import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { findViolations, importsOf, linesOf, roomOf, type SourceFile } from "./support/architecture.ts";
import { budgets, bundledPackages, packageHomes, rooms } from "./support/architecture-rules.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The connector that others start from keeps the rules of connectors, as it will once it is copied. */
const startedFrom = filesBelow("templates/connector/connector").map(({ path, text }) => ({
  path: path.replace("templates/connector/connector/", "connectors/acme/"),
  text,
}));
const files = ["src", "connectors", "scripts", "test", "mappings"].flatMap(filesBelow);
const source = files.filter(({ path }) => /^(src|connectors)\/.*\.ts$/.test(path));

function filesBelow(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(root, path).replaceAll(sep, "/"), text: readFileSync(path, "utf8") }));
}

function foldersOf(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

describe("the repository", () => {
  test("was seen: every room has files, and most files import something", () => {
    const seen = new Set(source.map(({ path }) => roomOf(path)));
    const expected = Object.keys(rooms).filter((room) => room !== "console");
    expect([...expected, "app"].filter((room) => !seen.has(room))).toEqual([]);
    expect(source.length).toBeGreaterThan(100);
    const importing = source.filter(({ text }) => importsOf(text).length > 0);
    expect(importing.length).toBeGreaterThan(source.length * 0.7);
  });

  test("keeps to the rooms, the homes of packages, the names and the lengths", () => {
    expect(findViolations([...files, ...startedFrom])).toEqual([]);
  });

  test("has short files: half of them within the median budget", () => {
    const lengths = source.map(({ text }) => linesOf(text)).sort((a, b) => a - b);
    const median = lengths[Math.floor(lengths.length / 2)] ?? 0;
    console.log(`source files: ${lengths.length}, median ${median} lines, longest ${lengths.at(-1)}`);
    expect(median).toBeLessThanOrEqual(budgets.medianOfSource);
  });

  test("gives every runtime dependency a home, and no home to what is none", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
      devDependencies: Record<string, string>;
    };
    expect(Object.keys(packageHomes).sort()).toEqual(Object.keys(manifest.dependencies).sort());
    expect(Object.keys(bundledPackages).filter((name) => !(name in manifest.devDependencies))).toEqual([]);
  });
});

describe("every connector", () => {
  test.each(foldersOf("connectors"))(
    "%s has its entry, its set-up guide, its test and its line in the registry",
    (name) => {
      const needed = [`connectors/${name}/index.ts`, `connectors/${name}/setup.md`];
      expect(needed.filter((path) => !existsSync(join(root, path)))).toEqual([]);
      const tests = readdirSync(join(root, "test/connectors"));
      expect(tests.some((file) => file.startsWith(name) && file.endsWith(".test.ts"))).toBe(true);
      const registry = readFileSync(join(root, "connectors/registry.ts"), "utf8");
      expect(registry).toContain(`import("./${name}/index.ts")`);
    },
  );

  test("of the registry has its folder", () => {
    const registry = readFileSync(join(root, "connectors/registry.ts"), "utf8");
    const listed = [...registry.matchAll(/import\("\.\/([^/]+)\/index\.ts"\)/g)].map(([, name]) => name);
    expect(listed.sort()).toEqual(foldersOf("connectors").sort());
  });
});

describe("the checker itself", () => {
  const check = (path: string, text: string) => findViolations([{ path, text }]);

  test.each([
    ["src/domain/window.ts", 'import { x } from "../store/links.ts";', "domain may not import store"],
    ["src/inbound/carry.ts", 'import { x } from "../outbound/send.ts";', "inbound may not import outbound"],
    ["src/outbound/plan.ts", 'import { x } from "../sdk/tools.ts";', "types only from sdk"],
    [
      "src/outbound/plan.ts",
      'export const lazy = import("../http/server.ts");',
      "outbound may not import http",
    ],
    ["src/store/links.ts", 'import "../queue/queues.ts";', "store may not import queue"],
    ["src/cellar/wine.ts", 'import type { X } from "../domain/window.ts";', "cellar is not a room"],
    ["src/http/server.ts", 'import axios from "axios";', "package axios belongs to src/sdk/http-client.ts"],
    ["src/http/server.ts", 'import pad from "left-pad";', "package left-pad has no home"],
    ["src/domain/window.ts", 'import fs from "node:fs";', "node:fs is input or output"],
    ["connectors/acme/index.ts", 'import { x } from "../zeta/index.ts";', "may not import its neighbour"],
    [
      "src/channels/cloud-api/send.ts",
      'import { x } from "../acme/send.ts";',
      "may not import its neighbour",
    ],
    ["src/channels/acme/send.ts", 'import { x } from "../meta/index.ts";', "may not import its neighbour"],
    ["src/channels/acme/send.ts", 'import { x } from "../meta/verify.ts";', "may not import its neighbour"],
    [
      "src/channels/cloud-api/send.ts",
      'import { x } from "../meta/verify.ts";',
      "may not import its neighbour",
    ],
    ["connectors/acme/index.ts", 'import { x } from "../../src/sdk/errors.ts";', 'imports "deskferry/sdk"'],
    ["connectors/acme/index.ts", 'import { x } from "../../src/store/links.ts";', "may not import store"],
    ["src/store/links.ts", "const url = process.env.REDIS_URL;", "only src/config/env.ts reads process.env"],
    ["src/store/links.ts", 'export { y } from "./keys.ts";', "re-exports"],
    ["src/store/links.ts", "export default function links() {}", "default export"],
    ["src/domain/window.ts", "const now = Date.now();", "domain has no clock"],
    ["src/store/LinkStore.ts", "", "not kebab-case"],
    ["src/store/utils.ts", "", "says nothing"],
    ["src/common/links.ts", "", "says nothing"],
    ["src/store/index.ts", "", "index.ts is for the sdk"],
    ["src/store/links.ts", "\n".repeat(301), "301 lines, at most 300"],
    ["test/links.test.ts", "\n".repeat(601), "601 lines, at most 600"],
  ])("reports %s with %s", (path, text, reason) => {
    const found = check(path, text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`${path}: `);
    expect(found[0]).toContain(reason);
  });

  test.each([
    ["src/inbound/carry.ts", 'import type { Tools } from "../sdk/tools.ts";'],
    ["src/inbound/carry.ts", 'import { type Tools, type Clock } from "../sdk/tools.ts";'],
    ["src/outbound/send.ts", 'import { PluginError } from "../sdk/errors.ts";'],
    ["src/app.ts", 'import { serve } from "./http/server.ts";'],
    [
      "connectors/acme/index.ts",
      'import { defineConnector } from "deskferry/sdk";\nimport { z } from "zod";',
    ],
    ["src/channels/acme/send.ts", 'import { x } from "../cloud-api/fields.ts";'],
    ["connectors/acme/index.ts", 'import { x } from "./client.ts";\nexport default x;'],
    ["src/store/links.ts", '// import { x } from "../http/server.ts";'],
    ["src/store/links.ts", 'import {\n  a,\n  b,\n} from "../domain/window.ts";'],
  ])("has nothing against %s with %s", (path, text) => {
    expect(check(path, text)).toEqual([]);
  });
});
