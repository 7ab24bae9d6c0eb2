import { createWakeQueues } from "../queue/wake-queues.ts";
import { connectRedis } from "../store/connection.ts";
import { createStore } from "../store/store.ts";
import type { Settings } from "./settings.ts";

/** What operators do from the command line, on the Redis of the settings. `close` when done. */
export async function openOperations({ config }: Settings) {
  const redis = await connectRedis(config.redis.url, "intake");
  const channels = Object.keys(config.channels);
  const { deadLetters, traces } = createStore(redis);
  const queues = createWakeQueues(redis, channels);
  return {
    channels,
    deadLetters,
    traces,
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
