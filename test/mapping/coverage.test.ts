import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createCoverage } from "../../src/mapping/coverage.ts";
import { compile } from "../../src/mapping/evaluate.ts";
import { instrument } from "../../src/mapping/instrument.ts";
import { createMapper } from "../../src/mapping/mapper.ts";

const root = mkdtempSync(join(tmpdir(), "coverage-"));
afterAll(() => rmSync(root, { recursive: true }));

/** Branches that none of the inputs takes, as `offset what`. */
async function untaken(source: string, ...inputs: unknown[]): Promise<string[]> {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(compiled.failure.reason);
  const { expression } = compiled.program;
  const take = instrument(expression.ast(), source);
  const left = new Set<string>();
  const taken = new Set<string>();
  for (const input of inputs) {
    await expression.evaluate(input);
    for (const { position, what, taken: isTaken } of take().branches) {
      (isTaken ? taken : left).add(`${position} ${what}`);
    }
  }
  return [...left].filter((branch) => !taken.has(branch)).sort();
}

test.each([
  ["a ? 1 : 2", [{ a: true }], ["2 else"]],
  ["a ? 1 : 2", [{ a: true }, { a: false }], []],
  ["a ? 1", [{ a: true }], ["2 else"]],
  ["a ? b ? 1 : 2 : 3", [{ a: true, b: true }], ["2 else", "6 else"]],
  ["a ?: 2", [{ a: 1 }], ["2 default"]],
  ["a ?? 2", [{}], ["2 value"]],
  ["a and b", [{ a: false }], ["2 right side"]],
  ["a or b", [{ a: true, b: true }], ["2 right side"]],
  ["a or b", [{ a: false, b: true }], []],
  [
    "($f := function($x) { $x ? 1 : 2 }; a ? $f(a) : 0)",
    [{}],
    ["26 then", "26 else", "53 then", "15 function"],
  ],
  ["$map([1, 2], function($x) { $string($x) })", [{}], []],
  ["[1, 2][$ > 1 and $ < 9]", [{}], []],
])("branches of %s with %j: not taken are %j", async (source, inputs, expected) => {
  const positions = (list: string[]) => list.map((item) => item.replace(/^\d+/, "").trim()).sort();
  const left = await untaken(source, ...inputs);
  if (source.includes("function")) expect(positions(left)).toEqual(positions(expected));
  else expect(left).toEqual([...expected].sort());
});

test("instrumented, a file makes what it makes without", async () => {
  const source = `($f := function($n) { $n > 200 ? $n : $f($n + 1) }; {"a": $f(0), "b": x ?? "d", "c": [y ? $z := 1]})`;
  const plain = compile(source);
  const watched = compile(source);
  if (!plain.ok || !watched.ok) throw new Error("does not compile");
  instrument(watched.program.expression.ast(), source);
  for (const input of [{}, { x: 1, y: true }]) {
    expect(await watched.program.expression.evaluate(input)).toEqual(
      await plain.program.expression.evaluate(input),
    );
  }
});

test("a report names file, line and column, and the types of message that no case brought", async () => {
  const folder = mkdtempSync(join(root, "m-"));
  writeFileSync(join(folder, "contact.jsonata"), `{"name": person.name}`);
  writeFileSync(join(folder, "ticket.jsonata"), `{\n  "subject":\n    message.text ? message.text : "–"\n}`);
  writeFileSync(join(folder, "comment.jsonata"), `{"body": "x"}`);
  const coverage = createCoverage();
  const mapper = createMapper({ children: 1, coverage });
  try {
    await mapper.load(folder);
    await mapper.map(folder, "contact", { person: { name: "A" } });
    await mapper.map(folder, "ticket", { message: { type: "text", text: "a" } });
  } finally {
    await mapper.close();
  }
  const { branches, taken, gaps } = coverage.report();
  expect({ branches, taken }).toEqual({ branches: 2, taken: 1 });
  expect(gaps).toEqual([
    { place: join(folder, "ticket.jsonata:3:18"), what: "the condition is never false" },
    {
      place: join(folder, "ticket.jsonata"),
      what: expect.stringMatching(/type image, video, .*unsupported$/),
    },
  ]);
  // A reaction opens no ticket, so that this file never sees one.
  expect(gaps[1]?.what).not.toContain("reaction");
});

test("branches are told of evaluations that end in an error, too", async () => {
  const coverage = createCoverage();
  const mapper = createMapper({ children: 1, coverage });
  try {
    const failing = mapper.mapSource("contact.jsonata", `{"name": a ? $number("x") : "n"}`, { a: true });
    await expect(failing).rejects.toThrow(/cast/);
  } finally {
    await mapper.close();
  }
  expect(coverage.report().gaps.map(({ what }) => what)).toEqual(["the condition is never false"]);
});
