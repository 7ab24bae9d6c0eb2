import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { declaredTemplates } from "../../src/mapping/declared-templates.ts";

const root = mkdtempSync(join(tmpdir(), "declared-"));
afterAll(() => rmSync(root, { recursive: true }));

function folderOf(files: Record<string, unknown>): string {
  const folder = mkdtempSync(join(root, "f-"));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

const expecting = (name: string, expected: unknown) => ({ name, input: {}, expected });
const solved = (body: unknown, more = {}) => ({
  template: { name: "solved", language: "en", body, ...more },
});

test.each(["sandbox", "request-tracker", "redmine", "znuny"])(
  "P14: the starter mapping %s declares two templates",
  async (name) => {
    const folder = fileURLToPath(new URL(`../../mappings/${name}`, import.meta.url));
    const { confirmations, unread } = await declaredTemplates(folder);
    expect(unread).toBeUndefined();
    expect(confirmations.flat().map(({ name, language, body }) => [name, language, body?.length])).toEqual([
      ["ticket_solved", "en", 2],
      ["ticket_waiting", "en", 2],
    ]);
  },
);

test("P14: one of each shape is told; texts, nothing and expected errors are not templates", async () => {
  const folder = folderOf({
    "confirmation.jsonata": "null",
    "confirmation.test.json": [
      expecting("nothing", null),
      expecting("a text", { text: "Hello" }),
      { name: "an error", input: {}, expectedError: "no" },
      expecting("two", solved(["a", "b"])),
      expecting("two others", solved(["c", "d"])),
      expecting("three", solved(["a", "b", "c"])),
      expecting("named", solved({ a: "1" })),
      expecting("with a header", solved(["a", "b"], { header: "h" })),
      expecting("in Spanish", { template: { name: "solved", language: "es", body: ["a", "b"] } }),
    ],
  });
  const { confirmations } = await declaredTemplates(folder);
  expect(confirmations).toEqual([
    [{ name: "solved", language: "en", body: ["a", "b"] }],
    [{ name: "solved", language: "en", body: ["a", "b", "c"] }],
    [{ name: "solved", language: "en", body: { a: "1" } }],
    [{ name: "solved", language: "en", body: ["a", "b"], header: "h" }],
    [{ name: "solved", language: "es", body: ["a", "b"] }],
  ]);
});

test("P14: fallbacks stand with the template that they stand in for; those without templates declare none", async () => {
  const short = { template: { name: "solved_short", language: "en" } };
  const folder = folderOf({
    "confirmation.jsonata": "null",
    "confirmation.test.json": [
      expecting("a template", { ...solved(["a"]), fallback: [{ text: "Hello" }, short] }),
      expecting("a text", { text: "Hello", fallback: short }),
      expecting("a reaction", { reaction: "✅", fallback: { text: "Solved" } }),
    ],
  });
  const { confirmations } = await declaredTemplates(folder);
  expect(confirmations.map((templates) => templates.map(({ name }) => name))).toEqual([
    ["solved", "solved_short"],
    ["solved_short"],
  ]);
});

test("a folder without a confirmation sends no template, and needs no tests for it", async () => {
  expect(await declaredTemplates(folderOf({}))).toEqual({ confirmations: [] });
});

test.each([
  [{}, /confirmation\.test\.json: there is no such file\. Add one/],
  [{ "confirmation.test.json": "[{" }, /confirmation\.test\.json: is not valid JSON/],
])("a confirmation whose tests cannot be read says why", async (files, reason) => {
  const { confirmations, unread } = await declaredTemplates(
    folderOf({ "confirmation.jsonata": "null", ...files }),
  );
  expect(confirmations).toEqual([]);
  expect(unread).toMatch(reason);
});
