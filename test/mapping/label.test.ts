import { describe, expect, test } from "vitest";
import { businessTimeFunctions } from "../../src/mapping/functions/business-time.ts";
import { labelFunctions } from "../../src/mapping/functions/label.ts";
import { tableFunctions } from "../../src/mapping/functions/table.ts";
import type { Lookups } from "../../src/mapping/lookups/lookups.ts";

const lookups: Lookups = {
  tables: { wards: { "1": { queue: "Water" }, fire: "urgent" } },
  calendars: {
    office: { zone: "UTC", hours: { monday: [{ from: 540, to: 600 }] }, holidays: ["2026-11-30"] },
  },
  labels: {
    fallback: "en",
    texts: {
      hello: { en: "Hello {name}", pt: "Olá {name}", "pt-br": "Oi {name}", "zh-hant-tw": "您好" },
      where: { en: "{a}{b} {a}", ar: "في {a}" },
    },
  },
};
const call = (functions: typeof labelFunctions, name: string, given: unknown[], of = lookups) =>
  functions.find((one) => one.name === name)?.create(of)(...given);
const label = (...given: unknown[]) => call(labelFunctions, "label", given);

describe("a label", () => {
  test.each([
    ["pt-BR", "Oi {name}"],
    ["pt_br", "Oi {name}"],
    ["PT", "Olá {name}"],
    ["pt-PT", "Olá {name}"],
    ["pt-BR-x-city", "Oi {name}"],
    ["zh-Hant-TW-x", "您好"],
    ["zh-Hant", "Hello {name}"],
    ["zh", "Hello {name}"],
    ["p", "Hello {name}"],
    ["", "Hello {name}"],
    [undefined, "Hello {name}"],
    [null, "Hello {name}"],
    [`pt-${"x".repeat(1000)}`, "Olá {name}"],
    ["constructor", "Hello {name}"],
  ])("in %s is the narrowest that there is, else the fallback's: %s", (language, text) => {
    expect(label("hello", language)).toBe(text);
  });

  test("has its places filled, each time, isolated; what is not given stays", () => {
    expect(label("where", "en", { a: "x", b: 7 })).toBe("\u2068x\u2069\u20687\u2069 \u2068x\u2069");
    expect(label("where", "en", { a: "x" })).toBe("\u2068x\u2069{b} \u2068x\u2069");
    expect(label("where", "ar", { a: null })).toBe("في {a}");
    expect(label("hello", "en", {})).toBe("Hello {name}");
    expect(label("hello", "en", null)).toBe("Hello {name}");
  });

  test.each([
    ["nowhere", []],
    ["constructor", []],
    ["hello", ["en", 7]],
  ])("%s with %j is refused", (key, more) => {
    expect(() => label(key, ...more)).toThrow(expect.objectContaining({ code: "MAPPING" }));
  });
});

describe("a table", () => {
  const table = (...given: unknown[]) => call(tableFunctions, "table", given);

  test.each([
    [["wards", " 1 ", "queue"], "Water"],
    [["wards", 1], { queue: "Water" }],
    [["wards", "1", "constructor"], undefined],
    [["wards", "fire"], "urgent"],
    [["wards", "fire", "queue"], undefined],
    [["wards", "2"], undefined],
    [["wards", ""], undefined],
    [["wards", null, "queue"], undefined],
  ])("asked for %j gives %j", (given, found) => {
    expect(table(...given)).toEqual(found);
  });

  test.each(["streets", "toString"])("called %s is not there", (name) => {
    expect(() => table(name, "1")).toThrow(
      expect.objectContaining({
        message: "$table needs the name of a file in tables/ as its first argument, without .csv or .yaml",
      }),
    );
  });
});

describe("an office", () => {
  const isOpen = (time: string) => call(businessTimeFunctions, "isOpen", [time, "office"]);
  const add = (time: string, duration: string) =>
    call(businessTimeFunctions, "addBusinessTime", [time, duration, "office"]);

  test.each([
    ["2026-11-23T08:59:59.999Z", false],
    ["2026-11-23T09:00:00Z", true],
    ["2026-11-23T09:59:59.999Z", true],
    ["2026-11-23T10:00:00Z", false],
    ["2026-11-24T09:30:00Z", false],
    ["2026-11-30T09:30:00Z", false],
    ["2026-11-23T11:30:00+02:00", true],
  ])("at %s is open: %s", (time, expected) => {
    expect(isOpen(time)).toBe(expected);
  });

  test.each([
    ["2026-11-23T08:00:00Z", "30m", "2026-11-23T09:30:00Z"],
    ["2026-11-23T09:30:00Z", "30m", "2026-11-23T10:00:00Z"],
    ["2026-11-23T09:30:00Z", "31m", "2026-12-07T09:01:00Z"],
    ["2026-11-23T10:00:00Z", "1h", "2026-12-07T10:00:00Z"],
    ["2026-11-22T00:00:00Z", "2h 30m", "2026-12-14T09:30:00Z"],
    ["2026-11-22T00:00:00Z", "90m", "2026-12-07T09:30:00Z"],
  ])("from %s on has worked for %s at %s", (time, duration, end) => {
    expect(add(time, duration)).toBe(end);
  });

  test.each(["", "0m", "-1h", "1.5h", "8", "1h1h", "30m 1h", "1000h 1m", "60001m"])(
    "does not work for %j",
    (duration) => {
      expect(() => add("2026-11-23T08:00:00Z", duration)).toThrow(
        expect.objectContaining({ message: expect.stringContaining("a time of at most 1000 hours") }),
      );
    },
  );

  test("that opens too seldom is told", () => {
    expect(() => add("2026-11-23T08:00:00Z", "100h")).toThrow(
      expect.objectContaining({
        message: expect.stringContaining("too little opening time within 400 days"),
      }),
    );
  });
});
