import { randomBytes } from "node:crypto";
import type { RecordedInput } from "../domain/anonymise-input.ts";
import { digest } from "../domain/digest.ts";
import type { MappingKind } from "../domain/records.ts";
import { type Cipher, noCipher } from "./cipher.ts";
import { channelTag, keys } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";
import { where } from "./where.ts";

/** One evaluation's input, anonymised. */
export interface RecordedEvent {
  kind: MappingKind;
  input: RecordedInput;
}

export interface RecordingLimits {
  maxEvents: number;
  maxAgeMs: number;
}

export interface RecordingState {
  events: number;
  /** ISO 8601, of the oldest. */
  since?: string;
}

const AT_ONCE = 500;

/** The recorded inputs of each channel and the key that they are anonymised with; both are forgotten together. */
export function createRecordings(redis: Redis, cipher: Cipher = noCipher) {
  return {
    /** The key of a channel's recording, made when there is none. Never leaves Redis and this process. */
    async key(channel: string, { maxAgeMs }: RecordingLimits): Promise<string> {
      const fresh = randomBytes(32).toString("hex");
      await redis.set(keys.recordingKey(channel), fresh, "PX", maxAgeMs, "NX");
      return (await redis.get(keys.recordingKey(channel))) ?? fresh;
    },
    /** `id` tells a repeat of the same event, before it is digested. Resolves with whether it was recorded. */
    async add(
      channel: string,
      { key, id, event, now }: { key: string; id: string; event: RecordedEvent; now: number },
      limits: RecordingLimits,
    ): Promise<boolean> {
      const name = digest(`${key}/${id}`);
      const text = cipher.encrypt(JSON.stringify(event), where.recording(channel, name));
      const args = [channelTag(channel), key, name, text, now];
      return (await runScript(redis, "record", [...args, limits.maxEvents, limits.maxAgeMs])) === 1;
    },
    async state(channel: string): Promise<RecordingState> {
      const [events, oldest] = await Promise.all([
        redis.zcard(keys.recording(channel)),
        redis.zrange(keys.recording(channel), "0", "0", "WITHSCORES"),
      ]);
      const since = oldest[1];
      return { events, ...(since ? { since: new Date(Number(since)).toISOString() } : {}) };
    },
    /** Oldest first. */
    async *read(channel: string): AsyncGenerator<RecordedEvent> {
      const ids = await redis.zrange(keys.recording(channel), "0", "-1");
      for (let at = 0; at < ids.length; at += AT_ONCE) {
        const names = ids.slice(at, at + AT_ONCE);
        const texts = await redis.hmget(keys.recordedInputs(channel), ...names);
        for (const [index, name] of names.entries()) {
          const text = texts[index];
          if (text) yield JSON.parse(cipher.decrypt(text, where.recording(channel, name))) as RecordedEvent;
        }
      }
    },
    async clear(channel: string): Promise<void> {
      await redis.del(keys.recording(channel), keys.recordedInputs(channel), keys.recordingKey(channel));
    },
  };
}

export type Recordings = ReturnType<typeof createRecordings>;
