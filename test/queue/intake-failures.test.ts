import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type PrivateRedis, startPrivateRedis } from "../../scripts/private-redis.ts";
import { createIntake } from "../../src/queue/intake.ts";
import type { Accepted } from "../../src/queue/store-batch.ts";
import { createWakeQueues } from "../../src/queue/wake-queues.ts";
import type { IntakeItem } from "../../src/store/intake-item.ts";
import { keys } from "../../src/store/keys.ts";
import { delivery, messageReceived } from "../support/builders.ts";
import { keysLike } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { createLedger, type OpenQueue, openQueue, work } from "./running-queue.ts";

vi.setConfig({ testTimeout: 60_000 });

/** 800 ms, and what a busy machine adds. */
const ABOUT_A_SECOND = 1500;

async function ownRedis(config: string[] = []): Promise<PrivateRedis> {
  const redis = await startPrivateRedis({ appendfsync: "always", config });
  onTestFinished(() => redis.stop());
  return redis;
}

function batch({ channel }: OpenQueue, size: number): IntakeItem[] {
  return Array.from({ length: size }, (_, n) => delivery(channel, messageReceived(), { id: `p${n % 5}` }));
}

/** Milliseconds until a call rejected; fails when it does not. */
async function rejectsAfter(call: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await expect(call).rejects.toThrow();
  return performance.now() - started;
}

/** Repeats a batch until it is taken, as a sender of webhooks does. Each waits for the disk, which others may keep busy. */
function untilTaken({ intake }: OpenQueue, items: IntakeItem[]): Promise<Accepted[]> {
  const patience = { everyMs: 50, withinMs: 30_000 };
  return until("the intake to take events again", () => intake.accept(items), patience);
}

async function waiting({ redis, channel }: OpenQueue): Promise<string[]> {
  const lists = await keysLike(redis, `{deskferry:${channel}}:mailbox:*`);
  const all = await Promise.all(lists.map((list) => redis.lrange(list, 0, -1)));
  return all.flat().map((raw) => (JSON.parse(raw) as { event: { id: string } }).event.id);
}

const idsOf = (items: IntakeItem[]) =>
  items.flatMap((item) => ("deliver" in item ? [item.deliver.event.id] : []));

describe("R20: Redis killed", () => {
  test("refuses within a second, and a repeat of the batch is taken in exactly once", async () => {
    const server = await ownRedis();
    const queue = await openQueue({ url: server.url });
    const first = batch(queue, 50);
    await queue.intake.accept(first);
    await server.kill();
    const second = batch(queue, 50);
    expect(await rejectsAfter(queue.intake.accept(second))).toBeLessThan(ABOUT_A_SECOND);
    await until("the connection to be known as lost", () => queue.intakeRedis.status !== "ready");
    expect(await rejectsAfter(queue.intake.accept(second))).toBeLessThan(300);

    await server.restart();
    await untilTaken(queue, second);
    expect((await queue.intake.accept([...first, ...second])).filter(({ fresh }) => fresh)).toEqual([]);
    expect((await waiting(queue)).sort()).toEqual([...idsOf(first), ...idsOf(second)].sort());
  });

  test("in the midst of batches loses none that was taken in and doubles none that was repeated", async () => {
    const server = await ownRedis();
    const queue = await openQueue({ url: server.url });
    const ledger = createLedger();
    work(queue, ledger.handle);
    const batches = Array.from({ length: 60 }, () => batch(queue, 20));
    const killing = (async () => {
      for (let n = 0; n < 3; n++) {
        await until("events to flow", () => ledger.handled.length > n * 100, { withinMs: 30_000 });
        await server.kill();
        await server.restart();
      }
    })();
    for (const one of batches) await untilTaken(queue, one);
    await killing;
    const sent = batches.flatMap(idsOf);
    const handled = () => new Set(ledger.handled.map(({ id }) => id)).size;
    await until("all to be handled", () => handled() === sent.length, { withinMs: 30_000 });
    await until("the mailboxes to be empty", async () => (await waiting(queue)).length === 0);
    for (let n = 0; n < 5; n++) {
      const order = sent.filter((_, index) => index % 5 === n);
      // A handler may run twice when its answer was lost, never out of turn.
      expect([...new Set(ledger.of(`p${n}`))]).toEqual(order);
    }
  }, 90_000);
});

/** SIGSTOP, until `thaw` or the end of the test. */
async function freeze({ redis }: OpenQueue): Promise<{ thaw(): void }> {
  const pid = Number(/process_id:(\d+)/.exec(await redis.info("server"))?.[1]);
  process.kill(pid, "SIGSTOP");
  const thaw = () => void process.kill(pid, "SIGCONT");
  onTestFinished(thaw);
  return { thaw };
}

describe("R21: a frozen Redis", () => {
  test("refuses within about a second, and what it did after all is not done twice", async () => {
    const server = await ownRedis();
    const queue = await openQueue({ url: server.url });
    const items = batch(queue, 20);
    const { thaw } = await freeze(queue);
    expect(await rejectsAfter(queue.intake.accept(items))).toBeLessThan(ABOUT_A_SECOND);
    thaw();

    await untilTaken(queue, items);
    expect((await waiting(queue)).sort()).toEqual(idsOf(items).sort());
  });

  test("just as an intake begins does not close that intake for good", async () => {
    const server = await ownRedis();
    const queue = await openQueue({ url: server.url });
    const { thaw } = await freeze(queue);
    const queues = createWakeQueues(queue.intakeRedis, queue.channels);
    onTestFinished(() => queues.close());
    const intake = createIntake(queues);
    const items = batch(queue, 20);
    await rejectsAfter(intake.accept(items));
    thaw();

    await untilTaken({ ...queue, intake }, items);
    expect((await waiting(queue)).sort()).toEqual(idsOf(items).sort());
  });
});

test("R26: a full Redis refuses the whole batch, whichever item it is full at, and recovers", async () => {
  const server = await ownRedis();
  const queue = await openQueue({ url: server.url });
  await queue.intake.accept(batch(queue, 1));
  const outside = new Redis(server.url);
  onTestFinished(() => outside.disconnect());
  const used = Number(/used_memory:(\d+)/.exec(await outside.info("memory"))?.[1]);
  await outside.config("SET", "maxmemory", used + 200_000);

  const taken: string[] = [];
  const refused: IntakeItem[][] = [];
  for (let n = 0; n < 20 && refused.length < 3; n++) {
    const items = batch(queue, 100);
    await queue.intake.accept(items).then(
      () => taken.push(...idsOf(items)),
      () => refused.push(items),
    );
  }
  expect([taken.length > 0, refused.length]).toEqual([true, 3]);
  const stored = await waiting(queue);
  expect(stored.length).toBe(taken.length + 1);

  await outside.config("SET", "maxmemory", 0);
  for (const items of refused) await untilTaken(queue, items);
  expect(await waiting(queue)).toHaveLength(taken.length + 301);
});

describe("a Redis that forgot its scripts", () => {
  test("costs at most one refusal: the repeat is taken in, once, and is handled", async () => {
    const server = await ownRedis();
    const queue = await openQueue({ url: server.url });
    const ledger = createLedger();
    work(queue, ledger.handle);
    const sent: string[] = [];
    for (let round = 0; round < 4; round++) {
      const items = batch(queue, 10);
      sent.push(...idsOf(items));
      await untilTaken(queue, items);
      await queue.redis.script("FLUSH");
    }
    await until("all to be handled", () => ledger.handled.length >= sent.length);
    expect(ledger.handled.map(({ id }) => id).sort()).toEqual(sent.sort());
  });

  test("is told apart from one that is down: other callers are served at once", async () => {
    const server = await ownRedis();
    const queue = await openQueue({ url: server.url });
    const items = batch(queue, 10);
    await queue.intake.accept(items);
    await queue.redis.script("FLUSH");
    await queue.intake.accept(items).catch(() => undefined);
    const started = performance.now();
    await untilTaken(queue, items);
    expect(performance.now() - started).toBeLessThan(ABOUT_A_SECOND);
    expect(await queue.redis.llen(keys.mailbox(queue.channel, "in", "p0"))).toBe(2);
  });
});
