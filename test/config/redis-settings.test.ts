import { describe, expect, test } from "vitest";
import { redisFindings, redisSettings } from "../../src/config/redis-settings.ts";

const cluster = (...nodes: string[]) => redisFindings({ redis: { cluster: nodes } });

describe("an address of Redis", () => {
  test.each(["redis://localhost:6379", "rediss://u:p@10.0.0.1:6380/0"])("may be %s", (url) => {
    expect(redisSettings.parse({ url })).toEqual({ url, waitReplicas: 0, allowUnsafe: false });
  });

  test.each(["http://localhost", "xrediss://localhost", "redissx://localhost", "localhost:6379", ""])(
    "is not %j",
    (url) => {
      expect(redisSettings.safeParse({ url }).success).toBe(false);
    },
  );

  test("stands with bounded numbers beside it", () => {
    const fits = (more: object) => redisSettings.safeParse({ url: "redis://h", ...more }).success;
    expect([-1, 0, 10, 11, 1.5].map((waitReplicas) => fits({ waitReplicas }))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    const nodes = (count: number) => Array.from({ length: count }, (_, n) => `redis://h${n}`);
    expect([0, 1, 1000, 1001].map((count) => fits({ cluster: nodes(count) }))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(fits({ other: 1 })).toBe(false);
  });
});

describe("where Redis is", () => {
  test("is told once, by a server or by nodes", () => {
    expect(redisFindings({ redis: { url: "redis://h" } })).toEqual([]);
    expect(cluster("redis://h")).toEqual([]);
    expect(redisFindings({ redis: {} })).toEqual([
      {
        path: ["redis", "url"],
        reason: "nothing says where Redis is",
        remedy:
          "Give the address of the server, e.g. redis://127.0.0.1:6379, or of a Redis Cluster redis.cluster",
      },
    ]);
    expect(redisFindings({ redis: { url: "redis://h", cluster: ["redis://h"] } })).toEqual([
      {
        path: ["redis", "cluster"],
        reason: "there is redis.url as well",
        remedy: "Keep redis.cluster for a Redis Cluster, redis.url for a single server",
      },
    ]);
  });

  test.each([{}, { redis: "h" }, { redis: { url: 7 } }, { redis: { cluster: "h" } }, null])(
    "is left to the schema where it has another shape: %j",
    (value) => expect(redisFindings(value)).toEqual([]),
  );
});

describe("nodes of a cluster", () => {
  const databases = {
    reason: "a Redis Cluster has no numbered databases",
    remedy: "End the address with the port",
  };
  const twice = { reason: "this node is named twice", remedy: "Name each once" };
  const unlike = {
    reason: "its protocol, user or password is another than that of the nodes before it",
    remedy: "Give all nodes the same: one account is used for the whole cluster",
  };

  test.each([
    ["redis://a:1/1", databases],
    ["redis://a:1/00", databases],
    ["redis://a:1/0/x", databases],
    ["redis://b:1", twice],
    ["rediss://a:1", unlike],
    ["redis://u@a:1", unlike],
    ["redis://:p@a:1", unlike],
  ])("are refused: %s after another", (node, fault) => {
    expect(cluster("redis://b:1", node)).toEqual([{ path: ["redis", "cluster", 1], ...fault }]);
  });

  test.each([["redis://b:2"], ["redis://a:1/"], ["redis://a:1/0"], ["no address"]])(
    "may be: %s after another",
    (node) => expect(cluster("redis://b:1", node)).toEqual([]),
  );

  test("are compared with each before, whatever could not be read between", () => {
    expect(cluster("redis://b:1", "no address", "redis://c:1", "redis://b:1")).toEqual([
      { path: ["redis", "cluster", 3], ...twice },
    ]);
    expect(cluster("redis://u:p@a:1", "redis://u:p@b:1")).toEqual([]);
  });
});
