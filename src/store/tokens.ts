import type { TokenRecord } from "../domain/token.ts";
import { keys } from "./keys.ts";
import type { Redis } from "./redis.ts";

/** Tokens of administrators, of all installations on this Redis. Read at each use: one that is removed is refused at once. */
export function createTokens(redis: Redis) {
  return {
    async add(record: TokenRecord): Promise<void> {
      await redis.hset(keys.tokens(), record.id, JSON.stringify(record));
    },
    async find(id: string): Promise<TokenRecord | undefined> {
      const text = await redis.hget(keys.tokens(), id);
      return text === null ? undefined : (JSON.parse(text) as TokenRecord);
    },
    /** With the time (ISO 8601) of the latest use, to the minute. */
    async list(): Promise<(TokenRecord & { usedAt?: string })[]> {
      const [texts, used] = await Promise.all([redis.hvals(keys.tokens()), redis.hgetall(keys.tokensUsed())]);
      return texts
        .map((text) => JSON.parse(text) as TokenRecord)
        .map((record) => ({ ...record, ...(used[record.id] ? { usedAt: used[record.id] } : {}) }));
    },
    async remove(id: string): Promise<boolean> {
      await redis.hdel(keys.tokensUsed(), id);
      return (await redis.hdel(keys.tokens(), id)) === 1;
    },
    async noteUse(id: string, at: string): Promise<void> {
      await redis.hset(keys.tokensUsed(), id, at);
    },
  };
}
