import { setTimeout as sleep } from "node:timers/promises";
import { type PrivateRedis, type RedisOptions, startPrivateRedis } from "../private-redis.ts";
import { type Stack, type StackOptions, startStack } from "../stack.ts";

/** A Redis of its own, both sides on loopback, and no process of ours so far. */
export interface Stage {
  redis: PrivateRedis;
  stack: Stack;
}

export interface StageOptions extends Omit<StackOptions, "redisUrl"> {
  redis?: RedisOptions;
}

export async function onStage<T>(options: StageOptions, play: (stage: Stage) => Promise<T>): Promise<T> {
  const { redis: ofRedis, ...ofStack } = options;
  const redis = await startPrivateRedis({ say: () => undefined, ...ofRedis });
  try {
    const stack = await startStack({ redisUrl: redis.url, ...ofStack });
    try {
      return await play({ redis, stack });
    } finally {
      await stack.stop();
    }
  } finally {
    await redis.stop();
  }
}

/** Looks every `everyMs`; false when it has not come true within `ms`. */
export async function comesTrue(ms: number, look: () => Promise<boolean>, everyMs = 100): Promise<boolean> {
  const end = performance.now() + ms;
  while (!(await look())) {
    if (performance.now() > end) return false;
    await sleep(everyMs);
  }
  return true;
}
