import { describe, expect, it } from "vitest";
import {
  alternativesOf,
  commentRecord,
  confirmationRecord,
  contactRecord,
  routeRecord,
  ticketRecord,
} from "../../src/domain/records.ts";

const schemas = {
  contact: contactRecord,
  ticket: ticketRecord,
  route: routeRecord,
  comment: commentRecord,
  confirmation: confirmationRecord,
};
type Kind = keyof typeof schemas;

/** What each kind needs besides the field that is looked at. */
const least: Partial<Record<Kind, object>> = { contact: { name: "Amina" }, ticket: { subject: "Pump" } };
const takes = (kind: Kind, fields: object) => schemas[kind].safeParse({ ...least[kind], ...fields }).success;

const letters = (count: number) => "a".repeat(count);
const list = (count: number, item = "water") => Array.from({ length: count }, () => item);
const template = (own: object) => ({ template: { name: "solved", language: "en", ...own } });
const headerMedia = (own: object) =>
  template({ headerMedia: { type: "image", link: "https://example.org/a.png", ...own } });
const button = (own: object) => template({ buttons: [{ type: "url", index: 0, value: "12", ...own }] });

describe("a text of a record may be so long and no longer", () => {
  const bounds: [kind: Kind, field: string, least: number, most: number, make: (text: string) => object][] = [
    ["contact", "name", 1, 200, (name) => ({ name })],
    ["contact", "phone", 0, 40, (phone) => ({ phone })],
    ["contact", "email", 0, 254, (email) => ({ email })],
    ["contact", "language", 0, 35, (language) => ({ language })],
    ["contact", "organisation", 0, 200, (organisation) => ({ organisation })],
    ["ticket", "subject", 1, 200, (subject) => ({ subject })],
    ["ticket", "description", 0, 65_536, (description) => ({ description })],
    ["ticket", "queue", 0, 200, (queue) => ({ queue })],
    ["ticket", "assignee", 0, 200, (assignee) => ({ assignee })],
    ["ticket", "tag", 1, 100, (tag) => ({ tags: [tag] })],
    ["route", "skill", 1, 100, (skill) => ({ skills: [skill] })],
    ["comment", "body", 1, 65_536, (body) => ({ body })],
    ["confirmation", "template's name", 1, 512, (name) => template({ name })],
    ["confirmation", "template's language", 2, 15, (language) => template({ language })],
    ["confirmation", "parameter", 1, 1024, (value) => template({ body: [value] })],
    ["confirmation", "named parameter", 1, 1024, (value) => template({ body: { place: value } })],
    ["confirmation", "header", 1, 1024, (header) => template({ header })],
    ["confirmation", "value of a button", 1, 1024, (value) => button({ value })],
    ["confirmation", "name of a file", 1, 240, (fileName) => headerMedia({ fileName })],
  ];

  it.each(bounds)("%s: %s, %i to %i characters", (kind, _field, shortest, longest, make) => {
    expect(takes(kind, make(letters(shortest)))).toBe(true);
    expect(takes(kind, make(letters(longest)))).toBe(true);
    expect(takes(kind, make(letters(longest + 1)))).toBe(false);
    if (shortest > 0) expect(takes(kind, make(letters(shortest - 1)))).toBe(false);
  });
});

describe("a list of a record", () => {
  it.each<[Kind, string, number, (count: number) => object]>([
    ["ticket", "tags", 50, (count) => ({ tags: list(count) })],
    ["ticket", "skills", 20, (count) => ({ skills: list(count) })],
    ["route", "tags", 50, (count) => ({ tags: list(count) })],
  ])("%s: %s, none to %i", (kind, _field, most, make) => {
    expect([0, 1, most, most + 1].map((count) => takes(kind, make(count)))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it("of fallbacks has one to five, and each is one way that has no fallback of its own", () => {
    const fallbacks = (count: number) => ({
      text: "Solved",
      fallback: Array.from({ length: count }, () => ({ text: "Done" })),
    });
    expect([0, 1, 5, 6].map((count) => takes("confirmation", fallbacks(count)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    const nested = { text: "Solved", fallback: [{ text: "Done", fallback: { text: "End" } }] };
    expect(takes("confirmation", nested)).toBe(false);
  });
});

describe("a record", () => {
  it.each<[Kind, object, boolean]>([
    ["ticket", { priority: "low" }, true],
    ["ticket", { priority: "normal" }, true],
    ["ticket", { priority: "high" }, true],
    ["ticket", { priority: "urgent" }, true],
    ["ticket", { priority: "" }, false],
    ["ticket", { priority: "highest" }, false],
    ["comment", { body: "a", visibility: "public" }, true],
    ["comment", { body: "a", visibility: "internal" }, true],
    ["comment", { body: "a", visibility: "" }, false],
    ["ticket", { due: { solution: "2026-11-23T09:00:00Z" } }, true],
    ["ticket", { due: { firstAnswer: "2026-11-23T09:00:00+05:30" } }, true],
    ["ticket", { due: { solution: "2026-11-23T09:00:00" } }, false],
    ["ticket", { due: { solution: "2026-11-23" } }, false],
    ["ticket", { due: { later: "2026-11-23T09:00:00Z" } }, false],
    ["ticket", { custom: { ward: "12", floor: 3, member: true, note: null } }, true],
    ["ticket", { custom: { ward: ["12"] } }, false],
    ["ticket", { custom: { ward: { number: 12 } } }, false],
    ["contact", { name: "   " }, false],
    ["ticket", { subject: " \n " }, false],
    ["route", { subject: "Pump" }, false],
    ["route", { custom: {} }, false],
    ["confirmation", template({ name: "Solved" }), false],
    ["confirmation", template({ body: ["two\nlines"] }), false],
    ["confirmation", headerMedia({ type: "video" }), true],
    ["confirmation", headerMedia({ type: "document" }), true],
    ["confirmation", headerMedia({ type: "audio" }), false],
    ["confirmation", headerMedia({ link: "http://example.org/a" }), true],
    ["confirmation", headerMedia({ link: "ftp://example.org/a" }), false],
    ["confirmation", headerMedia({ link: "xhttps://example.org/a" }), false],
    ["confirmation", button({ type: "quick_reply" }), true],
    ["confirmation", button({ type: "copy_code" }), true],
    ["confirmation", button({ type: "flow" }), true],
    ["confirmation", button({ type: "call" }), false],
    ["confirmation", button({ index: 9 }), true],
    ["confirmation", button({ index: 10 }), false],
    ["confirmation", button({ index: -1 }), false],
    ["confirmation", button({ index: 0.5 }), false],
    ["confirmation", { reaction: "👍🏽" }, true],
    ["confirmation", { reaction: "❤" }, true],
    ["confirmation", { reaction: "👍👍" }, false],
    ["confirmation", { reaction: "ok" }, false],
    ["confirmation", { reaction: "" }, false],
    ["confirmation", { text: "" }, false],
    ["confirmation", { text: "a", reaction: "👍" }, false],
    ["confirmation", { interactive: { type: "location_request", text: "" } }, false],
    ["confirmation", { interactive: { type: "contact_request", text: "Who?", footer: "City" } }, false],
    ["confirmation", { interactive: { type: "buttons", text: "Which?", buttons: [] } }, false],
  ])("%s of %j is taken: %s", (kind, fields, isTaken) => {
    expect(takes(kind, fields)).toBe(isTaken);
  });

  it("has what stands around a name and a subject trimmed, and a comment is public by default", () => {
    expect(contactRecord.parse({ name: "  Amina " })).toEqual({ name: "Amina" });
    expect(ticketRecord.parse({ subject: " Pump\n" })).toEqual({ subject: "Pump" });
    expect(commentRecord.parse({ body: " a " })).toEqual({ body: " a ", visibility: "public" });
  });

  it("refused for its form says which form it has", () => {
    const complaint = (kind: Kind, fields: object) => JSON.stringify(schemas[kind].safeParse(fields).error);
    expect(complaint("ticket", { subject: "a", due: { solution: "soon" } })).toContain(
      "not a time with zone as ISO 8601 writes it, e.g. 2026-11-23T09:00:00Z",
    );
    expect(complaint("confirmation", template({ name: "Solved!" }))).toContain(
      "lower-case letters, digits and _ only",
    );
    expect(complaint("confirmation", template({ body: ["a\tb"] }))).toContain(
      "no line breaks, tabs or more than four spaces in a row (WhatsApp refuses them)",
    );
    expect(complaint("confirmation", { reaction: "ok" })).toContain("one emoji and nothing else");
  });
});

it("a confirmation's ways are tried in the order in which they stand", () => {
  expect(alternativesOf({ text: "a" })).toEqual([{ text: "a" }]);
  expect(alternativesOf({ text: "a", fallback: { reaction: "👍" } })).toEqual([
    { text: "a" },
    { reaction: "👍" },
  ]);
  expect(alternativesOf({ text: "a", fallback: [{ text: "b" }, { text: "c" }] })).toEqual([
    { text: "a" },
    { text: "b" },
    { text: "c" },
  ]);
});
