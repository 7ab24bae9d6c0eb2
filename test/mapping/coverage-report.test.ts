import { describe, expect, test } from "vitest";
import { messageTypes } from "../../src/domain/message.ts";
import type { MappingKind } from "../../src/domain/records.ts";
import { createCoverage } from "../../src/mapping/coverage.ts";
import { compile } from "../../src/mapping/evaluate.ts";
import { instrument } from "../../src/mapping/instrument.ts";
import type { Branch } from "../../src/mapping/protocol.ts";

const source = "first line\nsecond line";
const fileOf = (kind: MappingKind) => ({ kind, name: `${kind}.jsonata`, source });
const branch = (position: number, what: Branch["what"], taken = false): Branch => ({ position, what, taken });
const ofType = (type: string) => ({ message: { type } });

describe("a report of branches", () => {
  test("tells of each that was never taken, with its place, in the order of the file and of the kinds", () => {
    const coverage = createCoverage();
    const untaken: Branch["what"][] = ["function", "right side", "default", "value", "else", "then"];
    const branches = untaken.map((what, index) => branch(16 - index, what));
    coverage.note(fileOf("comment"), { branches: [branch(0, "then")], readsMessage: false }, {});
    coverage.note(fileOf("contact"), { branches, readsMessage: false }, {});
    expect(coverage.report()).toEqual({
      branches: 7,
      taken: 0,
      gaps: [
        { place: "contact.jsonata:2:1", what: "the condition is never true" },
        { place: "contact.jsonata:2:2", what: "the condition is never false" },
        { place: "contact.jsonata:2:3", what: "the value before the default operator is never used" },
        { place: "contact.jsonata:2:4", what: "the default is never used" },
        { place: "contact.jsonata:2:5", what: "the right side is never evaluated" },
        { place: "contact.jsonata:2:6", what: "the function is never called" },
        { place: "comment.jsonata:1:1", what: "the condition is never true" },
      ],
    });
  });

  test("counts a branch as taken once any evaluation took it, and two at one place apart", () => {
    const coverage = createCoverage();
    const note = (...branches: Branch[]) =>
      coverage.note(fileOf("ticket"), { branches, readsMessage: false }, {});
    note(branch(1, "then", true), branch(1, "else"));
    note(branch(1, "then"), branch(1, "else"));
    expect(coverage.report()).toMatchObject({ branches: 2, taken: 1 });
    expect(coverage.report().gaps).toMatchObject([{ what: "the condition is never false" }]);
    note(branch(1, "then"), branch(1, "else", true));
    expect(coverage.report()).toEqual({ branches: 2, taken: 2, gaps: [] });
  });
});

describe("a report of types of message", () => {
  const missingOf = (kind: MappingKind, inputs: unknown[], readsMessage = true) => {
    const coverage = createCoverage();
    for (const input of inputs) coverage.note(fileOf(kind), { branches: [], readsMessage }, input);
    return coverage.report().gaps;
  };

  test.each(["contact", "comment"] as const)("names all that %s was never given", (kind) => {
    const [given, ...others] = messageTypes;
    const what = `no case with a message of type ${others.join(", ")}`;
    expect(missingOf(kind, [ofType(given)])).toEqual([{ place: `${kind}.jsonata`, what }]);
    expect(others).toContain("reaction");
  });

  test.each(["ticket", "route"] as const)("names for %s those that open a ticket", (kind) => {
    const [gap] = missingOf(kind, [ofType("text")]);
    expect(gap?.what).toContain("image");
    expect(gap?.what).not.toContain("reaction");
  });

  test("is empty when all were given, or the file does not look at the message", () => {
    expect(missingOf("contact", messageTypes.map(ofType))).toEqual([]);
    expect(missingOf("contact", [ofType("text")], false)).toEqual([]);
  });

  test.each([null, "text", {}, { message: null }, { message: "text" }, { message: {} }, undefined])(
    "counts %j as a message of no type",
    (input) => {
      const what = `no case with a message of type ${messageTypes.join(", ")}`;
      expect(missingOf("comment", [input])).toEqual([{ place: "comment.jsonata", what }]);
    },
  );
});

describe("a mapping that is watched", () => {
  const watch = (text: string) => {
    const compiled = compile(text);
    if (!compiled.ok) throw new Error(compiled.failure.reason);
    const { expression } = compiled.program;
    return { expression, take: instrument(expression.ast(), text) };
  };

  test("tells what this evaluation took, and forgets it when it has told", async () => {
    const { expression, take } = watch("a ? 1 : 2");
    const none = [branch(2, "then"), branch(2, "else")];
    expect(take().branches).toEqual(none);
    await expression.evaluate({ a: true });
    expect(take().branches).toEqual([branch(2, "then", true), branch(2, "else")]);
    expect(take().branches).toEqual(none);
  });

  test.each<[string, unknown, Branch[]]>([
    ["a ?: 2", { a: 1 }, [branch(2, "value", true), branch(2, "default")]],
    ["a ?? 2", {}, [branch(2, "value"), branch(2, "default", true)]],
    ["a and b", { a: true }, [branch(2, "right side", true)]],
    ["a  or b", { a: false }, [branch(3, "right side", true)]],
    ["a + b", { a: 1, b: 1 }, []],
    ["a = b", { a: 1, b: 1 }, []],
    ["function($x) { $x }(a)", { a: 1 }, [branch(0, "function", true)]],
    ["[1, function($x) { $x }][0]", {}, [branch(4, "function")]],
  ])("of %s with %j tells place, kind and whether it was taken", async (text, input, expected) => {
    const { expression, take } = watch(text);
    await expression.evaluate(input);
    const branches = take().branches;
    if (text.includes("function")) {
      expect(branches.map(({ what, taken }) => ({ what, taken }))).toEqual(
        expected.map(({ what, taken }) => ({ what, taken })),
      );
    } else expect(branches).toEqual(expected);
  });

  test.each([
    ["message.text", true],
    ["$x.message", true],
    ["person.name", false],
    ['"message"', false],
    ["$message", false],
  ])("looks at the message or not: %s", (text, looks) => {
    const bound = text.startsWith("$") ? `($x := 1; $message := 1; ${text})` : text;
    expect(watch(bound).take().readsMessage).toBe(looks);
  });
});
