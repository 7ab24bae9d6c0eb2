import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createDeskWorld } from "../../src/sandbox/desk/world.ts";
import { defaultRetryDelaysMs } from "../../src/sandbox/graph/settings.ts";
import { closeWorld, createWorld, later } from "../../src/sandbox/graph/world.ts";
import { number, templates } from "./graph-setup.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a task runs after its time, once, and none after the world was closed", async () => {
  const world = createWorld({ numbers: [number()], templates });
  const stopped = vi.spyOn(world.sender, "stop");
  const closed = vi.spyOn(world.journal, "close");
  const ran: number[] = [];
  later(world, 5, () => ran.push(5));
  later(world, 50, () => ran.push(50));
  vi.advanceTimersByTime(4);
  expect([ran, world.timers.size]).toEqual([[], 2]);
  vi.advanceTimersByTime(1);
  expect([ran, world.timers.size]).toEqual([[5], 1]);
  await closeWorld(world);
  vi.advanceTimersByTime(100);
  expect([ran, vi.getTimerCount()]).toEqual([[5], 0]);
  expect([stopped.mock.calls.length, closed.mock.calls.length]).toEqual([1, 1]);
});

test("a world begins empty, with copies of its numbers and statuses that come at once", () => {
  const ours = number();
  const world = createWorld({ numbers: [ours], templates, statuses: { lose: 0.5 } });
  const [copy] = world.numbers;
  expect(copy).toEqual(ours);
  expect(copy).not.toBe(ours);
  expect(world).toMatchObject({ failures: [], baseUrl: "" });
  expect([world.wrote.size, world.people.all(), world.journal.since(0)]).toEqual([0, [], []]);
  const delaysMs = { sent: 0, delivered: 0, read: 0 };
  expect(world.statuses).toEqual({ delaysMs, lose: 0.5, double: 0, shuffle: false, beforeAnswer: false });
});

test("a webhook is tried again for about five minutes, ever more slowly", () => {
  expect(defaultRetryDelaysMs.reduce((sum, delay) => sum + delay)).toBe(300_750);
  expect(defaultRetryDelaysMs).toEqual([...defaultRetryDelaysMs].sort((one, other) => one - other));
});

test.each([
  [{}, { externalIds: "plain", lagMs: 0, echoFirst: false }],
  [
    { externalIds: "unique", lagMs: 5, echoFirst: true } as const,
    { externalIds: "unique", lagMs: 5, echoFirst: true },
  ],
])("a helpdesk of %j behaves as %j, and counts its ids from 1001", (own, behaviour) => {
  const world = createDeskWorld({ token: "t", webhookSecret: "s", ...own });
  expect(world.behaviour).toEqual(behaviour);
  expect([world.callbackUrl, world.nextId(), world.nextId()]).toEqual([undefined, "1001", "1002"]);
});
