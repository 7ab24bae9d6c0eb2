import { describe, expect, test } from "vitest";
import type { MappingKind } from "../../src/domain/records.ts";
import { createComparison, type KindChanges } from "../../src/mapping/compare.ts";
import { differencesBetween, showDifferences } from "../../src/mapping/difference.ts";
import { MappingError } from "../../src/mapping/errors.ts";
import type { Mapper } from "../../src/mapping/mapper.ts";

interface Pair {
  old: unknown;
  now: unknown;
}

/** A mapper whose two folders make what each input says. */
const mapper = {
  map: async (folder: string, kind: MappingKind, input: unknown) => {
    const made = (input as { pair: Pair }).pair[folder as keyof Pair];
    if (made instanceof Error) throw made;
    return { record: kind === "route" ? { saw: input } : made, version: "1" };
  },
} as unknown as Pick<Mapper, "map">;

async function changes(...events: [MappingKind, unknown, unknown][]): Promise<KindChanges[]> {
  const comparison = createComparison(mapper, { old: "old", new: "now" });
  for (const [kind, old, now] of events) await comparison.add({ kind, input: { pair: { old, now } } });
  return comparison.result();
}

test("kinds come in their order, with how many events changed", async () => {
  const result = await changes(
    ["comment", { body: "a" }, { body: "a" }],
    ["contact", { name: "a" }, { name: "b" }],
    ["contact", { name: "a" }, { name: "a" }],
  );
  expect(result).toEqual([
    {
      kind: "contact",
      events: 2,
      changed: 1,
      fields: [
        {
          field: "name",
          events: 1,
          transitions: [{ from: "a", to: "b", events: 1 }],
          examples: [{ input: expect.objectContaining({ pair: expect.anything() }), from: "a", to: "b" }],
        },
      ],
    },
    { kind: "comment", events: 1, changed: 0, fields: [] },
  ]);
});

test("the field of most events and its most frequent change stand first, with three examples at most", async () => {
  const once = ["ticket", { a: 1, b: "x" }, { a: 2, b: "y" }] as const;
  const often = ["ticket", { b: "x" }, { b: "z" }] as const;
  const [ticket] = await changes([...once], [...often], [...often], [...often]);
  expect(ticket?.fields.map(({ field, events }) => [field, events])).toEqual([
    ["b", 4],
    ["a", 1],
  ]);
  expect(ticket?.fields[0]?.transitions).toEqual([
    { from: "x", to: "z", events: 3 },
    { from: "x", to: "y", events: 1 },
  ]);
  expect(ticket?.fields[0]?.examples.map(({ to }) => to)).toEqual(["y", "z", "z"]);
});

test("changes that end alike or begin alike are told apart", async () => {
  const [ticket] = await changes(
    ["ticket", { a: "1" }, { a: "3" }],
    ["ticket", { a: "2" }, { a: "3" }],
    ["ticket", { a: "1" }, { a: "4" }],
  );
  expect(ticket?.fields[0]?.transitions).toHaveLength(3);
});

test("a field is told from nothing, lists by their items, a whole record by its name", async () => {
  const [comment, confirmation] = await changes(
    ["comment", { list: [{ a: 1 }] }, { list: [{ a: 1 }, { a: [true] }] }],
    ["confirmation", null, { text: "a" }],
  );
  expect(comment?.fields).toMatchObject([
    { field: "list[].a[]", transitions: [{ from: "nothing", to: "true" }] },
  ]);
  expect(confirmation?.fields.map(({ field, transitions }) => [field, transitions[0]])).toEqual([
    ["the record", { from: "null", to: "nothing", events: 1 }],
    ["text", { from: "nothing", to: "a", events: 1 }],
  ]);
});

test("the eleventh item of a list is an item like the first", async () => {
  const list = Array.from({ length: 11 }, () => "a");
  const [ticket] = await changes(["ticket", { list }, { list: [...list.slice(1), "b"] }]);
  expect(ticket?.fields.map(({ field }) => field)).toEqual(["list[]"]);
});

test("a mapping that fails has its words without their place; an error of ours ends the comparison", async () => {
  const fails = new MappingError({ kind: "evaluate", file: "m/ticket.jsonata", reason: "no: mend it" });
  const [ticket] = await changes(["ticket", { subject: "a" }, fails]);
  expect(ticket?.fields.find(({ field }) => field === "error")?.transitions).toEqual([
    { from: "nothing", to: "no: mend it", events: 1 },
  ]);
  await expect(changes(["ticket", new Error("ours"), {}])).rejects.toThrow("ours");
});

test("a route sees the ticket of its folder, no other kind does", async () => {
  const [route] = await changes(["route", { subject: "a" }, { subject: "b" }]);
  expect(route?.fields.map(({ field }) => field)).toEqual(["saw.ticket.subject"]);
});

describe("differences", () => {
  test("name each value that is not the same, and are without what is not there", () => {
    expect(
      differencesBetween(
        { a: 1, b: [1, { c: 2 }], d: {}, e: [] },
        { a: 1, b: [1, { c: 3 }, 4], d: [], f: null },
      ),
    ).toEqual([
      { path: "b[1].c", expected: 2, got: 3 },
      { path: "d", expected: {}, got: [] },
      { path: "e", expected: [] },
      { path: "b[2]", got: 4 },
      { path: "f", got: null },
    ]);
    expect(differencesBetween("a", "b")).toEqual([{ path: "", expected: "a", got: "b" }]);
  });

  test("tell what is undefined from what is not there", () => {
    expect(differencesBetween({ a: undefined }, {})).toEqual([
      { path: "a", expected: undefined },
      { path: "", got: {} },
    ]);
  });

  const long = `${"a".repeat(29)} b`;
  test.each([
    ["longer than thirty characters", long, "x", true],
    ["of thirty", long.slice(0, 30), "x", false],
    ["that became a number", long, 7, false],
    ["that was a number", 7, long, false],
  ])("show a text %s word by word, or not", (_what, expected, got, isShown) => {
    expect(showDifferences([{ path: "a", expected, got }]).includes("words")).toBe(isShown);
  });

  test("show words in full, with line ends written out, and in colours", () => {
    const difference = {
      path: "body",
      expected: "the water pump\nof the school is",
      got: "the water pump\nof a school is so",
    };
    expect(showDifferences([difference]).split("\n")).toEqual([
      "body",
      '  expected "the water pump\\nof the school is"',
      '  got      "the water pump\\nof a school is so"',
      "  words    the water pump\\nof [-the-]{+a+} school is{+ so+}",
    ]);
    expect(showDifferences([difference], true)).toContain(
      "of \u001b[31mthe\u001b[39m\u001b[32ma\u001b[39m school is\u001b[32m so\u001b[39m",
    );
  });
});
