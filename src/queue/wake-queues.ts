import { type IRedisTransaction, Job, Queue, RedisQueueBackend } from "bullmq";
import { type Lane, lanes } from "../domain/lane.ts";
import { channelTag } from "../store/keys.ts";
import type { Place } from "../store/mailbox.ts";
import type { Redis } from "../store/redis.ts";
import { runScript } from "../store/scripts.ts";

/** A wake job carries no event, only whose mailbox to look into. */
export interface WakeData {
  person: string;
}

export type WakeQueue = Queue<WakeData, void, "drain">;

/** Jobs that one script moves, so that nobody else at Redis waits for long. */
const MOST_AT_ONCE = 5000;

/**
 * `keepLastIfActive`: a wake-up that comes while the drain is running is kept for afterwards. Plain deduplication
 * drops it (docs/decisions/0001). A drain never counts as failed for good: the mailbox would sleep.
 */
function wakeOptions(person: string, delayMs: number) {
  return {
    ...(delayMs > 0 ? { delay: delayMs } : {}),
    deduplication: { id: person, keepLastIfActive: true },
    removeOnComplete: true,
    removeOnFail: true,
    attempts: 1_000_000,
    backoff: { type: "fixed", delay: 1000 },
  } as const;
}

/**
 * One queue per channel and lane, so that a dead helpdesk slows neither sends nor another channel. `reorderMs`: how
 * long the first message of a quiet conversation waits for others that were sent before it but arrive after it.
 */
export function createWakeQueues(redis: Redis, channels: readonly string[], reorderMs = 0) {
  const queues = new Map<string, WakeQueue>();
  for (const channel of channels) {
    for (const lane of lanes) {
      // BullMQ asks for the version once, and keeps a failure for ever: a Redis that stood still at the start is enough.
      const options = { connection: redis, prefix: channelTag(channel), skipVersionCheck: true };
      const queue: WakeQueue = new Queue(lane, options);
      queue.on("error", () => undefined);
      queues.set(`${channel}/${lane}`, queue);
    }
  }

  function queueOf(channel: string, lane: Lane): WakeQueue {
    const queue = queues.get(`${channel}/${lane}`);
    if (!queue) throw new Error(`no queue for channel ${channel}`);
    return queue;
  }

  const delayOf = (lane: Lane) => (lane === "in" ? reorderMs : 0);

  return {
    /** Adds a wake job by itself; harmless when one is waiting already. */
    async wake(channel: string, lane: Lane, people: readonly string[]): Promise<void> {
      const jobs = people.map((person) => ({
        name: "drain" as const,
        data: { person },
        opts: wakeOptions(person, delayOf(lane)),
      }));
      await queueOf(channel, lane).addBulk(jobs);
    },
    /** Everybody who waits for a later try is woken now: what they waited for may have come. */
    hurry: (channel: string, lane: Lane) => queueOf(channel, lane).promoteJobs({ count: MOST_AT_ONCE }),
    /** The same for one person. A drain that is at work or due cannot be promoted, and need not. */
    async hurryOne({ channel, lane, person }: Place): Promise<void> {
      const queue = queueOf(channel, lane);
      const id = await queue.getDeduplicationJobId(person);
      const job = id ? await queue.getJob(id) : undefined;
      await job?.promote().catch(() => undefined);
    },
    /** How many of these people's drains are at work: active, and held by a worker that lives. */
    async atWork(channel: string, people: ReadonlySet<string>): Promise<number> {
      let count = 0;
      for (const lane of lanes) {
        const queue = queueOf(channel, lane);
        for (const job of await queue.getActive()) {
          // One that ended in this moment has no data any more.
          const isTheirs = job?.id !== undefined && people.has(job.data.person);
          if (isTheirs && (await redis.exists(`${queue.toKey(job.id ?? "")}:lock`))) count++;
        }
      }
      return count;
    },
    /** Removes a wake job; one that a worker has taken stays. */
    async forget(channel: string, lane: Lane, id: string): Promise<void> {
      const job = await queueOf(channel, lane).getJob(id);
      await job?.remove().catch(() => undefined);
    },
    /** Runs append.lua by itself, where nobody has to be woken. */
    append: (args: (string | number)[]) => runScript(redis, "append", args),
    /** Starts a transaction to which appends and wake jobs of one channel are added. */
    async transaction(channel: string) {
      const { client } = await redisOf(queueOf(channel, "in"));
      return client.multi();
    },
    /** Queues a wake job on such a transaction. */
    async addWake(multi: Transaction, { channel, lane, person }: Place): Promise<void> {
      const queue = queueOf(channel, lane);
      const { backend } = await redisOf(queue);
      const job = new Job(queue, "drain", { person }, wakeOptions(person, delayOf(lane)));
      await backend.addJobToTransaction(multi, job.asJSON(), "", {});
    },
    /**
     * ioredis remembers for each socket which scripts the server knows, and does not notice inside a MULTI that it
     * has forgotten them (SCRIPT FLUSH): every transaction would fail until the socket is another.
     */
    reconnect: () => redis.disconnect(true),
    async close(): Promise<void> {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

export type WakeQueues = ReturnType<typeof createWakeQueues>;
type Transaction = IRedisTransaction;

/** BullMQ's own transaction hook exists on its Redis backend only, not on the general interface. */
async function redisOf(queue: WakeQueue) {
  const backend = queue.getBackend();
  if (!(backend instanceof RedisQueueBackend)) throw new Error("BullMQ runs on something other than Redis");
  return { backend, client: await backend.client };
}
