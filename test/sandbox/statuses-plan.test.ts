import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CheckedMessage } from "../../src/sandbox/graph/check-message.ts";
import type { StatusBehaviour } from "../../src/sandbox/graph/settings.ts";
import { reportStatuses } from "../../src/sandbox/graph/statuses.ts";
import type { Json } from "../../src/sandbox/read.ts";
import { ANA, NUMBER, number, templates } from "./graph-setup.ts";
import { changeValue, HOOK, NOW, quietWorld } from "./graph-world.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const plain: CheckedMessage = { type: "text", text: "hi", to: { phone: ANA.phone }, input: ANA.phone };

function setUp(statuses: Partial<StatusBehaviour> = {}) {
  const { world, posted, dice } = quietWorld({ statuses });
  const accepted = {
    number: number({ callbackUrl: HOOK }),
    person: world.people.meet(ANA),
    wamid: "wamid.1",
  };
  const report = (own: Partial<CheckedMessage> = {}, failure?: { code: number; details: string }) =>
    reportStatuses(world, { ...accepted, message: { ...plain, ...own } }, failure);
  const statusOf = (index: number) => (changeValue(posted[index])["statuses"] as Json[] | undefined)?.[0];
  const states = () => posted.map((_one, index) => statusOf(index)?.["status"]);
  const noted = () =>
    world.journal.since(0).flatMap((entry) => (entry.kind === "status" ? [[entry.state, entry.lost]] : []));
  return { world, posted, dice, person: accepted.person, report, statusOf, states, noted };
}

const delaysMs = { sent: 10, delivered: 20, read: 30 };

test("each status comes after its own waiting time", async () => {
  const { report, states } = setUp({ delaysMs });
  await report();
  const seen = [];
  for (const ms of [9, 1, 9, 1, 9, 1]) {
    await vi.advanceTimersByTimeAsync(ms);
    seen.push(states().length);
  }
  expect(seen).toEqual([0, 1, 1, 2, 2, 3]);
  expect(states()).toEqual(["sent", "delivered", "read"]);
});

test("a status without a waiting time never comes", async () => {
  const { report, states } = setUp({ delaysMs: { delivered: 0 } });
  await report();
  await vi.runAllTimersAsync();
  expect(states()).toEqual(["delivered"]);
});

test("the first status is posted before the request is answered where that is asked for", async () => {
  const { report, states } = setUp({ delaysMs, beforeAnswer: true });
  await report();
  expect(states()).toEqual(["sent"]);
  await vi.runAllTimersAsync();
  expect(states()).toEqual(["sent", "delivered", "read"]);
});

test.each<[chances: number[], order: string[]]>([
  [
    [0, 0],
    ["delivered", "read", "sent"],
  ],
  [
    [0.99, 0.99],
    ["sent", "delivered", "read"],
  ],
  [
    [0.5, 0],
    ["read", "sent", "delivered"],
  ],
  [
    [0, 0.99],
    ["read", "delivered", "sent"],
  ],
])("shuffled by the chances %j the states come as %j, at the same times", async (chances, order) => {
  const { report, states, dice } = setUp({ delaysMs, shuffle: true });
  dice.chances.push(...chances);
  await report();
  await vi.advanceTimersByTimeAsync(10);
  expect(states()).toHaveLength(1);
  await vi.runAllTimersAsync();
  expect(states()).toEqual(order);
});

test.each([
  [0.25, 0.24, true],
  [0.25, 0.25, false],
  [0, 0, false],
])("with a share of %d lost, a chance of %d loses a status: %s", async (lose, chance, lost) => {
  const { report, posted, noted, dice } = setUp({ delaysMs: { sent: 0 }, lose });
  dice.chances.push(chance);
  await report();
  await vi.runAllTimersAsync();
  expect(noted()).toEqual([["sent", lost]]);
  expect(posted).toHaveLength(lost ? 0 : 1);
});

test.each([
  [0.25, 0.24, 2],
  [0.25, 0.25, 1],
  [0, 0, 1],
])("with a share of %d doubled, a chance of %d posts a status %i times", async (double, chance, times) => {
  const { report, posted, dice } = setUp({ delaysMs: { sent: 0 }, double });
  dice.chances.push(0.5, chance);
  await report();
  await vi.runAllTimersAsync();
  expect(posted).toHaveLength(times);
});

const service = { billable: false, pricing_model: "PMP", type: "free_customer_service", category: "service" };

test("a status tells message, time, recipient, price and the sender's own reference", async () => {
  const { report, posted, statusOf, person, world } = setUp();
  await report({ callbackData: "intent-1" });
  await vi.runAllTimersAsync();
  const common = {
    id: "wamid.1",
    timestamp: String(NOW / 1000),
    recipient_id: "447700900123",
    recipient_user_id: person.userId,
    biz_opaque_callback_data: "intent-1",
  };
  expect([0, 1, 2].map(statusOf)).toEqual([
    { ...common, status: "sent", pricing: service },
    { ...common, status: "delivered", pricing: service },
    { ...common, status: "read" },
  ]);
  expect(posted[0]?.body).toMatchObject({
    entry: [{ id: "102290129340398", changes: [{ field: "messages" }] }],
  });
  expect(changeValue(posted[0])).toMatchObject({
    metadata: { phone_number_id: NUMBER },
    contacts: [{ wa_id: "447700900123", user_id: person.userId }],
  });
  expect(world.journal.since(0)[0]).toMatchObject({
    kind: "status",
    number: NUMBER,
    person: ANA.phone,
    wamid: "wamid.1",
    state: "sent",
    lost: false,
  });
  expect(world.journal.since(1)[0]).toMatchObject({ kind: "webhook", wamids: ["wamid.1"] });
});

test("a template is billed under its category", async () => {
  const { report, statusOf } = setUp({ delaysMs: { sent: 0 } });
  await report({ ...(templates[0] && { template: templates[0] }) });
  await vi.runAllTimersAsync();
  const pricing = { billable: true, pricing_model: "PMP", type: "regular", category: "utility" };
  expect(statusOf(0)).toMatchObject({ pricing });
});

const failed = (code: number, title: string, details: string) => ({
  id: "wamid.1",
  status: "failed",
  timestamp: String(NOW / 1000),
  recipient_id: "447700900123",
  errors: [
    {
      code,
      title,
      message: title,
      error_data: { details },
      href: "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    },
  ],
});

test("a failure comes alone, after the time of the first status, without contacts and price", async () => {
  const { report, posted, statusOf, states } = setUp({ delaysMs });
  await report({}, { code: 131026, details: "gone" });
  await vi.advanceTimersByTimeAsync(9);
  expect(states()).toEqual([]);
  await vi.runAllTimersAsync();
  expect(states()).toEqual(["failed"]);
  expect(statusOf(0)).toEqual(failed(131026, "Message undeliverable", "gone"));
  expect(changeValue(posted[0])).not.toHaveProperty("contacts");
});

test("a failure that was asked for comes first, once, and without words of its own has its title", async () => {
  const { world, report, statusOf } = setUp({ delaysMs: {} });
  world.failures.push({ code: 131049, details: "" });
  await report({}, { code: 131026, details: "gone" });
  await report();
  await vi.runAllTimersAsync();
  const title = "Meta chose not to deliver";
  expect(statusOf(0)).toEqual(failed(131049, title, title));
  expect([statusOf(1), world.failures]).toEqual([undefined, []]);
});

test("a failure to somebody without a phone names the user id", async () => {
  const { report, person, statusOf } = setUp();
  delete person.phone;
  await report({}, { code: 131026, details: "gone" });
  await vi.runAllTimersAsync();
  expect(statusOf(0)).toMatchObject({ recipient_user_id: person.userId });
  expect(statusOf(0)).not.toHaveProperty("recipient_id");
});
