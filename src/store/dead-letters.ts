import { crashPoint } from "../telemetry/crash-point.ts";
import { type Cipher, noCipher } from "./cipher.ts";
import { envelopeOf } from "./envelope.ts";
import { channelTag, keys } from "./keys.ts";
import { type DeadLetter, letterIn } from "./letter.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";
import { where } from "./where.ts";

/** A part of a payload that nobody understood. */
export interface QuarantinedPart {
  /** No personal data. */
  reason: string;
  payload: unknown;
  /** ISO 8601, when it came; absent where an older version kept it. */
  at?: string;
}

/** What a channel gave up, and what it could not understand; kept until an operator decides. */
export function createDeadLetters(redis: Redis, cipher: Cipher = noCipher) {
  async function find(channel: string, id: string): Promise<DeadLetter | undefined> {
    const text = await redis.hget(keys.dead(channel), id);
    return text === null ? undefined : letterIn(text, { channel, id }, cipher);
  }

  /** An operator has decided what nobody could know: the record may be made. One made meanwhile stays known. */
  async function release(channel: string, { unclear }: DeadLetter): Promise<void> {
    if (unclear) await runScript(redis, "release", [keys.intent(channel, unclear)]);
  }

  /** Back to the end of its mailbox; the caller must wake the conversation. Undefined when it was not there. */
  async function replay(channel: string, id: string): Promise<DeadLetter | undefined> {
    const letter = await find(channel, id);
    if (!letter) return undefined;
    await release(channel, letter);
    crashPoint("letter.released");
    const { lane, person, event, v } = letter;
    const raw = envelopeOf(event, { channel, lane, to: person }, { cipher, unordered: true, v });
    const moved = await runScript(redis, "replay", [channelTag(channel), id, lane, person, raw]);
    return moved === 1 ? letter : undefined;
  }

  return {
    find,
    replay,
    async discard(channel: string, id: string): Promise<boolean> {
      const letter = await find(channel, id);
      if (letter) await release(channel, letter);
      return (await redis.hdel(keys.dead(channel), id)) === 1;
    },
    count: (channel: string) => redis.hlen(keys.dead(channel)),
    async *list(channel: string): AsyncGenerator<DeadLetter> {
      for await (const flat of redis.hscanStream(keys.dead(channel), { count: 200 })) {
        const fields = flat as string[];
        for (let i = 0; i + 1 < fields.length; i += 2)
          yield letterIn(fields[i + 1] ?? "", { channel, id: fields[i] ?? "" }, cipher);
      }
    },
    quarantined: (channel: string) => redis.llen(keys.quarantine(channel)),
    /** What was signed but not understood, oldest first. `payload` is personal. */
    async quarantine(channel: string): Promise<QuarantinedPart[]> {
      const texts = await redis.lrange(keys.quarantine(channel), 0, -1);
      return texts.map(
        (text) => JSON.parse(cipher.decrypt(text, where.kept(channel, "quarantine"))) as QuarantinedPart,
      );
    },
    /** Forgets the first `count` of them; later ones stay. */
    async clearQuarantine(channel: string, count: number): Promise<void> {
      await redis.ltrim(keys.quarantine(channel), count, -1);
    },
    /** The same for the oldest, unless there are not `of` of them any more; false then. */
    async dropQuarantined(channel: string, { count, of }: { count: number; of: number }): Promise<boolean> {
      return (await runScript(redis, "drop-quarantined", [keys.quarantine(channel), count, of])) === 1;
    },
    /** Removes the dead letters that died before this time (ISO 8601), whatever they hold. Resolves with how many. */
    async expire(channel: string, before: string): Promise<number> {
      let count = 0;
      for await (const flat of redis.hscanStream(keys.dead(channel), { count: 200 })) {
        const fields = flat as string[];
        for (let i = 0; i + 1 < fields.length; i += 2) {
          // Stands in clear, also where the event does not.
          const { at } = JSON.parse(fields[i + 1] ?? "{}") as Pick<DeadLetter, "at">;
          if (at < before) count += await redis.hdel(keys.dead(channel), fields[i] ?? "");
        }
      }
      return count;
    },
  };
}
