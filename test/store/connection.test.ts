import { describe, expect, onTestFinished, test } from "vitest";
import { startPrivateRedis } from "../../scripts/private-redis.ts";
import { connectRedis } from "../../src/store/connection.ts";
import { unsafeSettings } from "../../src/store/unsafe-settings.ts";
import { openRedis } from "../support/redis.ts";

async function reasons(...config: string[]): Promise<string[]> {
  const server = await startPrivateRedis({ config });
  onTestFinished(() => server.stop());
  return unsafeSettings(await openRedis("intake", server.url));
}

describe("R23: a Redis that may lose events", () => {
  test("is told apart from a safe one", async () => {
    expect(await reasons()).toEqual([]);
  });

  test("is one without an append-only file", async () => {
    expect(await reasons("--appendonly", "no")).toEqual([expect.stringContaining("set `appendonly yes`")]);
  });

  test("is one that evicts", async () => {
    const [reason, ...others] = await reasons("--maxmemory-policy", "allkeys-lru");
    expect(reason).toContain("maxmemory-policy is allkeys-lru");
    expect(reason).toContain("set it to noeviction");
    expect(others).toEqual([]);
  });

  test("is told all its faults at once", async () => {
    expect(await reasons("--appendonly", "no", "--maxmemory-policy", "volatile-ttl")).toHaveLength(2);
  });
});

describe("the strict profile's Redis", () => {
  async function strictReasons(change: (redis: Awaited<ReturnType<typeof openRedis>>) => Promise<unknown>) {
    const server = await startPrivateRedis();
    onTestFinished(() => server.stop());
    const redis = await openRedis("intake", server.url);
    await change(redis);
    return unsafeSettings(redis, { everyWrite: true });
  }

  test("has every write on disk", async () => {
    expect(await strictReasons((redis) => redis.config("SET", "appendfsync", "always"))).toEqual([]);
  });

  test.each(["everysec", "no"])("is refused with appendfsync %s", async (value) => {
    expect(await strictReasons((redis) => redis.config("SET", "appendfsync", value))).toEqual([
      `appendfsync is ${value}: the strict profile wants every write on disk; set \`appendfsync always\``,
    ]);
  });

  test("is refused when it cannot be asked", async () => {
    const denied = async (redis: Awaited<ReturnType<typeof openRedis>>) => {
      await redis.config("SET", "appendfsync", "always");
      await redis.call("ACL", "SETUSER", "default", "-config");
    };
    expect(await strictReasons(denied)).toEqual([expect.stringContaining("CONFIG GET is not allowed")]);
  });
});

describe("R22: a Redis that is down", () => {
  test.each(["intake", "worker"] as const)("is found out by the %s's first connection", async (purpose) => {
    const server = await startPrivateRedis();
    await server.stop();
    const started = performance.now();
    await expect(connectRedis(server.url, purpose)).rejects.toThrow();
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

test("a Redis that cannot be reached is told by the reason that the system gives", async () => {
  for (const purpose of ["intake", "worker", "operator"] as const) {
    await expect(connectRedis("redis://127.0.0.1:9", purpose)).rejects.toThrow(/ECONNREFUSED/);
  }
});
