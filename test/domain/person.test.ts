import { expect, test } from "vitest";
import { aliasesOf, isUserId, personIdOf } from "../../src/domain/person.ts";

test.each(["GB.10000000000000001", "US.13491208655302741918", "US.ENT.11815799212886844830", "IN.aB3"])(
  "P04: %s is a user id",
  (value) => {
    expect(isUserId(value)).toBe(true);
  },
);

test.each([
  "447700900123",
  "+447700900123",
  "",
  "GB.",
  "gb.1",
  "GBR.1",
  "GB.1\n",
  "GB.ENT.",
  "GB.1/2",
  `GB.${"1".repeat(129)}`,
])("P04: %j is no user id", (value) => {
  expect(isUserId(value)).toBe(false);
});

test("P04: a person is known by user id and phone number, the more stable first", () => {
  const phone = "+447700900123";
  const userId = "GB.10000000000000001";
  expect(aliasesOf({ phone })).toEqual([`phone:${phone}`]);
  expect(aliasesOf({ userId })).toEqual([`user:${userId}`]);
  expect(aliasesOf({ phone, userId, name: "Ana Example" })).toEqual([`user:${userId}`, `phone:${phone}`]);
  expect(aliasesOf({ name: "Ana Example", username: "ana" })).toEqual([]);
});

test("P31: our id of a person is stable, and shows nothing of the person", () => {
  const id = personIdOf("phone:+447700900123");
  expect(id).toMatch(/^[0-9a-f]{20}$/);
  expect(personIdOf("phone:+447700900123")).toBe(id);
  expect(personIdOf("phone:+447700900124")).not.toBe(id);
});
