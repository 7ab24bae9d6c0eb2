import { expect, onTestFinished, test } from "vitest";
import { startFaultProxy } from "../../scripts/faults/proxy.ts";
import { startPrivateRedis } from "../../scripts/private-redis.ts";
import { onceRedisAnswers } from "../../src/app/once-redis-answers.ts";
import { connectRedis } from "../../src/store/connection.ts";
import { RedisUnreachable } from "../../src/store/redis-unreachable.ts";
import { openRedis, redisUrl } from "../support/redis.ts";
import { until } from "../support/until.ts";

function told() {
  const lines: string[] = [];
  return { lines, logger: { warn: (line: string) => void lines.push(line) } };
}

test("R22: a start waits until Redis can be reached, and says so, not with every try", async () => {
  const redis = await startPrivateRedis();
  onTestFinished(() => redis.stop());
  await redis.kill();
  const { lines, logger } = told();
  let tries = 0;
  const connected = onceRedisAnswers(
    () => {
      tries++;
      return connectRedis(redis.url, "worker");
    },
    logger,
    10,
  );
  await until("some tries", () => tries >= 5);
  expect(lines).toEqual(["the start waits for Redis"]);
  await redis.restart();
  const connection = await connected;
  expect(await connection.ping()).toBe("PONG");
  connection.disconnect();
});

test("R22: so it does for one that hangs up at once", async () => {
  const redis = await openRedis();
  const proxy = await startFaultProxy({ target: () => Number(new URL(redisUrl()).port), random: () => 0 });
  onTestFinished(() => proxy.stop());
  proxy.set({ refuse: true });
  const { lines, logger } = told();
  const url = `redis://127.0.0.1:${proxy.port}`;
  const connected = onceRedisAnswers(() => connectRedis(url, "intake"), logger, 10);
  await until("a line", () => lines.length === 1);
  proxy.set({});
  (await connected).disconnect();
  expect(await redis.ping()).toBe("PONG");
});

test("what another try does not mend is thrown at once: another password, or an error that is not of Redis", async () => {
  const redis = await startPrivateRedis();
  onTestFinished(() => redis.stop());
  await (await openRedis("worker", redis.url)).config("SET", "requirepass", "secret");
  const { lines, logger } = told();
  const url = redis.url.replace("redis://", "redis://:wrong@");
  const error = await onceRedisAnswers(() => connectRedis(url, "worker"), logger).catch((reason) => reason);
  expect(error).toBeInstanceOf(RedisUnreachable);
  expect(String(error)).toContain("WRONGPASS");
  const other = new Error("a mapping is missing");
  await expect(onceRedisAnswers(() => Promise.reject(other), logger)).rejects.toBe(other);
  expect(lines).toEqual([]);
});
