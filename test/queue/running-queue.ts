import { onTestFinished } from "vitest";
import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { Event } from "../../src/domain/event.ts";
import type { DrainTools, Handle } from "../../src/queue/drain.ts";
import type { DrainLog } from "../../src/queue/drain-log.ts";
import { createIntake } from "../../src/queue/intake.ts";
import type { RetryPolicy } from "../../src/queue/verdict.ts";
import { createWakeQueues } from "../../src/queue/wake-queues.ts";
import { startWorkers } from "../../src/queue/workers.ts";
import { type Cipher, noCipher } from "../../src/store/cipher.ts";
import type { RedisAddress } from "../../src/store/connection.ts";
import { confirmByReplicas } from "../../src/store/replicas.ts";
import { createStore } from "../../src/store/store.ts";
import { openRedis, redisUrl, uniqueChannel } from "../support/redis.ts";

export interface QueueOptions {
  url?: string | RedisAddress;
  /** As many channels as wanted, or their names on a Redis of the test's own; the first is `channel`. */
  channels?: number | string[];
  /** Replicas that must hold what is taken in. */
  waitReplicas?: number;
  /** Absent: what is stored is plain. */
  cipher?: Cipher;
}

/** Intake, wake queues and store on real connections; nobody works yet. */
export async function openQueue({
  url = redisUrl(),
  channels: wanted = 1,
  waitReplicas,
  cipher = noCipher,
}: QueueOptions = {}) {
  const intakeRedis = await openRedis("intake", url);
  const redis = await openRedis("worker", url);
  const channels = Array.isArray(wanted)
    ? wanted
    : Array.from({ length: wanted }, () => uniqueChannel(redis));
  const queues = createWakeQueues(intakeRedis, channels);
  onTestFinished(() => queues.close());
  const store = createStore(redis, cipher);
  const [channel = ""] = channels;
  const confirm = (of: string) => confirmByReplicas(intakeRedis, of, waitReplicas ?? 0);
  const intake = createIntake(queues, { cipher, ...(waitReplicas ? { confirm } : {}) });
  return { redis, intakeRedis, channel, channels, queues, intake, store };
}

export type OpenQueue = Awaited<ReturnType<typeof openQueue>>;

/** What became of each event, in order. */
export interface Outcome {
  what: "done" | "waiting" | "separated" | "buried";
  id: string;
  person: string;
  lane: string;
  why?: { kind: string; reason: string; delayMs?: number };
}

export interface WorkOptions {
  policy?: Partial<RetryPolicy>;
  concurrency?: number;
  lockMs?: number;
  now?(): number;
  givenUp?: DrainTools["givenUp"];
  mostTogether?: DrainTools["mostTogether"];
}

/** Starts workers on an open queue; they end with the test. */
export function work(queue: OpenQueue, handle: Handle, options: WorkOptions = {}) {
  const outcomes: Outcome[] = [];
  const broken: string[] = [];
  const left: string[] = [];
  const log: DrainLog = {
    done: (place, head) =>
      void outcomes.push({ what: "done", id: head.event.id, person: place.person, lane: place.lane }),
    waiting: (place, head, why) =>
      void outcomes.push({ what: "waiting", id: head.event.id, person: place.person, lane: place.lane, why }),
    newer: (place) => void left.push(place.person),
    broken: (place) => void broken.push(place.person),
    separated: (place, head) =>
      void outcomes.push({ what: "separated", id: head.event.id, person: place.person, lane: place.lane }),
    buried: (place, head, why) =>
      void outcomes.push({ what: "buried", id: head.event.id, person: place.person, lane: place.lane, why }),
  };
  const workers = startWorkers({
    redis: queue.redis,
    channels: queue.channels,
    queues: queue.queues,
    settings: { concurrency: options.concurrency ?? 20, lockMs: options.lockMs ?? 5000, stallMs: 1000 },
    tools: {
      mailboxes: queue.store.mailboxes,
      handle,
      policy: { crashLimit: 5, giveUpAfterMs: 3_600_000, random: () => 0, ...options.policy },
      log,
      now: options.now ?? Date.now,
      ...(options.givenUp ? { givenUp: options.givenUp } : {}),
      ...(options.mostTogether ? { mostTogether: options.mostTogether } : {}),
    },
  });
  onTestFinished(() => workers.close());
  return { outcomes, broken, left, workers, ended: () => outcomes.filter(({ what }) => what !== "waiting") };
}

/** Remembers what was handled, in order, by conversation. */
export function createLedger() {
  const handled: { id: string; person: string }[] = [];
  return {
    handled,
    handle: async (event: Event, { person }: ConversationKey) => void handled.push({ id: event.id, person }),
    of: (person: string) => handled.filter((one) => one.person === person).map(({ id }) => id),
  };
}
