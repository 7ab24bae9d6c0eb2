import { Queue, Worker } from "bullmq";
import { beforeEach, expect, test, vi } from "vitest";
import { startWorkers } from "../../src/queue/workers.ts";
import { channelTag, keys } from "../../src/store/keys.ts";
import { createStore } from "../../src/store/store.ts";
import { delivery, messageReceived } from "../support/builders.ts";
import { openRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { createLedger, type OpenQueue, openQueue, work } from "./running-queue.ts";

let queue: OpenQueue;
beforeEach(async () => {
  queue = await openQueue();
});

test("R05: no number of stalls makes BullMQ drop a drain, nor do its tries run out", async () => {
  const started: Worker[] = [];
  const run = vi.spyOn(Worker.prototype, "run").mockImplementation(async function (this: Worker) {
    started.push(this);
  });
  startWorkers({
    redis: queue.redis,
    channels: queue.channels,
    queues: queue.queues,
    settings: { concurrency: 7, lockMs: 9000, stallMs: 4000 },
    tools: {
      mailboxes: createStore(queue.redis).mailboxes,
      handle: async () => undefined,
      policy: { crashLimit: 5, giveUpAfterMs: 1, random: () => 0 },
      log: { done() {}, waiting() {}, newer() {}, broken() {}, separated() {}, buried() {} },
      now: Date.now,
    },
  });
  run.mockRestore();
  expect(started.map(({ name }) => name).sort()).toEqual(["in", "out", "receipt"]);
  for (const { opts } of started) {
    expect(opts).toMatchObject({ concurrency: 7, lockDuration: 9000, stalledInterval: 4000 });
    expect(opts.maxStalledCount).toBeGreaterThanOrEqual(1_000_000);
  }
  await queue.intake.accept([delivery(queue.channel, messageReceived(), { id: "ada" })]);
  const raw = new Queue("in", { connection: queue.redis, prefix: channelTag(queue.channel) });
  const [job] = await raw.getWaiting();
  expect(job?.opts.attempts).toBeGreaterThanOrEqual(1_000_000);
  await raw.close();
});

test("a drain whose worker vanished is taken over by another, however often that happens", async () => {
  await queue.intake.accept([delivery(queue.channel, messageReceived({ id: "m0" }), { id: "ada" })]);
  const tag = channelTag(queue.channel);
  // A worker that took the job and was killed: its lock runs out and nobody renews it. BullMQ's default of one stall
  // would fail the job at the second.
  for (let n = 0; n < 3; n++) {
    const victim = new Worker("in", null, {
      connection: await openRedis(),
      prefix: tag,
      lockDuration: 50,
      stalledInterval: 50,
      maxStalledCount: 1_000_000,
      skipLockRenewal: true,
    });
    await until("the victim to have the job", () => victim.getNextJob(`victim-${n}`, { block: false }));
    await victim.startStalledCheckTimer();
    await until("the job to wait again", async () => (await queue.redis.llen(`${tag}:in:wait`)) === 1);
    await victim.close();
  }
  const ledger = createLedger();
  work(queue, ledger.handle);
  await until("it to be handled", () => ledger.handled.length === 1);
});

test("an event that this version cannot read holds up its conversation only, and is told of", async () => {
  const ledger = createLedger();
  const { broken } = work(queue, ledger.handle);
  const newer = JSON.stringify({ v: 2, payload: "of a newer version" });
  await queue.redis.lpush(keys.mailbox(queue.channel, "in", "ada"), newer);
  const items = ["ada", "bob"].map((id) => delivery(queue.channel, messageReceived({ id }), { id }));
  await queue.intake.accept(items);
  await until("it to be tried twice", () => broken.length >= 2);
  expect(new Set(broken)).toEqual(new Set(["ada"]));
  expect(ledger.of("bob")).toEqual(["bob"]);
  await queue.redis.lpop(keys.mailbox(queue.channel, "in", "ada"));
  await until("the conversation to go on", () => ledger.of("ada").length === 1);
});

test("closing waits for the events being handled, and leaves the others waiting", async () => {
  const ledger = createLedger();
  let begun = 0;
  let release: (() => void) | undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { workers } = work(
    queue,
    async (event, conversation) => {
      begun++;
      await held;
      await ledger.handle(event, conversation);
    },
    { concurrency: 2 },
  );
  const items = ["a", "b", "c", "d"].map((id) => delivery(queue.channel, messageReceived({ id }), { id }));
  await queue.intake.accept(items);
  await until("two to begin", () => begun === 2);
  const closed = workers.close();
  release?.();
  await closed;
  expect(ledger.handled).toHaveLength(2);
  expect(await queue.store.mailboxes.waiting(queue.channel, "in")).toBe(2);
  work(queue, ledger.handle);
  await until("the others", () => ledger.handled.length === 4);
});
