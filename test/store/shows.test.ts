import { expect, test } from "vitest";
import { shows } from "../../src/store/personal/shows.ts";

const ADA = { phones: new Set(["+447700900123"]), userIds: new Set(["GB.0000000000000001"]) };
const wamid = (text: string) => `wamid.${Buffer.from(text, "latin1").toString("base64")}`;

test.each<[string, boolean]>([
  ["her number as it is: +447700900123.", true],
  ["her number without the plus: 447700900123", true],
  ['her number in JSON: {"wa_id":"447700900123"}', true],
  ["the number of somebody else: 447700900124", false],
  ["one that ends alike: 447711900123", false],
  ["one that is longer: 4477009001230", false],
  ["one that is in a longer one: 14477009001230000", false],
  ["the end of it only: 900123", false],
  ["her user id: GB.0000000000000001", true],
  ["her user id at the end of a word: xGB.0000000000000001", false],
  ["a longer user id: GB.00000000000000012", false],
  ["a user id with another sign for the dot: GBx0000000000000001", false],
  [`a message id with her number inside: ${wamid("\x1c\x0c447700900123\x15")}`, true],
  [`a second message id with her number: ${wamid("12")} ${wamid("\x1c\x0c447700900123\x15")}`, true],
  [`the same without its beginning: ${wamid("\x1c\x0c447700900123\x15").slice(6)}`, false],
  ["nothing", false],
  ["", false],
])("a text that has %j", (text, isShown) => {
  expect(shows(text, ADA)).toBe(isShown);
});

test("of several numbers and user ids each is found", () => {
  const both = {
    phones: new Set(["+447700900123", "+491512345678"]),
    userIds: new Set(["GB.1", "DE.2"]),
  };
  for (const text of ["447700900123", "491512345678", "GB.1", "DE.2"]) expect(shows(text, both)).toBe(true);
  expect(shows("GB.3", both)).toBe(false);
});
