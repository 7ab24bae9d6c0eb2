import type { Redis } from "ioredis";
import { beforeEach, describe, expect, test } from "vitest";
import { createStore, type Store } from "../../src/store/store.ts";
import { openRedis, uniqueConnection } from "../support/redis.ts";
import { until } from "../support/until.ts";

let redis: Redis;
let polling: Store["polling"];
let connection: string;

beforeEach(async () => {
  redis = await openRedis();
  polling = createStore(redis).polling;
  connection = uniqueConnection(redis);
});

test("the cursor is unknown at first and stays where it was put", async () => {
  expect(await polling.cursor(connection)).toBeUndefined();
  await polling.saveCursor(connection, "transaction-17");
  expect(await polling.cursor(connection)).toBe("transaction-17");
});

describe("the lease", () => {
  test("is one worker's at a time, who may renew it", async () => {
    expect(await polling.lease(connection, "one", 5000)).toBe(true);
    expect(await polling.lease(connection, "two", 5000)).toBe(false);
    expect(await polling.lease(connection, "one", 5000)).toBe(true);
  });

  test("is one worker's when many ask at once", async () => {
    const holders = await Promise.all(
      Array.from({ length: 20 }, (_, n) => polling.lease(connection, `worker-${n}`, 5000)),
    );
    expect(holders.filter(Boolean)).toHaveLength(1);
  });

  test("passes on when it has run out", async () => {
    await polling.lease(connection, "one", 40);
    await until("the lease to run out", () => polling.lease(connection, "two", 5000));
    expect(await polling.lease(connection, "one", 5000)).toBe(false);
  });

  test("is renewed for its full time", async () => {
    await polling.lease(connection, "one", 100);
    await polling.lease(connection, "one", 60_000);
    expect(await redis.pttl(`{deskferry:connection:${connection}}:lease`)).toBeGreaterThan(50_000);
  });
});
