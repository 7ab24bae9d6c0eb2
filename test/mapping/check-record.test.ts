import { expect, test } from "vitest";
import type { MappingKind } from "../../src/domain/records.ts";
import { checkRecord } from "../../src/mapping/check-record.ts";
import { MappingError } from "../../src/mapping/errors.ts";

function refusalOf(kind: MappingKind, value: unknown, source = "", version?: string): MappingError {
  try {
    checkRecord(kind, value, { name: `${kind}.jsonata`, source, ...(version ? { version } : {}) });
  } catch (error) {
    if (error instanceof MappingError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

const template = (own: object) => ({ template: { name: "solved", language: "en", ...own } });
let deep: unknown = "x";
for (let level = 0; level < 20; level += 1) deep = { deep };

/** By what is wrong: where it is said to be, and what the author of the mapping is told to do. */
const remedies: [what: string, kind: MappingKind, value: unknown, path: string, remedy: string][] = [
  ["no record", "ticket", undefined, "", 'Give it a default: value ? value : "…"'],
  ["a field left out", "ticket", {}, "subject", 'Give it a default: value ? value : "…"'],
  ["an empty text", "comment", { body: "" }, "body", 'Give it a default: value ? value : "…"'],
  ["only blanks", "contact", { name: "  " }, "name", "Correct the expression"],
  ["a text too long", "contact", { name: "a".repeat(201) }, "name", "Cut it with $plain(text, max)"],
  ["a list for a text", "ticket", { subject: ["a", "b"] }, "subject", "Join it with $join(list)"],
  ["a number for a text", "ticket", { subject: 12 }, "subject", "Turn it into text with $string(value)"],
  ["a truth value for a text", "comment", { body: true }, "body", "Turn it into text with $string(value)"],
  [
    "one thing for a list",
    "ticket",
    { subject: "a", tags: "water" },
    "tags",
    "Put it in [ ]: JSONata turns a list of one into its only item",
  ],
  ["a text for an object", "ticket", { subject: "a", due: "soon" }, "due", "Correct the expression"],
  ["another word", "ticket", { subject: "a", priority: "asap" }, "priority", "Use one of these values"],
  ["another field", "ticket", { subject: "a", prio: "low" }, "…", "Correct its spelling or remove it"],
  [
    "a time without zone",
    "ticket",
    { subject: "a", due: { solution: "9:00" } },
    "due.solution",
    "Correct the expression",
  ],
  [
    "a text for a confirmation",
    "confirmation",
    "Solved",
    "",
    "Produce {template: …}, {text: …}, {interactive: …}, {reaction: …} or null",
  ],
  [
    "a parameter too long",
    "confirmation",
    template({ body: ["a".repeat(1025)] }),
    "template.body[0]",
    "$plain(text, max)",
  ],
  ["no language", "confirmation", { template: { name: "solved" } }, "template.language", "Give it a default"],
  ["no text to send", "confirmation", { text: "" }, "text", "Give it a default"],
  [
    "two words",
    "confirmation",
    { reaction: "ok" },
    "reaction",
    "one emoji and nothing else. Correct the expression",
  ],
  ["a field of no way", "confirmation", { text: "a", when: "now" }, "…", "Correct its spelling or remove it"],
  [
    "a key of all objects",
    "ticket",
    JSON.parse('{"__proto__": 1}'),
    "",
    "the record has a key __proto__. Remove it",
  ],
  [
    "such a key deeper down",
    "ticket",
    { subject: "a", custom: JSON.parse('{"__proto__": {}}') },
    "custom",
    "the record has a key __proto__. Remove it",
  ],
  [
    "too many levels",
    "ticket",
    { subject: "a", custom: deep },
    "custom",
    "nested deeper than 16 levels. Make it flat",
  ],
];

test.each(remedies)("%s in a %s is refused with what to do", (_what, kind, value, path, remedy) => {
  const { message, ...error } = refusalOf(kind, value);
  expect(message).toContain(remedy);
  expect(error.path ?? "").toBe(path);
});

test("only what nests too deep is a matter of limits", () => {
  expect(refusalOf("ticket", deep).kind).toBe("limit");
  expect(refusalOf("ticket", JSON.parse('{"__proto__": 1}')).kind).toBe("record");
  expect(refusalOf("ticket", {}).kind).toBe("record");
});

test("each field that is wrong is named, ten at most, and no value is", () => {
  const wrong = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`field${index}`, "secret"]));
  const error = refusalOf("ticket", { subject: ["secret"], ...wrong });
  expect(error.fields).toHaveLength(10);
  expect(error.message).toContain("subject: ");
  expect(error.message).toContain("; ");
  expect(error.message).not.toContain("secret");
  expect(error.produced).toMatchObject({ subject: ["secret"] });
});

test("a place is given by the line of its field, the version when it is known", () => {
  const source = '{\n  "subject": "a",\n  "priority": "asap"\n}';
  expect(refusalOf("ticket", { subject: "a", priority: "asap" }, source)).toMatchObject({
    path: "priority",
    line: 3,
    fields: [{ path: "priority", line: 3 }],
  });
  expect(refusalOf("ticket", {}, "{}").mapping).toBeUndefined();
  expect(refusalOf("ticket", {}, "{}", "0123456789ab").mapping).toContain("0123456789ab");
});

test("nothing is what a confirmation and a route may produce, and no other", () => {
  const made = { name: "x.jsonata", source: "" };
  expect(checkRecord("confirmation", undefined, made)).toBeNull();
  expect(checkRecord("route", undefined, made)).toEqual({});
  for (const kind of ["contact", "ticket", "comment"] as const) {
    expect(() => checkRecord(kind, undefined, made)).toThrow(MappingError);
  }
});
