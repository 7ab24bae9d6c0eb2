import { lanes } from "../../src/domain/lane.ts";
import { connectRedis, type RedisAddress } from "../../src/store/connection.ts";
import { createDeadLetters } from "../../src/store/dead-letters.ts";
import { channelTag, keys } from "../../src/store/keys.ts";
import type { DeadLetter } from "../../src/store/letter.ts";
import { scanKeys } from "../../src/store/redis.ts";

/** What Deskferry's own records say of a channel: the other side of the sum. */
export interface Account {
  /** Events known, by what became of them. */
  waiting: number;
  done: number;
  dead: number;
  quarantined: number;
  letters: DeadLetter[];
  /** Of the given ids: those that are neither done nor dead. */
  open: string[];
}

/** Mailboxes that are not empty, over all these channels. */
export async function countPending(
  redisAt: string | RedisAddress,
  channels: readonly string[],
): Promise<number> {
  const redis = await connectRedis(redisAt, "worker");
  try {
    const places = channels.flatMap((channel) => lanes.map((lane) => keys.pending(channel, lane)));
    const counts = await Promise.all(places.map((place) => redis.scard(place)));
    return counts.reduce((sum, count) => sum + count, 0);
  } finally {
    redis.disconnect();
  }
}

/** Reads a channel's account. `ids`: events that must have come to an end, as WhatsApp names them. */
export async function readAccount(
  redisAt: string | RedisAddress,
  channel: string,
  ids: readonly string[],
): Promise<Account> {
  const redis = await connectRedis(redisAt, "worker");
  try {
    const states = { waiting: 0, done: 0, dead: 0 };
    for await (const names of scanKeys(redis, `${channelTag(channel)}:seen:*`)) {
      for (const state of names.length > 0 ? await redis.mget(names) : []) {
        if (state && state in states) states[state as keyof typeof states]++;
      }
    }
    const letters: DeadLetter[] = [];
    const deadLetters = createDeadLetters(redis);
    for await (const letter of deadLetters.list(channel)) letters.push(letter);
    const ends = ids.length > 0 ? await redis.mget(ids.map((id) => keys.seen(channel, id))) : [];
    const open = ids.filter((_, index) => !["done", "dead"].includes(ends[index] ?? ""));
    return { ...states, quarantined: await deadLetters.quarantined(channel), letters, open };
  } finally {
    redis.disconnect();
  }
}
