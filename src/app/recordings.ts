import { connectRedis } from "../store/connection.ts";
import { openCipher } from "../store/name-key.ts";
import { createStore } from "../store/store.ts";
import type { Settings } from "./settings.ts";

/** The recordings of all channels of the settings, for the command line. `close` when done. */
export async function openRecordings({ config }: Settings) {
  const redis = await connectRedis(config.redis, "operator");
  const { recordings } = createStore(redis, await openCipher(redis, config.encryption));
  const channels = Object.keys(config.channels);
  return {
    settings: config.recording,
    states: () =>
      Promise.all(channels.map(async (channel) => ({ channel, ...(await recordings.state(channel)) }))),
    async *read() {
      for (const channel of channels) yield* recordings.read(channel);
    },
    async clear(): Promise<void> {
      for (const channel of channels) await recordings.clear(channel);
    },
    close: async () => redis.disconnect(),
  };
}
