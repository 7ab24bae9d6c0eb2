import { Cluster } from "ioredis";
import type { Redis, RedisServer } from "./redis.ts";

/**
 * What one turn of the event loop sends to Redis goes out in one write, in the same order: ioredis makes a system call of
 * each command (docs/decisions/0071).
 */
export function gatherWrites(redis: Redis): void {
  if (redis instanceof Cluster) redis.on("+node", gatherWritesTo);
  else gatherWritesTo(redis);
}

function gatherWritesTo(redis: RedisServer): void {
  redis.on("connect", () => {
    const { stream } = redis;
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    let isHeld = false;
    stream.write = (...args: unknown[]) => {
      if (!isHeld) {
        isHeld = true;
        stream.cork();
        setImmediate(() => {
          isHeld = false;
          stream.uncork();
        });
      }
      return write(...args);
    };
  });
}
