import { describe, expect, onTestFinished, test } from "vitest";
import { startPrivateRedis } from "../../scripts/private-redis.ts";
import { connectRedis, unsafeSettings } from "../../src/store/connection.ts";
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

describe("R22: a Redis that is down", () => {
  test.each(["intake", "worker"] as const)("is found out by the %s's first connection", async (purpose) => {
    const server = await startPrivateRedis();
    await server.stop();
    const started = performance.now();
    await expect(connectRedis(server.url, purpose)).rejects.toThrow();
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
