import { lanes } from "../../../src/domain/lane.ts";
import { connectRedis } from "../../../src/store/connection.ts";
import { channelTag, connectionTag } from "../../../src/store/keys.ts";
import { createStore } from "../../../src/store/store.ts";

/** What Redis holds of one channel, looked at from outside. */
export async function openKept(redisUrl: string, channel: string) {
  const redis = await connectRedis(redisUrl, "worker");
  const { deadLetters, mailboxes, audits } = createStore(redis);

  async function keysWith(word: string): Promise<string[]> {
    const found: string[] = [];
    for await (const names of redis.scanStream({ match: `*${word}*`, count: 1000 })) {
      found.push(...(names as string[]));
    }
    return found;
  }

  return {
    /** No event waits or is being handled. */
    async isQuiet(): Promise<boolean> {
      const waiting = await Promise.all(lanes.map((lane) => mailboxes.waiting(channel, lane)));
      return waiting.every((count) => count === 0);
    },
    hasDeadLetters: async () => (await deadLetters.count(channel)) > 0,
    /** As if Redis had lost all that it held of the channel and its connection. */
    async forget(): Promise<void> {
      const tags = [channelTag(channel), connectionTag(channel)];
      const found = (await Promise.all(tags.map(keysWith))).flat();
      if (found.length > 0) await redis.unlink(...found);
    },
    /** Where a phone number still stands, in the name or the value of a key. */
    async tracesOf(phone: string): Promise<string[]> {
      const digits = phone.slice(1);
      const traces: string[] = [];
      for (const key of await keysWith(channelTag(channel))) {
        const dump = await redis.dumpBuffer(key);
        if (key.includes(digits) || dump?.includes(digits)) traces.push(`a trace of the person in ${key}`);
      }
      return traces;
    },
    /** Events that wait, dead letters, and consents that the audit log does not tell of exactly once. */
    async leftOver(consents: number): Promise<string[]> {
      const problems: string[] = [];
      for (const lane of lanes) {
        const waiting = await mailboxes.waiting(channel, lane);
        if (waiting > 0) problems.push(`${waiting} conversations wait in lane ${lane}`);
      }
      const dead = await deadLetters.count(channel);
      if (dead > 0) problems.push(`${dead} dead letters`);
      const { texts } = await audits.read(channel);
      const told = texts.filter((text) => text.includes("consent.changed")).length;
      if (told !== consents) problems.push(`${told} consents in the audit log instead of ${consents}`);
      return problems;
    },
    close: () => redis.disconnect(),
  };
}
