import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { connectRedis } from "../../../src/store/connection.ts";
import { keys } from "../../../src/store/keys.ts";
import { residentBytesOf } from "../cpu-time.ts";
import { sendLoad } from "../load.ts";
import { CHANNEL, countsOf, openPathStage, PATH, type PathStage } from "../path-stage.ts";
import { createWebhooks } from "../webhooks.ts";
import { idleBytes } from "../whole-path.ts";
import { writeIdleConversations } from "./idle-conversations.ts";
import {
  answerLatency,
  type GrowthOptions,
  type Latency,
  pathLatency,
  SECONDS,
  sentBy,
  startTimingDesk,
} from "./latency.ts";

/** A figure for each size of something; bytes are of whole processes, Redis' as it counts them itself. */
export interface IdlePoint {
  conversations: number;
  answer: Latency;
  path: Latency;
  redisBytes: number;
  intakeBytes: number;
  workerBytes: number;
}

export interface WaitingPoint {
  events: number;
  answer: Latency;
  redisBytes: number;
  intakeBytes: number;
}

export interface Drain {
  events: number;
  people: number;
  seconds: number;
  callsAnEvent: number;
  /** Bytes of Redis that a handled message keeps until it is forgotten; not those of its person, nor of traces. */
  bytesKept: number;
}

const steps = (most: number) =>
  [1, 10, 100, 300, 1000].map((thousandths) => Math.ceil((most * thousandths) / 1000));

/** Silent people on Redis, while some of them write 200 messages a second. */
export async function idleCurve({ most, say }: GrowthOptions): Promise<IdlePoint[]> {
  const desk = await startTimingDesk();
  // Nobody waits for earlier messages that may still come: that would be a quarter of a second for everybody.
  const stage = await openPathStage({ deskUrl: desk.url, queue: { reorderMillis: 0 } });
  const redis = await connectRedis(stage.redisUrl, "worker");
  const points: IdlePoint[] = [];
  try {
    const worker = await stage.startWorker();
    let written = 0;
    const begun = Date.now();
    for (const conversations of steps(most)) {
      await stage.client.config("SET", "appendfsync", "everysec");
      await writeIdleConversations(redis, { channel: CHANNEL, from: written, to: conversations, begun });
      written = conversations;
      await stage.client.config("SET", "appendfsync", "always");
      await untilQuiet(stage.client);
      const redisBytes = await usedBytes(stage.client);
      const load = {
        port: stage.port,
        perSecond: 200,
        people: conversations,
        connections: 10,
        seconds: SECONDS,
      };
      const latency = await pathLatency(load, desk);
      const [intakeBytes, workerBytes] = [residentBytesOf(stage.intake.pid), residentBytesOf(worker.pid)];
      points.push({ conversations, ...latency, redisBytes, intakeBytes, workerBytes });
      say(`idle conversations: ${JSON.stringify(points.at(-1))}`);
    }
    return points;
  } finally {
    redis.disconnect();
    await stage.stop();
    desk.stop();
  }
}

/** Webhooks made ready at once: each is a kilobyte. */
const AT_ONCE = 20_000;

/** Events that wait because no worker runs, while 500 more come in a second. */
export async function waitingCurve({ most, say }: GrowthOptions): Promise<WaitingPoint[]> {
  const stage = await openPathStage();
  const points: WaitingPoint[] = [];
  const people = 3000;
  try {
    const webhooks = createWebhooks(PATH, people);
    let waiting = 0;
    const load = { port: stage.port, perSecond: 500, people, connections: 10, seconds: SECONDS };
    for (const wanted of [people, ...steps((most * 3) / 10).filter((step) => step > people)]) {
      // What was sent to measure the last point waits as well.
      const events = Math.max(wanted, waiting);
      for (let left = events - waiting; left > 0; left -= AT_ONCE) {
        await send(stage, webhooks(Math.min(left, AT_ONCE)));
      }
      await untilQuiet(stage.client);
      const redisBytes = await usedBytes(stage.client);
      const answer = await answerLatency(load);
      waiting = events + sentBy(load);
      points.push({ events, answer, redisBytes, intakeBytes: residentBytesOf(stage.intake.pid) });
      say(`waiting events: ${JSON.stringify(points.at(-1))}`);
    }
    return points;
  } finally {
    await stage.stop();
  }
}

/** Eight hours of one message a second, from when a worker runs again until the helpdesk has all of them. */
export async function drainAfterOutage({ most, say }: GrowthOptions): Promise<Drain> {
  const events = Math.min(8 * 3600, most);
  const people = events / 3;
  const stage = await openPathStage();
  try {
    const empty = await usedBytes(stage.client);
    await send(stage, createWebhooks(PATH, people)(events));
    const begun = performance.now();
    await stage.startWorker();
    let asked = await countsOf(stage.desk);
    while ((asked["comments"] ?? 0) < events) {
      await sleep(100);
      asked = await countsOf(stage.desk);
    }
    const seconds = (performance.now() - begun) / 1000;
    const { changes: _, ...calls } = asked;
    const callsAnEvent = Object.values(calls).reduce((sum, count) => sum + count, 0) / events;
    await untilQuiet(stage.client);
    const lasting = (await idleBytes(stage.client, people)) * people;
    const traces = Number(await stage.client.memory("USAGE", keys.trace(CHANNEL), "SAMPLES", 0));
    const bytesKept = ((await usedBytes(stage.client)) - empty - lasting - traces) / events;
    say(`${events} events drained in ${seconds.toFixed(1)} s`);
    return { events, people, seconds, callsAnEvent, bytesKept };
  } finally {
    await stage.stop();
  }
}

async function send({ port }: PathStage, requests: Buffer[]): Promise<void> {
  if (requests.length === 0) return;
  const { accepted } = await sendLoad({ requests, port, connections: 50, seconds: 600 });
  if (accepted < requests.length) throw new Error(`${accepted} of ${requests.length} webhooks were accepted`);
}

async function usedBytes(client: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info("memory"))?.[1]);
}

/** Redis writes its append-only file anew when that has grown much; what is measured meanwhile is measured beside that. */
async function untilQuiet(client: Redis): Promise<void> {
  while (/aof_rewrite_(in_progress|scheduled):1/.test(await client.info("persistence"))) await sleep(100);
}
