import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { newToken } from "../../src/domain/token.ts";
import { rewriteAppendOnlyFile } from "../../src/store/append-only-file.ts";
import { noCipher } from "../../src/store/cipher.ts";
import { connectRedis } from "../../src/store/connection.ts";
import { envelopeOf, fromEnvelope, hiddenIn, idsIn } from "../../src/store/envelope.ts";
import { keys } from "../../src/store/keys.ts";
import { letterIn, letterText, outsideOf } from "../../src/store/letter.ts";
import { openCipher } from "../../src/store/name-key.ts";
import { createPeople } from "../../src/store/people.ts";
import { ask } from "../../src/store/personal/ask.ts";
import { createRecordings } from "../../src/store/recordings.ts";
import type { Redis } from "../../src/store/redis.ts";
import { confirmByReplicas } from "../../src/store/replicas.ts";
import { runScript } from "../../src/store/scripts.ts";
import { createTemplates } from "../../src/store/templates.ts";
import { createTokens } from "../../src/store/tokens.ts";
import { firstNumberOf } from "../../src/store/transaction.ts";
import { unsafeSettings } from "../../src/store/unsafe-settings.ts";
import { messageReceived } from "../support/builders.ts";
import { openRedis, uniqueChannel } from "../support/redis.ts";

/** A server that answers as told; what it is asked besides fails the test. */
function serverThat(answers: object): Redis {
  return { options: { host: "127.0.0.1", port: 6379 }, ...answers } as unknown as Redis;
}

type Answers = [Error | null, unknown][] | null;

/** A server whose pipelines end with these answers. */
function pipelineThat(answers: Answers): Redis {
  const pipeline = { set: () => pipeline, wait: () => pipeline, exec: async () => answers };
  return serverThat({ pipeline: () => pipeline });
}

const failed = new Error("READONLY You can't write against a read only replica.");

test("a write that Redis refused, or a pipeline that it dropped, is not taken for confirmed", async () => {
  const confirm = (answers: Answers) => confirmByReplicas(pipelineThat(answers), "city", 1);
  await expect(
    confirm([
      [failed, null],
      [null, 1],
    ]),
  ).rejects.toThrow("READONLY");
  await expect(
    confirm([
      [null, "OK"],
      [failed, null],
    ]),
  ).rejects.toThrow("READONLY");
  await expect(
    confirm([
      [null, "OK"],
      [null, 0],
    ]),
  ).rejects.toThrow("0 of 1 replicas confirmed");
  await expect(confirm(null)).rejects.toThrow("0 of 1 replicas confirmed");
  await expect(
    confirm([
      [null, "OK"],
      [null, 1],
    ]),
  ).resolves.toBeUndefined();
});

test("what is asked in one go fails as a whole when one of it fails, or Redis drops it", async () => {
  const look = (answers: Answers) => ask(pipelineThat(answers), [["get", "{a}:1"]]);
  await expect(look([[failed, null]])).rejects.toThrow("READONLY");
  await expect(look(null)).rejects.toThrow("Redis dropped a pipeline");
  expect(await look([[null, "x"]])).toEqual(["x"]);
});

test("a transaction that failed or was dropped counts nothing", () => {
  expect(() => firstNumberOf(null)).toThrow("Redis dropped a transaction");
  expect(() => firstNumberOf([[failed, null]])).toThrow("READONLY");
  expect(firstNumberOf([[null, "3"]])).toBe(3);
});

test("a connection that was not taught our scripts says so", () => {
  expect(() => runScript(serverThat({}), "pop", [])).toThrow("script pop is not defined on this connection");
});

/** A server whose INFO tells these states one after the other, the last one for ever. */
function rewriting(states: string[], begin: () => Promise<unknown> = async () => "OK"): Redis {
  const info = async () => (states.length > 1 ? states.shift() : states[0]);
  return serverThat({ info, bgrewriteaof: begin });
}
const ON = "aof_enabled:1\naof_last_bgrewrite_status:ok\n";

test("an append-only file that cannot be written anew is told with the reason", async () => {
  const refuses = (words: unknown) => rewriting([ON], () => Promise.reject(words));
  const rewrite = (redis: Redis) => rewriteAppendOnlyFile(redis, () => undefined);
  expect(await rewrite(rewriting(["aof_enabled:0\n"]))).toBe("off");
  await expect(rewrite(refuses(new Error("NOPERM")))).rejects.toThrow("BGREWRITEAOF is refused (NOPERM)");
  await expect(rewrite(refuses("odd"))).rejects.toThrow("BGREWRITEAOF is refused (odd)");
  const broken = "aof_enabled:1\naof_last_bgrewrite_status:err\n";
  await expect(rewrite(rewriting([ON, broken]))).rejects.toThrow("Redis says that it failed");
});

test("a rewrite that was under way before is waited for, told, and followed by one of our own", async () => {
  const busy = "aof_rewrite_in_progress:1\ncurrent_save_keys_processed:5\ncurrent_save_keys_total:9\n";
  const begun: string[] = [];
  const begin = async () => {
    begun.push("asked");
    if (begun.length === 1) throw new Error("Background append only file rewriting already in progress");
  };
  const told: string[] = [];
  const redis = rewriting([ON, busy, "aof_rewrite_scheduled:1\n", ON], begin);
  expect(await rewriteAppendOnlyFile(redis, (line) => told.push(line))).toBe("rewritten");
  expect(begun).toHaveLength(2);
  expect(told).toEqual([
    "the append-only file is written anew: 5 of 9 keys",
    "the append-only file is written anew: 0 of ? keys",
  ]);
});

test("a Redis that tells nothing of its settings is not taken for safe", async () => {
  const redis = serverThat({ info: async () => "", config: () => Promise.reject(new Error("NOPERM")) });
  const reasons = await unsafeSettings(redis, { everyWrite: true });
  expect(reasons).toEqual([
    expect.stringContaining("appendonly is off"),
    expect.stringContaining("maxmemory-policy is unknown"),
    expect.stringContaining("appendfsync cannot be asked for"),
  ]);
});

test("settings with another name key, or with none, are refused before anything is written", async () => {
  const key = Buffer.alloc(32, 7).toString("base64");
  const settings = (nameKey: string) => ({ keys: [`k1:${key}`], nameKey });
  let mark: string | null = null;
  const redis = serverThat({
    set: async (_key: string, value: string) => {
      mark ??= value;
    },
    get: async () => mark,
  });
  expect((await openCipher(redis, undefined)).current()).toBeUndefined();
  expect((await openCipher(redis, settings("a".repeat(64)))).current()).toBe("k1");
  await expect(openCipher(redis, settings("b".repeat(64)))).rejects.toThrow("put that one back");
  await expect(openCipher(redis, undefined)).rejects.toThrow("put keys and nameKey back");
});

test("a cluster that does not answer is named by its setting, with a login and by TLS too", async () => {
  const cluster = ["rediss://deskferry:p%40ss@127.0.0.1:1", "rediss://[::1]:1"];
  await expect(connectRedis({ cluster }, "intake")).rejects.toThrow(/check redis\.cluster/);
});

test("an event that waits is known by its ids, in whatever form it was written", () => {
  const event = messageReceived();
  const address = { channel: "city", lane: "in" as const };
  const raw = envelopeOf(event, address, { cipher: noCipher, alone: true, unordered: true });
  expect(JSON.parse(raw)).not.toHaveProperty("sentAt");
  expect(idsIn(raw)).toHaveLength(1);
  expect(hiddenIn(raw)).toBeUndefined();
  expect(idsIn(JSON.stringify({ v: 3, ids: ["a", "b"], text: "enc:k1:x" }))).toEqual(["a", "b"]);
  expect(hiddenIn(JSON.stringify({ v: 3, ids: [], text: "enc:k1:x" }))).toBe("enc:k1:x");
  const place = { ...address, person: "a1" };
  expect(fromEnvelope(raw, place, noCipher)).toMatchObject({ event, alone: true });
  expect(() => fromEnvelope(JSON.stringify({ v: 4 }), place, noCipher)).toThrow(
    "a newer version of Deskferry",
  );
  expect(() => fromEnvelope("{}", place, noCipher)).toThrow("a newer version of Deskferry");
});

test("a dead letter tells its person and its events without the key, and whether a record is unclear", () => {
  const event = messageReceived();
  const letter = {
    id: "1",
    lane: "in" as const,
    person: "a1",
    event,
    kind: "rejected",
    reason: "r",
    at: "2026",
  };
  const plain = letterText("city", letter, noCipher);
  expect(letterIn(plain, { channel: "city", id: "1" }, noCipher)).toEqual(letter);
  const { events } = outsideOf(plain);
  expect(outsideOf(plain)).toEqual({ person: "a1", events: [expect.stringMatching(/^[0-9a-f]{20}$/)] });
  const hidden = { ...letter, event: "enc:k1:x", ids: events, unclear: "deskferry/city/a1/1" };
  expect(outsideOf(JSON.stringify(hidden))).toEqual({ person: "a1", events, unclear: hidden.unclear });
  const { ids: _, ...older } = hidden;
  expect(outsideOf(JSON.stringify(older)).events).toEqual([]);
});

test("what a recording has lost is left out, and an empty one has no beginning", async () => {
  const redis = await openRedis();
  const channel = uniqueChannel(redis);
  const recordings = createRecordings(redis);
  const limits = { maxEvents: 10, maxAgeMs: 60_000 };
  expect(await recordings.state(channel)).toEqual({ events: 0 });
  const key = await recordings.key(channel, limits);
  const event = { kind: "contact" as const, input: {} as never };
  for (const [now, id] of ["a", "b"].entries())
    await recordings.add(channel, { key, id, event, now }, limits);
  const [first = ""] = await redis.zrange(keys.recording(channel), "0", "0");
  await redis.hdel(keys.recordedInputs(channel), first);
  const read = [];
  for await (const recorded of recordings.read(channel)) read.push(recorded);
  expect(read).toEqual([event]);
  expect((await recordings.state(channel)).since).toBe("1970-01-01T00:00:00.000Z");
});

test("a free stretch is only ever made longer, under the name that the person has now", async () => {
  const redis = await openRedis();
  const channel = uniqueChannel(redis);
  const people = createPeople(redis);
  await redis.hset(keys.person(channel, "old"), "sameAs", "a1");
  await redis.hset(keys.person(channel, "a1"), { username: "@ana", userId: "GB.1" });
  const noted = async (until: string) => {
    await people.noteFreeUntil({ channel, person: "old" }, until);
    return (await people.talk({ channel, person: "a1" })).freeUntil;
  };
  expect(await noted("2026-11-22T10:00:00Z")).toBe("2026-11-22T10:00:00Z");
  expect(await noted("2026-11-22T09:00:00Z")).toBe("2026-11-22T10:00:00Z");
  expect(await noted("2026-11-23T10:00:00Z")).toBe("2026-11-23T10:00:00Z");
  expect(await people.get({ channel, person: "old" })).toEqual({ username: "@ana", userId: "GB.1" });
});

test("an account that was never asked has no templates; one that has none has an empty copy", async () => {
  const redis = await openRedis();
  const channel = uniqueChannel(redis);
  const templates = createTemplates(redis);
  expect(await templates.state(channel)).toBeUndefined();
  expect(await templates.all(channel)).toBeUndefined();
  await templates.replace(channel, [], 1000);
  expect(await templates.versionsOf(channel, [])).toEqual([]);
  expect(await templates.versionsOf(channel, ["ticket_update"])).toEqual([]);
  expect(await templates.state(channel)).toEqual({ at: 1000, count: 0, isStale: false });
  await templates.markStale(channel, 1000);
  expect(await templates.state(channel)).toMatchObject({ isStale: true });
});

test("a token that is unknown is not found, and one that was never used has no time of use", async () => {
  const redis = await openRedis();
  const tokens = createTokens(redis);
  const id = `test-${uniqueChannel(redis)}`;
  expect(await tokens.find(id)).toBeUndefined();
  const record = newToken({ scopes: [], now: 0, days: 1 }, randomBytes).record;
  await tokens.add({ ...record, id });
  const listed = async () => (await tokens.list()).find((token) => token.id === id);
  expect(await listed()).toEqual({ ...record, id });
  await tokens.noteUse(id, "2026-11-22T00:00:00Z");
  expect(await listed()).toEqual({ ...record, id, usedAt: "2026-11-22T00:00:00Z" });
  expect([await tokens.remove(id), await tokens.remove(id)]).toEqual([true, false]);
});
