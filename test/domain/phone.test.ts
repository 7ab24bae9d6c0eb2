import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toE164 } from "../../src/domain/phone.ts";

test.each([
  ["447700900123", "WhatsApp's form"],
  ["+447700900123", "E.164"],
  ["+44 7700 900123", "as people write it"],
  ["0044 7700 900 123", "with the international prefix"],
  ["+44 (7700) 900-123", "with brackets and dashes"],
  ["+44 (0)7700 900123", "with the national prefix in brackets"],
  ["\u00a044.7700.900123 ", "with dots and odd spaces"],
])("%s is one number (%s)", (written) => {
  expect(toE164(written)).toBe("+447700900123");
});

test.each([
  ["", "nothing"],
  ["+", "a sign"],
  ["1234", "four digits"],
  ["07700 900123", "a national number, whose country nobody knows"],
  ["00", "a prefix"],
  ["120363041234567890", "a group id"],
  ["1".repeat(16), "more digits than E.164 has"],
  ["GB.10000000000000001", "a user id"],
  ["44770090012x", "a letter"],
  ["+44+7700900123", "two signs"],
  ["٤٤٧٧٠٠٩٠٠١٢٣", "digits of another script"],
  ["447700900123\n447700900124", "two numbers"],
])("%s is no number (%s)", (written) => {
  expect(toE164(written)).toBeUndefined();
});

describe("P02: a Brazilian mobile has one spelling, with its ninth digit", () => {
  test.each([
    ["551187654321", "+5511987654321"],
    ["5511987654321", "+5511987654321"],
    ["+55 61 6123-4567", "+5561961234567"],
    ["558591234567", "+5585991234567"],
    ["+55 (0)11 8765-4321", "+5511987654321"],
  ])("%s is %s", (written, number) => {
    expect(toE164(written)).toBe(number);
  });

  test.each(["551123456789", "551134567890", "558532345678"])("the landline %s stays as it is", (written) => {
    expect(toE164(written)).toBe(`+${written}`);
  });
});

describe("P03: Mexican and Argentine mobiles have one spelling", () => {
  test.each([
    ["5215512345678", "+525512345678"],
    ["525512345678", "+525512345678"],
    ["+52 1 33 1234 5678", "+523312345678"],
    ["541123456789", "+5491123456789"],
    ["5491123456789", "+5491123456789"],
    ["+54 351 234-5678", "+5493512345678"],
  ])("%s is %s", (written, number) => {
    expect(toE164(written)).toBe(number);
  });
});

const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
const oddCountries = fc.oneof(
  fc.tuple(fc.constantFrom("55", "55119", "5511", "5561"), digits(8)),
  fc.tuple(fc.constantFrom("52", "521", "5211"), digits(10)),
  fc.tuple(fc.constantFrom("54", "549", "5411"), digits(10)),
);
const anyNumber = fc.tuple(fc.constantFrom("1", "44", "49", "39", "7", "86", "971"), digits(9));

test("P02, P03: reading a number again changes nothing", () => {
  fc.assert(
    fc.property(fc.oneof(oddCountries, anyNumber), ([country, rest]) => {
      const once = toE164(country + rest);
      expect(once).toMatch(/^\+[1-9][0-9]{4,14}$/);
      expect(toE164(once ?? "")).toBe(once);
    }),
    { numRuns: 2_000 },
  );
});

test("no text makes it throw or gives anything but E.164", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(toE164(text) ?? "+10000").toMatch(/^\+[1-9][0-9]{4,14}$/);
    }),
    { numRuns: 2_000 },
  );
});
