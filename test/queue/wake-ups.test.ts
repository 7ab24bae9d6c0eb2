import { Queue } from "bullmq";
import { describe, expect, test, vi } from "vitest";
import { RetryLater } from "../../src/domain/failure.ts";
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

describe("a conversation in which something waits already", () => {
  test("gets no wake job that nobody needs, and what came is handled all the same", async () => {
    const queue = await openQueue();
    const add = vi.spyOn(queue.queues, "addWake");
    const send = (id: string) =>
      queue.intake.accept([delivery(queue.channel, messageReceived({ id }), { id: "ada" })]);
    for (const id of ["a", "b", "c", "d"]) await send(id);
    // The first finds nothing waiting, the second tells that somebody is awake.
    expect(add).toHaveBeenCalledTimes(2);
    const ledger = createLedger();
    work(queue, ledger.handle);
    await until("all to be handled", () => ledger.handled.length === 4);
    expect(ledger.of("ada")).toEqual(["a", "b", "c", "d"]);
  });

  test("and that has come to rest meanwhile is woken before the webhook is answered", async () => {
    const queue = await openQueue();
    const send = (id: string) =>
      queue.intake.accept([delivery(queue.channel, messageReceived({ id }), { id: "ada" })]);
    await send("a");
    await send("b");
    const place = { channel: queue.channel, lane: "in", person: "ada" } as const;
    // Another process has handled all of it, and nobody is awake: this intake cannot know.
    await queue.queues.forget(queue.channel, "in", "1");
    for (let head = await queue.store.mailboxes.begin(place); head; ) {
      await queue.store.mailboxes.done(place, head);
      head = await queue.store.mailboxes.begin(place);
    }
    const raw = rawQueue(queue);
    expect(await raw.getJobCounts("waiting")).toMatchObject({ waiting: 0 });
    await send("c");
    expect(await raw.getJobCounts("waiting")).toMatchObject({ waiting: 1 });
    await raw.close();
  });

  test("but whose intake died before it woke them is woken by the sweeper", async () => {
    const queue = await openQueue();
    const send = (id: string) =>
      queue.intake.accept([delivery(queue.channel, messageReceived({ id }), { id: "ada" })]);
    await send("a");
    await send("b");
    await queue.queues.forget(queue.channel, "in", "1");
    const ledger = createLedger();
    work(queue, ledger.handle);
    await send("c");
    await sweep(queue.channels, queue.store.mailboxes, queue.queues);
    await until("all to be handled", () => ledger.handled.length === 3);
  });
});

test("of all who wait for a later try the one who is hurried is tried now", async () => {
  const queue = await openQueue();
  const ledger = createLedger();
  const tried: string[] = [];
  work(queue, async (event, conversation) => {
    tried.push(conversation.person);
    if (tried.filter((person) => person === conversation.person).length === 1) {
      throw new RetryLater("not yet", 3_600_000);
    }
    await ledger.handle(event, conversation);
  });
  const people = ["ada", "bob"];
  await queue.intake.accept(people.map((who) => delivery(queue.channel, messageReceived(), { id: who })));
  const raw = rawQueue(queue);
  await until("both to wait", async () => (await raw.getDelayedCount()) === 2);
  const place = (person: string) => ({ channel: queue.channel, lane: "in", person }) as const;
  await queue.queues.hurryOne(place("ada"));
  await queue.queues.hurryOne(place("nobody"));
  await until("one to be handled", () => ledger.handled.length === 1);
  await queue.queues.hurryOne(place("ada"));
  expect(tried.sort()).toEqual(["ada", "ada", "bob"]);
  await raw.close();
});

test("what is kept and what is delivered in one batch are told apart, in the order given", async () => {
  const queue = await openQueue();
  const kept = (id: string) => ({
    keep: { channel: queue.channel, list: "account" as const, id, content: id },
  });
  const message = (id: string, who: string) => delivery(queue.channel, messageReceived({ id }), { id: who });
  const items = [kept("x"), message("a", "ada"), kept("x"), message("b", "bob"), message("a", "ada")];
  expect(await queue.intake.accept(items)).toEqual([
    { fresh: true },
    { fresh: true, person: "ada" },
    { fresh: false },
    { fresh: true, person: "bob" },
    { fresh: false, person: "ada" },
  ]);
});
