import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import { startPrivateCluster } from "../../scripts/private-cluster.ts";
import { type PrivateRedis, startPrivateRedis } from "../../scripts/private-redis.ts";
import { sealEntry } from "../../src/domain/audit.ts";
import { verifyAudit } from "../../src/domain/audit-verify.ts";
import { GiveUp } from "../../src/domain/failure.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { sweep } from "../../src/queue/sweeper.ts";
import { PluginError } from "../../src/sdk/index.ts";
import { connectRedis, type RedisAddress } from "../../src/store/connection.ts";
import { channelTag, connectionTag } from "../../src/store/keys.ts";
import { type RedisServer, serversOf } from "../../src/store/redis.ts";
import { runScript, scriptCommand } from "../../src/store/scripts.ts";
import { createStore } from "../../src/store/store.ts";
import { openQueue, work } from "../queue/running-queue.ts";
import { delivery, messageReceived, person } from "../support/builders.ts";
import { openRedis, redisUrl, uniqueChannel } from "../support/redis.ts";
import { until } from "../support/until.ts";

async function ownRedis(config: string[] = []): Promise<PrivateRedis> {
  const server = await startPrivateRedis({ config });
  onTestFinished(() => server.stop());
  return server;
}

test("every Lua file of the store is defined on a connection, under its own name", async () => {
  const folder = fileURLToPath(new URL("../../src/store", import.meta.url));
  const files = readdirSync(folder).filter((name) => name.endsWith(".lua"));
  const redis = await connectRedis(redisUrl(), "intake");
  onTestFinished(() => redis.disconnect());
  expect(files.length).toBeGreaterThan(5);
  for (const name of files) expect(redis).toHaveProperty(scriptCommand(name.slice(0, -4) as "append"));
});

test("a connection that was not made for it says which script it lacks", async () => {
  const redis = (await openRedis()).duplicate({ lazyConnect: true });
  expect(() => runScript(redis, "append", [])).toThrow("script append is not defined on this connection");
});

const CHANNEL = "city";
const CONNECTION = "desk";

/** A day in the life of a channel: everything that touches Redis, once at least. */
async function everything(url: string | RedisAddress, between: () => Promise<unknown>): Promise<void> {
  const queue = await openQueue({ url, channels: [CHANNEL] });
  const { store, channel, intake } = queue;
  const key = { channel, person: "ada" };
  const connection = CONNECTION;
  let isDown = true;
  const { ended } = work(queue, async ({ id }) => {
    if (id === "refused") throw new GiveUp("rejected", "no");
    if (id !== "late" || !isDown) return;
    isDown = false;
    throw new PluginError({ kind: "unavailable", retryAfterMs: 10, operatorMessage: "503" });
  });
  const take = (id: string, item = delivery(channel, messageReceived({ id, person: person(1) }))) =>
    until("the intake to take an event", () => intake.accept([item]), { everyMs: 50 });

  await take("first");
  await between();
  await take("", { keep: { channel, list: "quarantine", id: "odd", content: {} } });
  await between();
  await take("refused");
  await take("late");
  await until("three to end", () => ended().length === 3);
  await between();
  const letter = await store.deadLetters.replay(channel, eventKey("in/refused"));
  expect(letter?.event.id).toBe("refused");
  await between();
  await sweep(queue.channels, store.mailboxes, queue.queues);
  await until("the replayed one to end", () => ended().length === 4);
  await between();

  await store.links.saveContact(key, { id: "7", externalId: "whatsapp:GB.1", content: "" });
  await store.links.saveTicket(key, connection, { id: "T1", epoch: 1, status: "new" });
  await between();
  await store.links.noteStatus(key, "T1", "closed", "2026-11-02T10:00:00.000Z");
  expect(await store.links.ticket(key)).toMatchObject({ status: "closed" });
  await store.intents.begin(channel, "i", 1);
  await store.intents.withdraw(channel, "i");
  await between();
  await store.outbounds.begin(channel, "o", { person: "ada", now: 1 });
  await store.outbounds.sent(channel, "o", "wamid.1");
  await between();
  expect(await store.pace.take(key, { messagesPerSecond: 80, now: Date.now() })).toBeUndefined();
  await between();
  const asked = { at: "2026-11-02T10:00:00.000Z", evidence: "e", source: "message" } as const;
  expect(await store.consents.note(key, "all", { state: "stop", ...asked })).toBe(true);
  expect(await store.consents.get(key)).toMatchObject({ all: { state: "stop" } });
  await between();
  const deed = { what: "channel.resumed", detail: {}, at: "2026-11-02T10:00:00.000Z", by: "system" } as const;
  const entry = await store.audits.append(channel, (after) => sealEntry(channel, after, deed), "once");
  expect(entry).toMatchObject({ seq: 1 });
  expect(verifyAudit(await store.audits.read(channel))).toEqual({ good: 1 });
  await between();
  const receipt = { messageId: "wamid.1", state: "read" } as const;
  expect(await store.outbounds.record(channel, receipt, "2026-11-02T10:00:00.000Z")).toMatchObject({
    intent: "o",
  });
  await store.steps.remember(channel, "first", { comment: "4" });
  expect(await store.polling.lease(connection, "one", 1000)).toBe(true);
  await between();
  expect(await store.polling.lease(connection, "two", 1000)).toBe(false);
}

test("all that we do survives that Redis forgets our scripts, at any moment", async () => {
  const server = await ownRedis();
  const outside = await openRedis("worker", server.url);
  await everything(server.url, () => outside.script("FLUSH"));
});

describe("Redis Cluster", () => {
  /** A node that serves the slots of our channel and our connection and no other. */
  async function ownNode(): Promise<RedisServer> {
    const server = await ownRedis(["--cluster-enabled", "yes", "--cluster-require-full-coverage", "no"]);
    const redis = new Redis(server.url);
    onTestFinished(() => redis.disconnect());
    for (const tag of [channelTag(CHANNEL), connectionTag(CONNECTION)]) {
      await redis.call("CLUSTER", "ADDSLOTS", String(await redis.call("CLUSTER", "KEYSLOT", tag)));
    }
    const state = async () => String(await redis.call("CLUSTER", "INFO"));
    await until("the cluster to be up", async () => (await state()).includes("cluster_state:ok"));
    return redis;
  }

  test("is no obstacle: all keys of a channel are in one slot, also those that only scripts name", async () => {
    const cluster = await startPrivateCluster();
    onTestFinished(() => cluster.stop());
    const masters = [channelTag(CHANNEL), connectionTag(CONNECTION)].map(cluster.masterOf);
    expect(new Set(await Promise.all(masters)).size).toBe(2);
    await everything({ cluster: cluster.urls }, async () => undefined);
  });

  test("may forget our scripts as well", async () => {
    const cluster = await startPrivateCluster();
    onTestFinished(() => cluster.stop());
    const outside = await openRedis("worker", { cluster: cluster.urls });
    const forget = () => Promise.all(serversOf(outside).map(({ server }) => server.script("FLUSH")));
    await everything({ cluster: cluster.urls }, forget);
  });

  test("would refuse what is in another slot, also inside a script", async () => {
    const redis = await ownNode();
    await expect(redis.get(`${channelTag("another")}:x`)).rejects.toThrow("not served");
    const stray = "return redis.call('GET', '{deskferry:another}:x')";
    await expect(redis.eval(stray, 1, channelTag(CHANNEL))).rejects.toThrow("non local key");
    const across = redis.mget(`${channelTag(CHANNEL)}:x`, `${connectionTag(CONNECTION)}:x`);
    await expect(across).rejects.toThrow("CROSSSLOT");
  });
});

test("a store on a fresh connection sees what another has written", async () => {
  const channel = uniqueChannel(await openRedis());
  const [one, two] = [createStore(await openRedis()), createStore(await openRedis())];
  await one.steps.remember(channel, "e", { done: "yes" });
  expect(await two.steps.done(channel, "e")).toEqual({ done: "yes" });
});
