import { afterAll, beforeAll, expect, test } from "vitest";
import { createExpressions, type Expressions } from "../../src/mapping/expressions.ts";

let expressions: Expressions;

beforeAll(() => {
  expressions = createExpressions();
});

afterAll(() => expressions.close());

const at = (source: string) => ({ source, place: "operations.createTicket.body" });

test("an expression of the settings makes any value that JSON carries", async () => {
  expect(
    await expressions.evaluate(at(`{"a": ticket.subject, "b": [1, true]}`), { ticket: { subject: "x" } }),
  ).toEqual({
    a: "x",
    b: [1, true],
  });
  expect(await expressions.evaluate(at("missing"), {})).toBeUndefined();
  expect(await expressions.evaluate(at("list"), { list: [] })).toEqual([]);
});

test("an error names the place in the settings, line and column, and quotes nothing", async () => {
  await expect(expressions.compile(at(`{\n  "a": (1`))).rejects.toThrow(
    /^operations\.createTicket\.body:2:\d+: /,
  );
  await expect(expressions.compile(at(`$eval("1")`))).rejects.toMatchObject({ kind: "compile" });
  const failing = expressions.evaluate(at("$sum(secret)"), { secret: "private words" });
  await expect(failing).rejects.toMatchObject({ kind: "evaluate" });
  await expect(failing).rejects.not.toThrow(/private words/);
});

test("P08: an answer that was made to harm is ended, and the next one is answered", async () => {
  const slow = expressions.evaluate(at("( $f := function($n) { $f($n + 1) + $f($n + 2) }; $f(0) )"), {});
  await expect(slow).rejects.toMatchObject({ kind: "limit" });
  const nested = JSON.parse(`${"[".repeat(200_000)}${"]".repeat(200_000)}`);
  await expect(expressions.evaluate(at("$string($)"), nested)).rejects.toMatchObject({ kind: "evaluate" });
  expect(await expressions.evaluate(at("1 + 1"), {})).toBe(2);
});

test("P17: a page of long texts is more than a mapping may make, and comes whole", async () => {
  const body = "Ω".repeat(65_000);
  const page = { changes: Array.from({ length: 20 }, () => ({ body })) };
  expect(await expressions.evaluate(at("changes.body"), page)).toEqual(page.changes.map(() => body));
});
