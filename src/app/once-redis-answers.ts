import { setTimeout as sleep } from "node:timers/promises";
import { RedisUnreachable } from "../store/redis-unreachable.ts";
import type { Logger } from "../telemetry/logger.ts";

const EVERY_MS = 500;
/** One line in ten seconds is enough. */
const TRIES_PER_LINE = 20;

/**
 * Starts as soon as Redis can be reached. A process that ends instead is started again and again by systemd or Docker,
 * which give up after a few times or wait for longer and longer. What is wrong with the settings is thrown at once.
 */
export async function onceRedisAnswers<T>(
  start: () => Promise<T>,
  logger: Pick<Logger, "warn">,
  pauseMs = EVERY_MS,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof RedisUnreachable) || !error.isPassing) throw error;
      if (tries % TRIES_PER_LINE === 0) logger.warn("the start waits for Redis", { reason: error.message });
      await sleep(pauseMs);
    }
  }
}
