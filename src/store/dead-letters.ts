import type { Redis } from "ioredis";
import { channelTag, keys } from "./keys.ts";
import { type DeadLetter, versionOf } from "./mailbox.ts";
import { runScript } from "./scripts.ts";

/** A part of a payload that nobody understood. */
export interface QuarantinedPart {
  /** No personal data. */
  reason: string;
  payload: unknown;
}

/** What a channel gave up, and what it could not understand; kept until an operator decides. */
export function createDeadLetters(redis: Redis) {
  async function find(channel: string, id: string): Promise<DeadLetter | undefined> {
    const text = await redis.hget(keys.dead(channel), id);
    return text === null ? undefined : (JSON.parse(text) as DeadLetter);
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
    const moved = await runScript(redis, "replay", [
      channelTag(channel),
      id,
      letter.lane,
      letter.person,
      JSON.stringify({ v: versionOf(letter.event), event: letter.event }),
    ]);
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
        for (let i = 1; i < fields.length; i += 2) yield JSON.parse(fields[i] ?? "") as DeadLetter;
      }
    },
    quarantined: (channel: string) => redis.llen(keys.quarantine(channel)),
    /** What was signed but not understood, oldest first. `payload` is personal. */
    async quarantine(channel: string): Promise<QuarantinedPart[]> {
      const texts = await redis.lrange(keys.quarantine(channel), 0, -1);
      return texts.map((text) => JSON.parse(text) as QuarantinedPart);
    },
    /** Forgets the first `count` of them; later ones stay. */
    async clearQuarantine(channel: string, count: number): Promise<void> {
      await redis.ltrim(keys.quarantine(channel), count, -1);
    },
  };
}
