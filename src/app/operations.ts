import { eventKey, type TraceEntry } from "../domain/trace.ts";
import { createWakeQueues } from "../queue/wake-queues.ts";
import { connectRedis } from "../store/connection.ts";
import { createStore } from "../store/store.ts";
import type { Settings } from "./settings.ts";

/** What operators do from the command line, on the Redis of the settings. `close` when done. */
export async function openOperations({ config }: Pick<Settings, "config">) {
  const redis = await connectRedis(config.redis.url, "intake");
  const channels = Object.keys(config.channels);
  const { deadLetters, traces } = createStore(redis);
  const queues = createWakeQueues(redis, channels);
  return {
    channels,
    deadLetters,
    /** Steps of an event, oldest first; `id` is the provider's id or the event as log lines name it. */
    async trace(id: string): Promise<TraceEntry[]> {
      const event = /^[0-9a-f]{20}$/.test(id) ? id : eventKey(id);
      const entries = await Promise.all(channels.map((channel) => traces.of(channel, event)));
      return entries.flat();
    },
    /** Puts a dead letter back and wakes its conversation; false when it was not there. */
    async replay(channel: string, id: string): Promise<boolean> {
      const letter = await deadLetters.replay(channel, id);
      if (letter) await queues.wake(channel, letter.lane, [letter.person]);
      return letter !== undefined;
    },
    async close(): Promise<void> {
      await queues.close();
      redis.disconnect();
    },
  };
}

export type Operations = Awaited<ReturnType<typeof openOperations>>;
