import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { connectors } from "../../connectors/registry.ts";
import { ensureBuilt } from "../../scripts/ensure-built.ts";

/** Each starts programs, and the machine may be busy. */
vi.setConfig({ testTimeout: 120_000 });

const root = mkdtempSync(join(tmpdir(), "map-new-"));
afterAll(() => rmSync(root, { recursive: true }));

const checkout = [
  "--conditions=source",
  "--import",
  resolve("node_modules/tsx/dist/loader.mjs"),
  resolve("src/main.ts"),
];

function deskferry(program: string[], cwd: string, ...args: string[]) {
  return spawnSync(process.execPath, [...program, "map", ...args], { cwd, encoding: "utf8" });
}

test.each(Object.keys(connectors))("map new --for %s writes a mapping whose tests pass", (connector) => {
  const cwd = mkdtempSync(join(root, "c-"));
  const made = deskferry(checkout, cwd, "new", "mine", "--for", connector);
  expect(made.stdout).toMatch(/wrote {2}mappings\/mine\/ticket\.test\.json/);
  expect(made.stdout).toContain("deskferry map test mappings/mine --watch");
  // Tables and labels too, whichever the connector's has.
  const filesIn = (folder: string) => readdirSync(folder, { recursive: true }).sort();
  expect(filesIn(join(cwd, "mappings", "mine"))).toEqual(filesIn(join("mappings", connector)));
  const tested = deskferry(checkout, cwd, "test");
  expect(tested.stdout).toMatch(/All tests pass/);
  expect(tested.status).toBe(0);
});

test("map new works from the installed package", () => {
  ensureBuilt();
  const installed = mkdtempSync(join(root, "i-"));
  for (const part of ["dist", "mappings", "package.json"])
    cpSync(part, join(installed, part), { recursive: true });
  symlinkSync(resolve("node_modules"), join(installed, "node_modules"));
  const cwd = mkdtempSync(join(root, "w-"));
  const program = [join(installed, "dist", "src", "main.js")];
  const made = deskferry(program, cwd, "new", "mine", "--for", "sandbox");
  expect(made.stderr).toBe("");
  expect(existsSync(join(cwd, "mappings", "mine", "contact.jsonata"))).toBe(true);
});

test("map new never overwrites, and names what is wrong with its arguments", () => {
  const cwd = mkdtempSync(join(root, "r-"));
  expect(deskferry(checkout, cwd, "new", "mine", "--for", "sandbox").status).toBe(0);
  writeFileSync(join(cwd, "mappings", "mine", "ticket.jsonata"), "mine");
  const again = deskferry(checkout, cwd, "new", "mine", "--for", "sandbox");
  expect(again.stderr).toMatch(/mappings\/mine is there already/);
  expect(again.status).toBe(2);
  expect(deskferry(checkout, cwd, "new", "../up", "--for", "sandbox").stderr).toMatch(/is no name/);
  expect(deskferry(checkout, cwd, "new", "other", "--for", "nothing").stderr).toMatch(
    /Known are: .*request-tracker/,
  );
  expect(readdirSync(join(cwd, "mappings"))).toEqual(["mine"]);
});
