import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import type { Handle } from "../../src/queue/drain.ts";
import type { DrainLog } from "../../src/queue/drain-log.ts";
import { createIntake } from "../../src/queue/intake.ts";
import { createWakeQueues } from "../../src/queue/wake-queues.ts";
import { startWorkers } from "../../src/queue/workers.ts";
import { createHttpClient } from "../../src/sdk/http-client.ts";
import { connectRedis } from "../../src/store/connection.ts";
import { createStore } from "../../src/store/store.ts";
import { startPrivateRedis } from "../private-redis.ts";
import { type BenchOptions, inTurn } from "./options.ts";
import { startProcess } from "./process.ts";
import { type Spread, spreadOf } from "./statistics.ts";

export interface OrderedResult {
  /** Events a second through mailboxes, those of a conversation one after the other. */
  ordered: Spread;
  /** The same events as BullMQ jobs of their own, in whatever order. */
  unordered: Spread;
}

const EVENTS = 4000;
const CONVERSATIONS = 500;
const AT_ONCE = 50;

/** What order costs: the same events, the same two calls each, with mailboxes and without, in turns in this process. */
export async function benchOrdered({ rounds, say }: BenchOptions): Promise<OrderedResult> {
  const redis = await startPrivateRedis({ appendfsync: "always" });
  const desk = await startProcess("scripts/bench/answering-server.ts");
  const client = createHttpClient({ baseUrl: `http://127.0.0.1:${desk.port}` }, { now: Date.now });
  const call = async (id: string) => {
    const json = { id, description: "about a street light ".repeat(30) };
    await client.request({ method: "PUT", path: "/contacts", json, what: "save contact" });
    await client.request({ method: "POST", path: "/comments", json, what: "add comment" });
  };
  const ways = { ordered: await openOrdered(redis.url, call), unordered: openUnordered(redis.url, call) };
  const measured: Record<keyof OrderedResult, number[]> = { ordered: [], unordered: [] };
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const way of inTurn(["ordered", "unordered"] as const, round)) {
        const begun = performance.now();
        await ways[way].run(round);
        const perSecond = EVENTS / ((performance.now() - begun) / 1000);
        if (round > 0) measured[way].push(perSecond);
        say(`round ${round} of ${rounds}, ${way}: ${perSecond.toFixed(0)} events/s`);
      }
    }
    return { ordered: spreadOf(measured.ordered), unordered: spreadOf(measured.unordered) };
  } finally {
    await Promise.all([ways.ordered.close(), ways.unordered.close()]);
    desk.stop();
    await redis.stop();
  }
}

interface Way {
  /** Resolves when all events of a round are handled. */
  run(round: number): Promise<void>;
  close(): Promise<void>;
}

type Call = (id: string) => Promise<void>;

/** Resolves when it was called as often as there are events. */
function counter() {
  let left = 0;
  let finish = () => {};
  return {
    start: () =>
      new Promise<void>((resolve) => {
        left = EVENTS;
        finish = resolve;
      }),
    count(): void {
      left -= 1;
      if (left === 0) finish();
    },
  };
}

const silent: DrainLog = {
  done: () => undefined,
  newer: () => undefined,
  waiting: () => undefined,
  broken: () => undefined,
  separated: () => undefined,
  buried: () => undefined,
};

async function openOrdered(url: string, call: Call): Promise<Way> {
  const channels = ["bench"];
  const [intakeRedis, workRedis] = [await connectRedis(url, "intake"), await connectRedis(url, "worker")];
  const queues = createWakeQueues(intakeRedis, channels);
  const intake = createIntake(queues);
  const { start, count } = counter();
  const handle: Handle = async ({ id }) => {
    await call(id);
    count();
  };
  const workers = startWorkers({
    redis: workRedis,
    channels,
    queues,
    settings: { concurrency: AT_ONCE, lockMs: 30_000, stallMs: 30_000 },
    tools: {
      mailboxes: createStore(workRedis).mailboxes,
      handle,
      policy: { crashLimit: 5, giveUpAfterMs: 3_600_000, random: Math.random },
      log: silent,
      now: Date.now,
    },
  });
  return {
    async run(round) {
      const all = start();
      const items = eventsOf(round).map((event) => ({
        deliver: { channel: "bench", lane: "in" as const, event, person: { id: event.person.userId } },
      }));
      await intake.accept(items);
      await all;
    },
    async close() {
      await workers.close();
      await queues.close();
      intakeRedis.disconnect();
      workRedis.disconnect();
    },
  };
}

function openUnordered(url: string, call: Call): Way {
  const [adding, taking] = [new Redis(url), new Redis(url, { maxRetriesPerRequest: null })];
  const queue = new Queue("unordered", { connection: adding });
  const { start, count } = counter();
  const worker = new Worker<{ id: string }>(
    "unordered",
    async ({ data }) => {
      await call(data.id);
      count();
    },
    { connection: taking, concurrency: AT_ONCE },
  );
  return {
    async run(round) {
      const all = start();
      const options = { removeOnComplete: true };
      await queue.addBulk(eventsOf(round).map((data) => ({ name: "event", data, opts: options })));
      await all;
    },
    async close() {
      await worker.close();
      await queue.close();
      adding.disconnect();
      taking.disconnect();
    },
  };
}

function eventsOf(round: number) {
  return Array.from({ length: EVENTS }, (_, index) => {
    const id = `wamid.${round}/${index}`;
    const [at, person] = ["2026-11-02T12:00:00.000Z", { userId: `GB.${index % CONVERSATIONS}` }];
    const text = "about a street light ".repeat(5);
    const message = { id, sentAt: at, type: "text" as const, text, content: { body: text } };
    return { type: "message.received" as const, id, at, person, message };
  });
}
