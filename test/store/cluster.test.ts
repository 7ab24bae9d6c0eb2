import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "ioredis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type PrivateCluster, startPrivateCluster } from "../../scripts/private-cluster.ts";
import { startPrivateRedis } from "../../scripts/private-redis.ts";
import { clusterLayout } from "../../src/store/cluster-layout.ts";
import { connectRedis } from "../../src/store/connection.ts";
import { keys } from "../../src/store/keys.ts";
import { ask, type Command } from "../../src/store/personal/ask.ts";
import { ClusterChanged, ping, scanKeys, serversOf, shardsOf } from "../../src/store/redis.ts";
import { RedisUnreachable } from "../../src/store/redis-unreachable.ts";
import { createStore } from "../../src/store/store.ts";
import { unsafeSettings } from "../../src/store/unsafe-settings.ts";
import { openRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";

const CHANNELS = Array.from({ length: 30 }, (_, n) => `channel-${n}`);
const everyKey = CHANNELS.map((channel) => keys.stop(channel));
let cluster: PrivateCluster;
/** Of one node, to be spoilt. */
let lone: PrivateCluster;
/** The master that a test has ended. */
let ended = -1;

beforeAll(async () => {
  const say = () => undefined;
  [cluster, lone] = await Promise.all([
    startPrivateCluster({ hasReplicas: true, nodeTimeout: 60_000, say }),
    startPrivateCluster({ masters: 1, say }),
  ]);
  const redis = await connectRedis({ cluster: cluster.urls }, "worker");
  await Promise.all(everyKey.map((key) => redis.hset(key, "reason", "locked")));
  redis.disconnect();
});
afterAll(() => Promise.all([cluster.stop(), lone.stop()]));

const open = (purpose: "intake" | "worker" = "worker") => openRedis(purpose, { cluster: cluster.urls });

async function listed(batches: AsyncIterable<string[]>): Promise<string[]> {
  const all: string[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

describe("a connection to a cluster", () => {
  test.each(["intake", "worker"] as const)("knows all of it from any one node: %s", async (purpose) => {
    const [first = ""] = cluster.urls;
    const redis = await openRedis(purpose, { cluster: [first] });
    expect(serversOf(redis)).toHaveLength(6);
    await ping(redis);
  });

  test("is refused on a single server, with the remedy and without trying again", async () => {
    const server = await startPrivateRedis();
    onTestFinished(() => server.stop());
    const error = await connectRedis({ cluster: [server.url] }, "intake").catch((reason) => reason);
    expect(error).toMatchObject({
      isPassing: false,
      message:
        "Redis cannot be used (it is a single server: name it under redis.url instead): check redis.cluster in the settings",
    });
  });

  test("is refused with a wrong password, which is not told", async () => {
    const { urls } = lone;
    const opened = await openRedis("worker", { cluster: urls });
    await opened.config("SET", "requirepass", "right");
    onTestFinished(async () => void (await opened.config("SET", "requirepass", "")));
    const withPassword = (password: string) => urls.map((url) => url.replace("//", `//:${password}@`));
    await openRedis("intake", { cluster: withPassword("right") });
    const error = await connectRedis({ cluster: withPassword("wrong") }, "worker").catch((reason) => reason);
    expect(error).toBeInstanceOf(RedisUnreachable);
    expect(error).toMatchObject({
      isPassing: false,
      message: expect.stringMatching(/^[^:]*\(WRONGPASS [^/]*$/),
    });
  });

  test("is tried again while none of the nodes answers", async () => {
    const server = await startPrivateRedis();
    await server.stop();
    const error = await connectRedis({ cluster: [server.url] }, "worker").catch((reason) => reason);
    expect(error).toMatchObject({ isPassing: true, message: expect.stringContaining("none of its nodes") });
  });

  test("is tried again while nobody serves a slot, or any", async () => {
    const { urls } = lone;
    const [only] = serversOf(await openRedis("worker", { cluster: urls }));
    for (const [count, ...command] of [
      [1, "DELSLOTS", "5"],
      [16_384, "FLUSHSLOTS"],
    ] as const) {
      await only?.server.call("CLUSTER", ...command);
      const error = await connectRedis({ cluster: urls }, "worker").catch((reason) => reason);
      const message = `Redis cannot be used (${count} of its slots are served by nobody): check redis.cluster in the settings`;
      expect(error).toMatchObject({ isPassing: true, message });
    }
  });
});

test("a node of a cluster is refused as a single server, with the remedy", async () => {
  const [first = ""] = cluster.urls;
  const error = await connectRedis(first, "intake").catch((reason) => reason);
  expect(error).toMatchObject({
    isPassing: false,
    message:
      "Redis cannot be used (it is a node of a Redis Cluster: name it under redis.cluster instead): check redis.url in the settings",
  });
});

describe("what is of many hash tags", () => {
  test("is found on all masters", async () => {
    const redis = await open();
    const masters = await Promise.all(everyKey.map(cluster.masterOf));
    expect(new Set(masters)).toEqual(new Set([0, 1, 2]));
    expect(new Set(await listed(scanKeys(redis, "{deskferry:*}:stop")))).toEqual(new Set(everyKey));
  });

  test("is asked for and answered in order, and a command that fails is an error", async () => {
    const redis = await open();
    await Promise.all(everyKey.map((key, index) => redis.hset(key, "says", index)));
    const commands = everyKey.map((key): Command => ["hget", key, "says"]);
    expect(await ask(redis, commands)).toEqual(CHANNELS.map((_, index) => String(index)));
    await expect(ask(redis, [...commands, ["lpop", keys.stop("channel-3")]])).rejects.toThrow("WRONGTYPE");
  });
});

describe("what an operator is told of a cluster", () => {
  test("is where each channel is, and who would take over", async () => {
    const redis = await open("intake");
    const [first = "", second = ""] = CHANNELS;
    const layout = await clusterLayout(redis, [first, second], 1);
    const placeOf = async (channel: string) => {
      const number = await cluster.masterOf(keys.stop(channel));
      const [master, replica] = [cluster.masters[number]?.port, cluster.replicas[number]?.port];
      return `channel ${channel} is on 127.0.0.1:${master}, replicas: 127.0.0.1:${replica}`;
    };
    const lines = ["a Redis Cluster of 3 masters", await placeOf(first), await placeOf(second)];
    expect(layout).toEqual({ lines, faults: [] });
    expect(await clusterLayout(await openRedis(), [first], 1)).toBeUndefined();
  });

  test("is that fewer replicas are there than are waited for", async () => {
    const { faults = [] } = (await clusterLayout(await open(), ["city"], 2)) ?? {};
    expect(faults).toEqual([expect.stringContaining("which has 1 replicas: with redis.waitReplicas 2")]);
  });

  test("is that slots are being moved, and that one master's end would be everybody's", async () => {
    const redis = await open();
    const [master, other] = cluster.masters;
    const at = (port = 0) => serversOf(redis).find(({ address }) => address.endsWith(`:${port}`))?.server;
    const id = String(await at(other?.port)?.cluster("MYID"));
    await at(master?.port)?.call("CLUSTER", "SETSLOT", "7", "MIGRATING", id);
    await at(other?.port)?.config("SET", "cluster-require-full-coverage", "yes");
    const layout = await clusterLayout(redis, [], 0);
    expect(layout?.faults).toEqual([
      expect.stringContaining(`127.0.0.1:${master?.port}: slots are being moved`),
    ]);
    expect(layout?.lines[1]).toContain(`127.0.0.1:${other?.port}: cluster-require-full-coverage is yes`);
    await at(master?.port)?.call("CLUSTER", "SETSLOT", "7", "STABLE");
    await at(other?.port)?.config("SET", "cluster-require-full-coverage", "no");
  });
});

test("every server is asked whether it is safe, replicas as well", async () => {
  // Not the intake's connection, whose commands have 0.8 s: with appendonly Redis writes its whole file anew.
  const redis = await open("worker");
  expect(await unsafeSettings(redis)).toEqual([]);
  const [master, replica] = [cluster.masters[1], cluster.replicas[2]];
  const servers = serversOf(redis);
  const at = (port = 0) => servers.find(({ address }) => address === `127.0.0.1:${port}`)?.server;
  await at(master?.port)?.config("SET", "maxmemory-policy", "allkeys-lru");
  await at(replica?.port)?.config("SET", "appendonly", "no");
  const reasons = await unsafeSettings(redis);
  expect(reasons).toHaveLength(2);
  expect(reasons.join()).toContain(`127.0.0.1:${master?.port}: maxmemory-policy is allkeys-lru`);
  expect(reasons.join()).toContain(`127.0.0.1:${replica?.port}: appendonly is off`);
  await at(master?.port)?.config("SET", "maxmemory-policy", "noeviction");
  await at(replica?.port)?.config("SET", "appendonly", "yes");
});

test("R24: a worker's commands wait for the replica that takes over, an intake's fail within a second", async () => {
  const channel = CHANNELS[0] ?? "";
  const [worker, intake] = [await open("worker"), await open("intake")];
  const number = await cluster.masterOf(keys.stop(channel));
  const [elsewhere = ""] = (
    await Promise.all(CHANNELS.map(async (one) => [one, await cluster.masterOf(keys.stop(one))] as const))
  ).flatMap(([one, master]) => (master === number ? [] : [one]));
  const stop = { reason: "locked", says: "The account is locked", by: "answer" } as const;

  ended = number;
  await cluster.masters[number]?.kill();
  const begun = performance.now();
  await expect(createStore(intake).stops.channel(channel)).rejects.toThrow();
  // 800 ms, and what a busy machine adds.
  expect(performance.now() - begun).toBeLessThan(1500);
  await expect(createStore(intake).stops.channel(elsewhere)).resolves.toBeDefined();
  await ping(intake);

  const waits = createStore(worker).stops.stopChannel(channel, stop, Date.now());
  // Longer than ioredis would try by itself.
  await sleep(2000);
  const scan = listed(scanKeys(worker, "{deskferry:*}:stop"));
  await expect(scan).rejects.toThrow();
  await cluster.takeOver(number);
  await waits;
  expect(await createStore(worker).stops.channel(channel)).toMatchObject({ says: stop.says });
  const reads = () => createStore(intake).stops.channel(channel);
  expect(await until("the intake to follow", reads)).toMatchObject({ says: stop.says });
  const found = await until("all keys to be read", () => listed(scanKeys(worker, "{deskferry:*}:stop")));
  expect(new Set(found)).toEqual(new Set(everyKey));
  const masters = new Set((await shardsOf(worker as Cluster)).map(({ master }) => master));
  expect(masters).toContain(`127.0.0.1:${cluster.replicas[number]?.port}`);
});

test("a walk through all keys during which the masters changed is no walk through all keys", async () => {
  const redis = await open();
  const walk = scanKeys(redis, "{deskferry:*}:stop");
  await walk.next();
  await cluster.takeOver((ended + 1) % 3);
  await expect(listed(walk)).rejects.toBeInstanceOf(ClusterChanged);
});
