import { expect, test } from "vitest";
import { consentsIn, plays } from "../../scripts/reliability/crash-points/plays.ts";
import { playsOf } from "../../scripts/reliability/crash-points/run.ts";

const [stop] = plays.filter(({ scenario }) => scenario === "stop");
const [forgetting] = plays.filter(({ redisIsLost }) => redisIsLost);
const [message] = plays.filter(({ point }) => point === "contact.written");
const [found] = plays.filter(({ point }) => point === "create.found");
if (!stop || !forgetting || !message || !found) throw new Error("these plays are no more");

test("the audit log must tell of the consents since Redis last lost all, for the log was lost with it", () => {
  expect(consentsIn([message, stop, message, stop])).toBe(2);
  expect(consentsIn([stop, message, forgetting, stop, message])).toBe(1);
  expect(consentsIn([stop, forgetting])).toBe(0);
});

test("each point is passed equally often, also where only connectors of one class come past", () => {
  const times = (idempotency: "A" | "B", wanted: typeof message) =>
    playsOf(idempotency, 10, () => 0).filter((play) => play === wanted).length;
  expect([times("A", message), times("B", message)]).toEqual([10, 10]);
  expect([times("A", found), times("B", found)]).toEqual([0, 20]);
});

test("what was played before is not played again, and what was played least comes first", () => {
  const all = playsOf("A", 2, (play) => (play === message ? 1 : 0));
  expect(all.filter((play) => play === message)).toHaveLength(1);
  expect(all.lastIndexOf(message)).toBeGreaterThan(plays.filter(({ only }) => only !== "B").length - 2);
});
