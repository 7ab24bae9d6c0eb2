import { Queue } from "bullmq";
import { expect, test } from "vitest";
import { createIntake } from "../../src/queue/intake.ts";
import { sweep } from "../../src/queue/sweeper.ts";
import { createWakeQueues } from "../../src/queue/wake-queues.ts";
import { channelTag } from "../../src/store/keys.ts";
import { delivery, messageReceived, phone, userId } from "../support/builders.ts";
import { openRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { createLedger, type OpenQueue, openQueue, work } from "./running-queue.ts";

/** BullMQ's own view of the queue of a lane. */
function rawQueue({ redis, channel }: OpenQueue, lane = "in"): Queue {
  return new Queue(lane, { connection: redis, prefix: channelTag(channel) });
}

test("P05: no event sleeps that comes while the drain of its conversation is finishing", async () => {
  const queue = await openQueue();
  const CONVERSATIONS = 600;
  const ledger = createLedger();
  let second = 0;
  const sendings: Promise<unknown>[] = [];
  work(
    queue,
    async (event, conversation) => {
      await ledger.handle(event, conversation);
      if (!event.id.endsWith("/1")) return;
      // From another corner of the event loop each time, so that it meets every moment of the drain's end.
      const send = () =>
        queue.intake.accept([
          delivery(queue.channel, messageReceived({ id: `${conversation.person}/2` }), {
            id: conversation.person,
          }),
        ]);
      sendings.push(after(second++ % 6, send));
    },
    { concurrency: 40 },
  );
  for (let n = 0; n < CONVERSATIONS; n += 20) {
    const items = Array.from({ length: 20 }, (_, i) =>
      delivery(queue.channel, messageReceived({ id: `p${n + i}/1` }), { id: `p${n + i}` }),
    );
    await queue.intake.accept(items);
  }
  await until("both events of each conversation", () => ledger.handled.length === 2 * CONVERSATIONS, {
    withinMs: 15_000,
  });
  await Promise.all(sendings);
  expect(new Set(ledger.handled.map(({ id }) => id)).size).toBe(2 * CONVERSATIONS);
}, 30_000);

/** Runs something after some turns of the event loop. */
async function after<T>(turns: number, run: () => Promise<T>): Promise<T> {
  for (let n = 0; n < turns; n++) await new Promise((resolve) => setImmediate(resolve));
  return run();
}

test("a person who is known under another id than their payload suggests is woken", async () => {
  const queue = await openQueue();
  const ledger = createLedger();
  work(queue, ledger.handle);
  const both = { phone: phone(1), userId: userId(1) };
  const events = [both, { phone: phone(1) }, { userId: userId(1) }, { phone: phone(1) }].map((person) =>
    messageReceived({ person }),
  );
  for (const [index, event] of events.entries()) {
    await queue.intake.accept([delivery(queue.channel, event)]);
    await until(`event ${index} to be handled`, () => ledger.handled.length === index + 1);
  }
  expect(new Set(ledger.handled.map(({ person }) => person)).size).toBe(1);
});

test("many such people in one batch are woken", async () => {
  const queue = await openQueue();
  const ledger = createLedger();
  const known = Array.from({ length: 200 }, (_, n) => ({ phone: phone(n), userId: userId(n) }));
  const send = (people: object[]) =>
    queue.intake.accept(people.map((person) => delivery(queue.channel, messageReceived({ person }))));
  work(queue, ledger.handle);
  await send(known);
  await until("the first batch", () => ledger.handled.length === 200);
  await send(known.map((person) => ({ phone: person.phone })));
  await until("the second batch", () => ledger.handled.length === 400);
});

test("events in all lanes of all channels wake their own conversation", async () => {
  const queue = await openQueue({ channels: 3 });
  const handled = new Set<string>();
  work(queue, async ({ id }, { channel, person }) => void handled.add(`${channel} ${person} ${id}`));
  const expected = queue.channels.flatMap((channel) =>
    (["in", "out", "receipt"] as const).map((lane) => ({ channel, lane, id: `${channel}/${lane}` })),
  );
  await queue.intake.accept(
    expected.map(({ channel, lane, id }) => ({
      deliver: { channel, lane, event: messageReceived({ id }), person: { id: lane } },
    })),
  );
  await until("all lanes", () => handled.size === 9);
  expect([...handled].sort()).toEqual(
    expected.map(({ channel, lane, id }) => `${channel} ${lane} ${id}`).sort(),
  );
});

test("the sweeper wakes mailboxes whose wake jobs were removed, and only those with events", async () => {
  const queue = await openQueue();
  const ledger = createLedger();
  const items = Array.from({ length: 700 }, (_, n) =>
    delivery(queue.channel, messageReceived(), { id: `p${n}` }),
  );
  await queue.intake.accept(items);
  const raw = rawQueue(queue);
  await raw.obliterate({ force: true });
  work(queue, ledger.handle);
  await sweep(queue.channels, queue.store.mailboxes, queue.queues);
  await until("all to be handled", () => ledger.handled.length === 700);
  await until("the queue to be empty", async () => (await raw.getJobCountByTypes("wait", "active")) === 0);
  await sweep(queue.channels, queue.store.mailboxes, queue.queues);
  expect(await raw.getJobCounts()).toMatchObject({ waiting: 0, active: 0, delayed: 0 });
  await raw.close();
});

test("sweeping while all is well wakes nobody twice and disturbs nobody's wait", async () => {
  const queue = await openQueue();
  await queue.intake.accept(
    Array.from({ length: 50 }, (_, n) => delivery(queue.channel, messageReceived(), { id: `p${n}` })),
  );
  const raw = rawQueue(queue);
  for (let n = 0; n < 3; n++) await sweep(queue.channels, queue.store.mailboxes, queue.queues);
  expect(await raw.getJobCounts()).toMatchObject({ waiting: 50 });
  await raw.close();
});

test("wake jobs stay behind no more than their events: a quiet queue holds no jobs", async () => {
  const queue = await openQueue();
  const ledger = createLedger();
  work(queue, ledger.handle);
  await queue.intake.accept(
    Array.from({ length: 100 }, (_, n) => delivery(queue.channel, messageReceived(), { id: `p${n % 9}` })),
  );
  await until("all to be handled", () => ledger.handled.length === 100);
  const raw = rawQueue(queue);
  await until("no jobs to be left", async () => {
    const counts = await raw.getJobCounts();
    return Object.values(counts).every((count) => count === 0);
  });
  await raw.close();
});

test("P10: a quiet conversation's first message waits a moment for those sent before it", async () => {
  const queue = await openQueue();
  const ledger = createLedger();
  const queues = createWakeQueues(await openRedis("intake"), queue.channels, 300);
  const intake = createIntake(queues);
  work(queue, ledger.handle);
  const album = Array.from({ length: 10 }, (_, n) =>
    messageReceived({ id: `photo-${n}`, at: `2026-11-02T09:00:0${n}.000Z` }),
  );
  for (const n of [3, 9, 0, 7, 1, 8, 2, 6, 4, 5]) {
    await intake.accept([delivery(queue.channel, album[n] ?? messageReceived(), { id: "ada" })]);
  }
  await until("the album", () => ledger.handled.length === 10);
  expect(ledger.of("ada")).toEqual(album.map(({ id }) => id));
  await queues.close();
});
