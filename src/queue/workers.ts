import { Worker } from "bullmq";
import { type Lane, lanes } from "../domain/lane.ts";
import { channelTag } from "../store/keys.ts";
import type { Redis } from "../store/redis.ts";
import { type DrainTools, drain } from "./drain.ts";
import type { WakeData, WakeQueues } from "./wake-queues.ts";

export interface WorkerSettings {
  /** Conversations handled at once, per channel and lane. */
  concurrency: number;
  /** A worker that does not renew its lock for this long is taken for dead. */
  lockMs: number;
  /** How often dead workers' conversations are looked for. */
  stallMs: number;
}

/** BullMQ fails a job that stalls more often than this; its default of 1 lost events when workers were killed. */
const NEVER = 1_000_000;

export interface WorkersOptions {
  redis: Redis;
  channels: readonly string[];
  settings: WorkerSettings;
  queues: WakeQueues;
  tools: Omit<DrainTools, "wakeAgain">;
}

/** One worker per channel and lane. `close` waits for the events being handled. */
export function startWorkers({ redis, channels, settings, queues, tools }: WorkersOptions) {
  const workers = channels.flatMap((channel) => lanes.map((lane) => startWorker(channel, lane)));

  function startWorker(channel: string, lane: Lane) {
    const own: DrainTools = { ...tools, wakeAgain: (person) => queues.wake(channel, lane, [person]) };
    const worker = new Worker<WakeData, void, "drain">(
      lane,
      (job, token) => drain(job, token, { channel, lane, person: job.data.person }, own),
      {
        connection: redis,
        prefix: channelTag(channel),
        concurrency: settings.concurrency,
        lockDuration: settings.lockMs,
        stalledInterval: settings.stallMs,
        maxStalledCount: NEVER,
      },
    );
    // Connection errors: ioredis reconnects, and readiness reports the state.
    worker.on("error", () => undefined);
    worker.on("failed", (job, error) => {
      own.log.broken({ channel, lane, person: job?.data.person ?? "" }, error);
    });
    return worker;
  }

  return {
    async close(): Promise<void> {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}
