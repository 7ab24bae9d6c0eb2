import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { connectors } from "../../connectors/registry.ts";
import { copyStarter } from "../../src/app/starter-mappings.ts";
import { commandLine } from "../support/command-line.ts";

/** Each starts programs, and the machine may be busy. */
vi.setConfig({ testTimeout: 120_000 });

const root = mkdtempSync(join(tmpdir(), "map-new-"));
afterAll(() => rmSync(root, { recursive: true }));

function deskferry(program: readonly string[], cwd: string, ...args: string[]) {
  return spawnSync(process.execPath, [...program, "map", ...args], { cwd, encoding: "utf8" });
}

/** What each file of a folder holds, by its name. */
function contentsOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

// Whether their tests pass is seen in mappings.test.ts.
test("map new writes the starter mapping of each connector, with its tables and labels", async () => {
  const cwd = mkdtempSync(join(root, "c-"));
  for (const connector of Object.keys(connectors)) {
    const written = await copyStarter(connector, join(cwd, connector));
    const starter = contentsOf(join("mappings", connector));
    expect(contentsOf(join(cwd, connector))).toEqual(starter);
    expect([...written].sort(), connector).toEqual([...starter.keys()]);
  }
});

test("map new writes a mapping whose tests pass, and says how to go on", () => {
  const cwd = mkdtempSync(join(root, "t-"));
  const made = deskferry(commandLine, cwd, "new", "mine", "--for", "zammad");
  expect(made.stdout).toMatch(/wrote {2}mappings\/mine\/ticket\.test\.json/);
  expect(made.stdout).toContain("deskferry map test mappings/mine --watch");
  const tested = deskferry(commandLine, cwd, "test");
  expect(tested.stdout).toMatch(/All tests pass/);
  expect(tested.status).toBe(0);
});

test("map new works from the installed package", () => {
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
  expect(deskferry(commandLine, cwd, "new", "mine", "--for", "sandbox").status).toBe(0);
  writeFileSync(join(cwd, "mappings", "mine", "ticket.jsonata"), "mine");
  const again = deskferry(commandLine, cwd, "new", "mine", "--for", "sandbox");
  expect(again.stderr).toMatch(/mappings\/mine is there already/);
  expect(again.status).toBe(2);
  expect(deskferry(commandLine, cwd, "new", "../up", "--for", "sandbox").stderr).toMatch(/is no name/);
  expect(deskferry(commandLine, cwd, "new", "other", "--for", "nothing").stderr).toMatch(
    /Known are: .*request-tracker/,
  );
  expect(readdirSync(join(cwd, "mappings"))).toEqual(["mine"]);
});
