import { expect, test } from "vitest";
import { closest, suggest } from "../../src/domain/did-you-mean.ts";

test.each([
  ["prot", "port"],
  ["recieptWaitSeconds", "receiptWaitSeconds"],
  ["accesToken", "accessToken"],
  ["Host", "host"],
  ["xyz", undefined],
  ["", undefined],
])("%s was meant to be %s", (written, meant) => {
  const known = ["host", "port", "receiptWaitSeconds", "accessToken"];
  expect(closest(written, known)).toBe(meant);
});

test("names everything known when nothing is close", () => {
  expect(suggest("xyz", ["host", "port"])).toBe("Known here: host, port");
  expect(suggest("xyz", [])).toBe("Remove it");
});
