import { beforeEach, expect, test } from "vitest";
import { createIntake } from "../../src/queue/intake.ts";
import type { WakeQueues } from "../../src/queue/wake-queues.ts";
import type { IntakeItem } from "../../src/store/intake-item.ts";
import { keys } from "../../src/store/keys.ts";
import { delivery, messageReceived } from "../support/builders.ts";
import { until } from "../support/until.ts";
import { type OpenQueue, openQueue } from "./running-queue.ts";

let queue: OpenQueue;
/** Batches on their way to Redis, each let go by the test: with an error it never arrives. */
let held: { go(error?: Error): void }[];
beforeEach(async () => {
  queue = await openQueue({ channels: 2 });
  held = [];
});

/** Queues whose batches wait until they are let go. */
function holding(queues: WakeQueues): WakeQueues {
  const hold = () =>
    new Promise<void>((resolve, reject) => {
      held.push({ go: (error) => (error ? reject(error) : resolve()) });
    });
  return {
    ...queues,
    append: (args) => hold().then(() => queues.append(args)),
    transaction: (channel) => hold().then(() => queues.transaction(channel)),
  };
}

function messages(count: number, channel = queue.channel): IntakeItem[] {
  return Array.from({ length: count }, () => delivery(channel, messageReceived(), { id: "ada" }));
}

const batch = (number: number) =>
  until(`batch ${number}`, () => Promise.resolve(held[number - 1]), { everyMs: 5 });
const turn = () => new Promise((resolve) => setImmediate(resolve));
const stored = (channel = queue.channel) => queue.redis.llen(keys.mailbox(channel, "in", "ada"));

test("what arrives while a batch is being stored goes together in the next", async () => {
  const intake = createIntake(holding(queue.queues));
  const first = intake.accept(messages(1));
  const { go } = await batch(1);
  const later: Promise<unknown>[] = [];
  for (let arrivals = 0; arrivals < 5; arrivals++) {
    later.push(intake.accept(messages(2)));
    await turn();
  }
  expect(held).toHaveLength(1);
  go();
  await first;
  expect(await stored()).toBe(1);
  (await batch(2)).go();
  await Promise.all(later);
  expect([held.length, await stored()]).toEqual([2, 11]);
});

test("another channel's batch waits for none of this one's", async () => {
  const [one = "", other = ""] = queue.channels;
  const intake = createIntake(holding(queue.queues));
  const slow = intake.accept(messages(1, one));
  await batch(1);
  const quick = intake.accept(messages(1, other));
  (await batch(2)).go();
  await quick;
  expect([await stored(one), await stored(other)]).toEqual([0, 1]);
  held[0]?.go();
  await slow;
  expect(await stored(one)).toBe(1);
});

test("a batch that fails is refused to its callers, and the next is stored", async () => {
  const intake = createIntake(holding(queue.queues));
  const first = intake.accept(messages(3));
  const refused = expect(first).rejects.toThrow("gone");
  const { go } = await batch(1);
  const second = intake.accept(messages(2));
  go(new Error("gone"));
  await refused;
  (await batch(2)).go();
  expect((await second).map(({ fresh }) => fresh)).toEqual([true, true]);
  expect(await stored()).toBe(2);
  const third = intake.accept(messages(1));
  (await batch(3)).go();
  await third;
  expect(await stored()).toBe(3);
});

test("a batch ends after a thousand items, but never within what one call handed over", async () => {
  const intake = createIntake(holding(queue.queues));
  const first = intake.accept(messages(1));
  const { go } = await batch(1);
  const later = [600, 600, 600, 1700, 1000, 1].map((count) => intake.accept(messages(count)));
  go();
  await first;
  const sizes: number[] = [];
  for (let number = 2, before = 1; number <= 5; number++) {
    (await batch(number)).go();
    await until("it is stored", async () => (await stored()) > before, { everyMs: 5 });
    sizes.push((await stored()) - before);
    before = await stored();
  }
  await Promise.all(later);
  expect(sizes).toEqual([1200, 2300, 1000, 1]);
});

test("while replicas are waited for the next batch is stored", async () => {
  const confirmed: (() => void)[] = [];
  const confirm = () => new Promise<void>((resolve) => confirmed.push(resolve));
  const intake = createIntake(queue.queues, { confirm });
  const first = intake.accept(messages(1));
  await until("a confirmation to be asked for", () => Promise.resolve(confirmed.length === 1));
  const second = intake.accept(messages(1));
  await until("another", () => Promise.resolve(confirmed.length === 2));
  expect(await stored()).toBe(2);
  confirmed[1]?.();
  await second;
  confirmed[0]?.();
  await first;
});

test("what replicas do not confirm is refused, and the next batch is stored", async () => {
  let asked = 0;
  const confirm = () => (asked++ === 0 ? Promise.reject(new Error("no replica")) : Promise.resolve());
  const intake = createIntake(queue.queues, { confirm });
  await expect(intake.accept(messages(1))).rejects.toThrow("no replica");
  expect((await intake.accept(messages(1)))[0]?.fresh).toBe(true);
});
