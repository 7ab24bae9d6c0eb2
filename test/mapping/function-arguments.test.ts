import { expect, test } from "vitest";
import { compile, evaluate } from "../../src/mapping/evaluate.ts";
import type { Lookups } from "../../src/mapping/lookups/lookups.ts";
import { sampleLookups } from "./sample-lookups.ts";

const input = { at: "2026-11-23T18:40:00Z", name: "nobody", number: 12, long: "x".repeat(120) };

/** What an expression makes of the input, or why it does not. */
async function made(expression: string, lookups: Lookups = sampleLookups): Promise<unknown> {
  const compiled = compile(expression, lookups);
  if (!compiled.ok) return compiled.failure.reason;
  const verdict = await evaluate(compiled.program, input, { timeoutMs: 2000 });
  if (!verdict.ok) return verdict.failure.reason;
  return verdict.result === undefined ? undefined : JSON.parse(verdict.result);
}

test.each([
  ["$date(at)", "$date needs a time zone, Asia/Kolkata, as its second argument"],
  ['$date(at, "Mars/Base")', "$date needs a time zone"],
  ['$date(at, "UTC", long)', "$date takes formats of at most 100 characters"],
  ['$date(at, "UTC", "d", "?")', "$date needs a language, hi or pt-BR, as its fourth argument"],
  ['$date("2026-11-23", "UTC")', "$date needs a time with zone"],
  ['$addBusinessTime(at, "soon", "office")', '"8h" or "1h 30m", as its second argument'],
  ['$addBusinessTime(at, "0h", "office")', "a time of at most 1000 hours"],
  ['$addBusinessTime(at, "1001h", "office")', "a time of at most 1000 hours"],
  ["$isOpen(at, name)", "$isOpen needs the name of a file in calendars/ as its second argument"],
  ["$isOpen(at)", "$isOpen needs the name of a file in calendars/"],
  ["$isOpen(at, [1])", "$isOpen needs a text as its second argument"],
  ['$addBusinessTime(at, "8h", [1])', "$addBusinessTime needs a text as its third argument"],
  ['$addBusinessTime(at, "8h", name)', "calendars/ as its third argument, without .yaml"],
  ['$addBusinessTime(at, [1], "office")', "$addBusinessTime needs a text as its second argument"],
  ['$addBusinessTime(at, "8h30", "office")', "a time of at most 1000 hours"],
  ['$date([1], "UTC")', "$date needs a text as its first argument"],
  ["$date(at, [1])", "$date needs a text as its second argument"],
  ['$date(at, "UTC", [1])', "$date needs a text as its third argument"],
  ['$date(at, "UTC", "d", [1])', "$date needs a text as its fourth argument"],
  ["$label([1])", "$label needs a text as its first argument"],
  ['$label("photo", [1])', "$label needs a text as its second argument"],
  ["$table([1], 1)", "$table needs a text as its first argument"],
  ['$table("wards", [1])', "$table needs a text as its second argument"],
  ['$table("wards", 11, [1])', "$table needs a text as its third argument"],
  ["$phone([1])", "$phone needs a text as its first argument"],
  ['$phone("1", [1])', "$phone needs a text as its second argument"],
  ["$language([1])", "$language needs a text as its first argument"],
  ["$plain([1])", "$plain needs a text as its first argument"],
  ['$plain("a", 0)', "$plain needs a whole number from 1 to 65536 as its second argument"],
  ["$oneLine([1])", "$oneLine needs a text as its first argument"],
  ['$oneLine("a", 65537)', "$oneLine needs a whole number from 1 to 65536 as its second argument"],
  ["$isolate([1])", "$isolate needs a text as its first argument"],
  ["$language(7, [7])", "$language needs a list of at most 50 languages"],
  ["$label(name)", "$label needs a key of labels.yaml as its first argument"],
  ['$label("photo", "en", 7)', '$label needs an object, {"name": …}, as its third argument'],
  ["$table(name, 1)", "$table needs the name of a file in tables/ as its first argument"],
  ['$hash("a", 0)', "$hash needs a whole number from 1 to 64 as its second argument"],
  ['$hash("a", 1.5)', "$hash needs a whole number from 1 to 64"],
  ['$hash("a", "2")', "$hash needs a whole number from 1 to 64"],
  ["$hash([1])", "$hash needs a text as its first argument"],
  ['$phone("1", "gb")', "$phone needs a country as two capital letters"],
])("%s is refused with the remedy", async (expression, reason) => {
  expect(await made(expression)).toContain(reason);
});

test.each([
  ['$date(at, "UTC", "d LLLL")', "23 November"],
  ['$date(at, "UTC", "d LLLL", "pt_BR")', "23 novembro"],
  ["$date(nothing, at)", undefined],
  ["$label(nothing)", undefined],
  ['$isOpen(nothing, "office")', undefined],
  ['$addBusinessTime(nothing, "8h", "office")', undefined],
  ['$addBusinessTime(at, " 1h 30m ", "office")', "2026-11-24T11:00:00+05:30"],
  ['$addBusinessTime(at, "45m", "office")', "2026-11-24T10:15:00+05:30"],
  ['$label("photo", "UR_Arab_PK")', "تصویر"],
  ['$label("photo", "hi-Deva-IN")', "फ़ोटो"],
  ['$label("photo", "fr")', "Photo"],
  ['$label("photo")', "Photo"],
  ['$label("from", "en", {"other": "A"})', "from {name}"],
  ['$label("from", "en", {"name": ""})', "from "],
  ['$table("wards", nothing)', undefined],
  ['$table("wards", 99)', undefined],
  ['$table("wards", number, "queue")', "Water works south"],
  ['$table("urgent", "lives")', 3],
  ['$table("urgent", "fire", "queue")', undefined],
  ['$table("wards", 12, "toString")', undefined],
  ["$hash(number) = $hash('12')", true],
  ["$hash(true) = $hash('true')", true],
  ["$hash(nothing)", undefined],
  ["$phone(long)", undefined],
  ['$language("水道管破裂修理希望お願い致")', "ja"],
  ['$language("水道管破裂请尽快修理谢谢")', "zh"],
])("%s makes %j", async (expression, expected) => {
  expect(await made(expression)).toEqual(expected);
});

test("where there are no labels, tables and calendars, each is refused by what is missing", async () => {
  const none: Lookups = { tables: {}, calendars: {} };
  expect(await made('$label("photo")', none)).toContain('label of this name in labels.yaml: "photo"');
  expect(await made("$label(name)", none)).toContain("$label needs a key of labels.yaml");
  expect(await made('$table("wards", 1)', none)).toContain('table of this name in tables/: "wards"');
  expect(await made('$isOpen(at, "office")', none)).toContain(
    'calendar of this name in calendars/: "office"',
  );
});
