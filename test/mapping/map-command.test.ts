import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "map-command-"));

afterAll(() => rmSync(root, { recursive: true }));

function deskferry(args: string[], stdin = ""): { status: number | null; stdout: string; stderr: string } {
  const flags = ["--conditions=source", "--import", "tsx", "src/main.ts"];
  return spawnSync(process.execPath, [...flags, ...args], { input: stdin, encoding: "utf8" });
}

test("map test runs the starter mappings by default and exits 0", () => {
  const { status, stdout } = deskferry(["map", "test"]);
  expect(stdout).toMatch(/ok {4}mappings\/request-tracker\/comment\.test\.json: text/);
  expect(stdout).toMatch(/All tests pass/);
  expect(status).toBe(0);
});

test("map test exits 1 when a test fails and shows what was expected", () => {
  for (const kind of ["contact", "ticket", "comment"]) {
    writeFileSync(join(root, `${kind}.jsonata`), `{"name": "x"}`);
    const tests = [{ name: "n", input: {}, expected: { name: "y" } }];
    writeFileSync(join(root, `${kind}.test.json`), JSON.stringify(tests));
  }
  const { status, stdout } = deskferry(["map", "test", root]);
  expect(stdout).toMatch(/FAIL {2}.*contact\.test\.json: n\n\s+expected/);
  expect(stdout).toMatch(/3 failed/);
  expect(status).toBe(1);
});

test("map run prints the record, from an argument or from standard input", () => {
  const input = JSON.stringify({ person: { name: "Amina" } });
  const file = "mappings/sandbox/contact.jsonata";
  expect(JSON.parse(deskferry(["map", "run", file, "--input", input]).stdout)).toEqual({ name: "Amina" });
  expect(JSON.parse(deskferry(["map", "run", file, "--input", "-"], input).stdout)).toEqual({
    name: "Amina",
  });
});

test("map run shows line, reason and JSONata's own words to the author", () => {
  const file = join(root, "comment.jsonata");
  writeFileSync(file, `{\n"body": $number(message.text)}`);
  const result = deskferry(["map", "run", file, "--input", `{"message": {"text": "seven"}}`]);
  expect(result.stderr).toMatch(/comment\.jsonata:2:\d+: Unable to cast value to a number: … .*\n.*"seven"/);
  expect(result.status).toBe(1);
});

test("map run names what is wrong with its arguments", () => {
  expect(deskferry(["map", "run", join(root, "odd.jsonata"), "--input", "{}"]).stderr).toMatch(
    /Call it contact, ticket/,
  );
  const result = deskferry(["map", "run", "mappings/sandbox/contact.jsonata", "--input", "{"]);
  expect(result.stderr).toMatch(/--input cannot be read/);
  expect(result.status).toBe(2);
});
