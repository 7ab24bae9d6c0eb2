import type { Redis } from "ioredis";
import type { Holding } from "./holding.ts";

/** What one holding says, JSON taken apart. */
export async function readHolding(redis: Redis, { key, part }: Holding): Promise<unknown> {
  if (!part) return readKey(redis, key);
  switch (part.of) {
    case "hash":
      return opened(await redis.hget(key, part.name));
    case "list":
      return opened(part.name);
    case "set":
      return part.name;
    case "zset":
      return { name: part.name, score: await redis.zscore(key, part.name) };
    case "stream": {
      const [entry] = await redis.xrange(key, part.name, part.name);
      return entry && fieldsOf(entry[1]);
    }
  }
}

async function readKey(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case "string":
      return opened(await redis.get(key));
    case "hash":
      return redis.hgetall(key);
    case "list":
      return (await redis.lrange(key, 0, -1)).map(opened);
    default:
      // Gone since it was found; a person has no keys of other types.
      return null;
  }
}

function fieldsOf(flat: readonly string[]): unknown {
  if (flat.length === 2) return opened(flat[1] ?? "");
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]]] : [])));
}

function opened(text: string | null): unknown {
  if (text === null || !/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
