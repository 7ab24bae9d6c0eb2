import { expect, test } from "vitest";
import { createPeople } from "../../src/sandbox/graph/people.ts";

const PHONE = "+447700900123";

test("somebody with a phone gets a user id that depends on the phone alone, and a name", () => {
  const person = createPeople().meet({ phone: "0044 (7700) 900-123" });
  expect(person).toEqual({
    key: "+00447700900123",
    phone: "+00447700900123",
    name: "Somebody",
    userId: expect.stringMatching(/^ZZ\.\d{20}$/),
    lastMessageAt: new Map(),
  });
  const userId = createPeople().meet({ phone: PHONE }).userId;
  expect(userId).toBe(createPeople().meet({ phone: "447700900123" }).userId);
  expect(userId).not.toBe(person.userId);
});

test.each([
  [
    { phone: PHONE, userId: "GB.1" },
    { key: PHONE, phone: PHONE, userId: "GB.1" },
  ],
  [{ userId: "GB.1" }, { key: "GB.1", userId: "GB.1" }],
  [
    { phone: PHONE, userId: null },
    { key: PHONE, phone: PHONE },
  ],
  [{}, { key: "" }],
])("a person given as %j is known as %j", (given, known) => {
  expect(createPeople().meet(given)).toEqual({ name: "Somebody", lastMessageAt: new Map(), ...known });
});

test.each([
  [PHONE, "ZZ.12154304625158868557"],
  ["+447700900124", "ZZ.18817192470214232651"],
])("the user id made for %s has twenty digits and never changes", (phone, userId) => {
  expect(createPeople().meet({ phone }).userId).toBe(userId);
});

test("the same person is met under each of their names, and what is new is learnt", () => {
  const people = createPeople();
  const first = people.meet({ phone: PHONE, name: "Ana" });
  const made = String(first.userId);
  expect(people.meet({ userId: made, username: "ana" })).toBe(first);
  expect(people.meet({ phone: PHONE, userId: "GB.1" })).toBe(first);
  expect(people.meet({ userId: made })).toBe(first);
  expect(people.meet({ userId: "GB.1", name: "Ana B" })).toBe(first);
  expect(first).toMatchObject({ key: PHONE, name: "Ana B", username: "ana", userId: "GB.1" });
  const other = people.meet({ phone: "+447700900124", userId: null });
  expect(people.meet({ phone: "+447700900124" })).toBe(other);
  expect(people.all()).toEqual([first, other]);
});

test("a phone learnt later belongs to the person known by user id", () => {
  const people = createPeople();
  const first = people.meet({ userId: "GB.1" });
  expect(people.meet({ userId: "GB.1", phone: PHONE })).toBe(first);
  expect(people.meet({ phone: PHONE })).toBe(first);
  expect([first.key, first.phone]).toEqual(["GB.1", PHONE]);
});
