import fc from "fast-check";
import { expect, test } from "vitest";
import { toE164 } from "../../src/domain/phone.ts";
import { phone } from "../../src/mapping/functions/phone.ts";

test.each([
  ["+44 (0)20 7946 0958", undefined, { e164: "+442079460958", country: "GB", national: "020 7946 0958" }],
  ["0711 222333", "KE", { e164: "+254711222333", country: "KE", national: "0711 222333" }],
  ["00254 711 222333", "GB", { e164: "+254711222333", country: "KE", national: "0711 222333" }],
  // Brazil's ninth digit and Mexico's 1: one person, one spelling.
  ["(11) 8765-4321", "BR", { e164: "+5511987654321", country: "BR", national: "(11) 98765-4321" }],
  ["+521 55 1234 5678", undefined, { e164: "+525512345678", country: "MX", national: "55 1234 5678" }],
  ["+1 202 555 0123", undefined, { e164: "+12025550123", country: "US", national: "(202) 555-0123" }],
])("P01: %s read in %s", (text, country, expected) => {
  expect(phone(text, country)).toEqual(expected);
});

test("of a number of a plan that several countries share the country may stay open", () => {
  expect(phone("+447700900123")).toEqual({ e164: "+447700900123", national: "07700 900123" });
});

test.each([
  ["a word", "water", undefined],
  ["a national number without its country", "0711222333", undefined],
  ["a country that does not exist", "0711222333", "XX"],
  ["three digits", "112", "GB"],
  ["a text that is longer than any number", "+44".padEnd(100, "1"), undefined],
  ["nothing", undefined, "GB"],
])("%s makes nothing", (_, text, country) => {
  expect(phone(text, country)).toBeUndefined();
});

test("a country is two capital letters", () => {
  expect(() => phone("0711222333", "Kenya")).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/two capital letters/) }),
  );
});

test("what it calls E.164 is what the rest of Deskferry calls so", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\+[1-9][0-9]{6,13}$/), (text) => {
      const made = phone(text);
      if (made) expect(made.e164).toBe(toE164(text));
      if (made) expect(phone(made.e164)).toEqual(made);
    }),
  );
});
