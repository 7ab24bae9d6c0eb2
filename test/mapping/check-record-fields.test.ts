import { expect, test } from "vitest";
import type { MappingKind } from "../../src/domain/records.ts";
import { checkRecord } from "../../src/mapping/check-record.ts";
import { MappingError } from "../../src/mapping/errors.ts";

/** The fields that are at fault, with what is said of them. */
function fieldsOf(kind: MappingKind, value: unknown, source = ""): [path: string, reason: string][] {
  try {
    checkRecord(kind, value, { name: "f", source });
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    return error.fields.map(({ path, reason }) => [path, reason]);
  }
  return [];
}

test("a field that does not exist is named as the file writes it, each at its own place", () => {
  const reason = (name: string) => `there is no field "${name}". Correct its spelling or remove it`;
  expect(fieldsOf("ticket", { subject: "a", prio: 1, kind: 2 }, '{"prio": 1}')).toEqual([
    ["prio", reason("prio")],
    ["…", reason("…")],
  ]);
});

test("of the ways that a confirmation may have, the one that was meant is told of", () => {
  const template = { name: "solved", language: "en", wrong: 1 };
  expect(fieldsOf("confirmation", { template }, '"wrong":')).toEqual([
    ["template.wrong", 'there is no field "wrong". Correct its spelling or remove it'],
  ]);
  expect(fieldsOf("confirmation", { text: 7 })).toEqual([
    ["text", "Invalid input: expected string, received number. Turn it into text with $string(value)"],
  ]);
  expect(fieldsOf("confirmation", { text: ["a"] })).toEqual([
    ["text", "Invalid input: expected string, received array. Join it with $join(list)"],
  ]);
});

test("ten fields at most are told of, and their depth is bounded at sixteen levels", () => {
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`f${n}`, 1]));
  expect(fieldsOf("route", many)).toHaveLength(10);
  const within = (levels: number): unknown => (levels === 0 ? 1 : { a: within(levels - 1) });
  const messageOf = (levels: number) => {
    try {
      checkRecord("contact", within(levels), { name: "f", source: "" });
    } catch (error) {
      if (error instanceof MappingError) return error.message;
    }
    return "";
  };
  expect(messageOf(16)).not.toContain("nested deeper");
  expect(messageOf(17)).toBe("f (…): the record is nested deeper than 16 levels. Make it flat");
});
