import { describe, expect, test } from "vitest";
import { z } from "zod";
import { MappingError } from "../../src/mapping/errors.ts";
import { lookupProblem, readYaml } from "../../src/mapping/lookups/lookup-file.ts";
import { readCalendar } from "../../src/mapping/lookups/read-calendar.ts";
import { missingLabels, readLabels } from "../../src/mapping/lookups/read-labels.ts";
import { readTable } from "../../src/mapping/lookups/read-table.ts";

const file = (name: string, text: string) => ({ name, text });

/** The whole message of what is wrong with a text. */
function problemOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof MappingError) return error.message;
    throw error;
  }
  return "none";
}

describe("a table", () => {
  const csv = (text: string) => readTable(file("t.csv", text));
  const yaml = (text: string) => readTable(file("t.yaml", text));

  test("of CSV is by its first column, with the texts of the others", () => {
    expect(csv('\ufeffward, queue ,officer\n\n 12 ,"Water, south", R. Nair\n13,,\n')).toEqual({
      "12": { queue: "Water, south", officer: "R. Nair" },
      "13": { queue: "", officer: "" },
    });
  });

  const missing = "the first line must name two or more columns, each once. Add it";
  const cells = "Give each row as many cells as the first";
  test.each([
    ["", `t.csv:1: ${missing}`],
    ["key\n1\n", `t.csv:1: ${missing}`],
    ["key,\n1,a\n", `t.csv:1: ${missing}`],
    ["key,x,x\n1,a,b\n", `t.csv:1: ${missing}`],
    ["key,x\n,a\n", "t.csv:2: the key is empty. Correct the row"],
    ["key,x\n1,a\n1,b\n", "t.csv:3: this key was there before. Correct the row"],
    ["key,x\n1,a\n2\n", `t.csv:3: the CSV cannot be read (csv record inconsistent fields length). ${cells}`],
    ['key,x\n1,"a', `t.csv:2: the CSV cannot be read (csv quote not closed). ${cells}`],
  ])("of CSV is refused for what is wrong: %j", (text, problem) => {
    expect(problemOf(() => csv(text))).toBe(problem);
  });

  test("of YAML has values or columns", () => {
    expect(yaml("a: 1\nb: true\nc: {d: x, e: 2.5, f: false}\n")).toEqual({
      a: 1,
      b: true,
      c: { d: "x", e: 2.5, f: false },
    });
    expect(yaml("")).toEqual({});
  });

  test.each([
    ["a: [1]\n", "t.yaml:1: a: must be a value, or columns with values. Correct it"],
    ["a: {b: 1}\nc: null\n", "t.yaml:2: c: must be a value, or columns with values. Correct it"],
    ["a: 1\n b: 2\n", "t.yaml:1: the YAML cannot be read (BLOCK_AS_IMPLICIT_KEY). Correct it"],
  ])("of YAML is refused for what is wrong: %j", (text, problem) => {
    expect(problemOf(() => yaml(text))).toBe(problem);
  });

  test("has five thousand rows at most", () => {
    const rows = (count: number) => Array.from({ length: count }, (_, n) => `r${n}: 1`).join("\n");
    expect(Object.keys(yaml(rows(5000)))).toHaveLength(5000);
    expect(problemOf(() => yaml(rows(5001)))).toBe("t.yaml: the table has more than 5000 rows. Shorten it");
  });
});

describe("a calendar", () => {
  const read = (text: string) => readCalendar(file("c.yaml", text));
  const on = (hours: string) => read(`zone: UTC\nhours:\n  monday: [${hours}]`).hours.monday;
  const write = 'write opening hours as "09:00-17:30", the later time second and not after 24:00';

  test.each([
    ["'9:00-17:30'", [{ from: 540, to: 1050 }]],
    ["'09:05 – 19:59'", [{ from: 545, to: 1199 }]],
    ["'0:00  -  24:00'", [{ from: 0, to: 1440 }]],
    [
      "'20:00-23:59', '00:00-1:00', '1:00-2:00'",
      [
        { from: 0, to: 60 },
        { from: 60, to: 120 },
        { from: 1200, to: 1439 },
      ],
    ],
  ])("is open at %s", (hours, expected) => expect(on(hours)).toEqual(expected));

  test.each([
    "9:00-9:00",
    "10:00-9:00",
    "9:00-24:01",
    "9-10",
    "x9:00-10:00",
    "9:00-10:00x",
    "9:60-10:00",
    "9:00-25:00",
  ])("is never open at %s", (hours) => {
    expect(problemOf(() => on(`'${hours}'`))).toBe(`c.yaml:3: hours.monday.0: ${write}. Correct it`);
  });

  test("leaves out days without hours, and keeps zone and holidays", () => {
    const text = "zone: Asia/Kolkata\nhours: {monday: [], sunday: ['9:00-10:00']}\nholidays: ['2026-12-25']";
    expect(read(text)).toEqual({
      zone: "Asia/Kolkata",
      hours: { sunday: [{ from: 540, to: 600 }] },
      holidays: ["2026-12-25"],
    });
    expect(read("zone: UTC\nhours: {monday: ['9:00-10:00']}").holidays).toEqual([]);
  });

  const open = "zone: UTC\nhours: {monday: ['9:00-10:00']}";
  test.each([
    ["zone: Mars/Base\nhours: {}", "c.yaml:1: zone: must be a time zone, e.g. Asia/Kolkata. Correct it"],
    ["zone: UTC\nhours:\n  monday: []", "c.yaml:3: the calendar is never open. Give hours"],
    [
      "zone: UTC\nhours:\n  monday: ['9:00-10:00']\n  friday: ['9:00-11:00', '10:59-12:00']",
      "c.yaml:4: the hours of friday overlap. Correct them",
    ],
    [`${open}\nholidays: ['x2026-12-25']`, "c.yaml:3: holidays.0: write days as 2026-12-25. Correct it"],
    [`${open}\nholidays: ['2026-12-25T09:00']`, "c.yaml:3: holidays.0: write days as 2026-12-25. Correct it"],
    [`${open}\nholidays: ['2026-02-30']`, "c.yaml:3: holidays.0: write days as 2026-12-25. Correct it"],
    [`${open}\nholidays: ['2026-12']`, "c.yaml:3: holidays.0: write days as 2026-12-25. Correct it"],
  ])("is refused for what is wrong: %j", (text, problem) => {
    expect(problemOf(() => read(text))).toBe(problem);
  });

  test("has a thousand holidays at most, and no field of another name", () => {
    const days = (count: number) => `${open}\nholidays: [${Array(count).fill("'2026-12-25'").join(",")}]`;
    expect(read(days(1000)).holidays).toHaveLength(1000);
    expect(problemOf(() => read(days(1001)))).toMatch(/^c\.yaml:3: holidays: /);
    expect(problemOf(() => read(`${open}\nopen: 1`))).toContain("open");
  });
});

describe("labels", () => {
  const read = (text: string) => readLabels(file("labels.yaml", text));

  test("are by key and language, whose names are written in one way", () => {
    expect(read("fallback: pt_BR\nlabels:\n  a: {PT-br: A, zh_Hant_TW: B}")).toEqual({
      fallback: "pt-br",
      texts: { a: { "pt-br": "A", "zh-hant-tw": "B" } },
    });
  });

  test.each([
    [
      "fallback: EN\nlabels:\n  a: {en: A}\n  b: {hi: B}",
      "labels.yaml:4: b has no text in EN, the fallback. Add it",
    ],
    ["fallback: english\nlabels: {}", "labels.yaml:1: fallback: must be a language, hi or pt-BR. Correct it"],
    ["fallback: e\nlabels: {}", "labels.yaml:1: fallback: must be a language, hi or pt-BR. Correct it"],
    ["fallback: en-\nlabels: {}", "labels.yaml:1: fallback: must be a language, hi or pt-BR. Correct it"],
    ["fallback: 1en\nlabels: {}", "labels.yaml:1: fallback: must be a language, hi or pt-BR. Correct it"],
    [
      "fallback: en\nlabels:\n  a:\n    english: A",
      "labels.yaml:4: labels.a.english: must be a language, hi or pt-BR. Correct it",
    ],
  ])("are refused for what is wrong: %j", (text, problem) => {
    expect(problemOf(() => read(text))).toBe(problem);
  });

  test("are never empty, neither key nor text, and have no other fields", () => {
    expect(problemOf(() => read("fallback: en\nlabels:\n  '': {en: A}"))).not.toBe("none");
    expect(problemOf(() => read("fallback: en\nlabels:\n  a: {en: ''}"))).toMatch(
      /^labels\.yaml:3: labels\.a\.en: /,
    );
    expect(problemOf(() => read("fallback: en\nlabels: {}\nother: 1"))).toContain("other");
  });

  test("that some languages lack are listed by key, in the order of languages", () => {
    const texts = { a: { en: "A" }, b: { ur: "B", en: "B", ar: "B" }, c: { ar: "C", en: "C", ur: "C" } };
    expect(missingLabels({ fallback: "en", texts })).toEqual(["a: ar, ur"]);
  });
});

describe("YAML beside a mapping", () => {
  const schema = z.strictObject({ a: z.strictObject({ b: z.array(z.int()) }) });

  test("tells the line of a value, or of the nearest around it", () => {
    const { lineOf, value } = readYaml(file("y.yaml", "a:\n  b:\n    - 1\n    - 2\n"), schema);
    expect(value).toEqual({ a: { b: [1, 2] } });
    expect([["a", "b", 1], ["a", "b"], ["a", "x", "y"], ["x"], []].map(lineOf)).toEqual([
      4,
      3,
      2,
      undefined,
      undefined,
    ]);
  });

  test("is bounded in what its aliases may repeat", () => {
    const aliases = (count: number) => `a: &x\n  b: [1]\nc: [${Array(count).fill("*x").join(",")}]`;
    const any = z.looseObject({});
    expect(readYaml(file("y.yaml", aliases(10)), any).value).toHaveProperty("c");
    expect(problemOf(() => readYaml(file("y.yaml", aliases(200)), any))).toBe(
      "y.yaml: an alias (*name) has no anchor or there are too many. Write it out",
    );
  });

  test("of another shape as a whole has no place", () => {
    expect(problemOf(() => readYaml(file("y.yaml", "- 1"), schema))).toMatch(/^y\.yaml: Invalid input/);
    expect(lookupProblem(file("y.yaml", ""), "no. Mend it", 3)).toMatchObject({
      message: "y.yaml:3: no. Mend it",
      kind: "compile",
    });
  });
});
