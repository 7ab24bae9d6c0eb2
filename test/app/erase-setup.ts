import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { onTestFinished } from "vitest";
import { startPrivateCluster } from "../../scripts/private-cluster.ts";
import { startPrivateRedis } from "../../scripts/private-redis.ts";
import { openPersonalData } from "../../src/app/personal-data.ts";
import type { Config } from "../../src/config/schema.ts";
import { ticketExternalId } from "../../src/domain/conversation.ts";
import { digest } from "../../src/domain/digest.ts";
import { createPseudonyms } from "../../src/domain/pseudonyms.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { type Cipher, noCipher } from "../../src/store/cipher.ts";
import { encryptedValues } from "../../src/store/encrypted-values.ts";
import { keys } from "../../src/store/keys.ts";
import { ask, type Command } from "../../src/store/personal/ask.ts";
import { type Redis, type RedisServer, scanKeys, serversOf } from "../../src/store/redis.ts";
import { where } from "../../src/store/where.ts";
import { openQueue } from "../queue/running-queue.ts";
import { commentAdded, delivery, messageReceived, receiptUpdated } from "../support/builders.ts";
import { cipherWith, encryptionWith } from "../support/ciphers.ts";
import { START } from "../support/clock.ts";

export const CHANNEL = "city";
export const CONNECTION = "rt";
const NOW = Date.parse(START);
const LIMITS = { maxEvents: 100_000, maxAgeMs: 10 ** 12 };

/** A Redis of the test's own, or a cluster, that writes what it holds uncompressed, with everything on it. */
export async function openCity({ encrypted = false, cluster = false } = {}) {
  const cipher = encrypted ? cipherWith(1) : noCipher;
  const server = await (cluster ? startPrivateCluster : startPrivateRedis)({
    config: ["--rdbcompression", "no"],
    say: () => undefined,
  });
  onTestFinished(() => server.stop());
  const address = "urls" in server ? { cluster: server.urls } : { url: server.url };
  const queue = await openQueue({ url: address, channels: [CHANNEL], cipher });
  const config = {
    redis: address,
    channels: { [CHANNEL]: {} },
    audit: { keepDays: 400, log: false, formerSecrets: [] },
    connections: { [CONNECTION]: {} },
    ...(encrypted ? { encryption: encryptionWith(1) } : {}),
    routes: [{ channel: CHANNEL, connection: CONNECTION }],
  } as unknown as Config;
  const data = await openPersonalData({ config });
  onTestFinished(() => data.close());
  return {
    ...queue,
    server,
    data,
    cipher,
    seed: (n: number, isWhole = true) =>
      isWhole ? seed({ ...queue, cipher }, n) : seedShort({ ...queue, cipher }, n),
  };
}

export type City = Awaited<ReturnType<typeof openCity>>;

export const eraseOptions = { keepOptOut: false, waitMs: 10_000, tell: () => undefined, now: () => NOW };

/** The n-th person, by everything that is in the seed. */
export function nth(n: number, cipher = noCipher) {
  const userId = `GB.${String(n).padStart(16, "0")}`;
  const phone = `+4477009${String(n).padStart(5, "0")}`;
  const [person] = cipher.namesOf(`user:${userId}`);
  const events = ["handled", "dead", "waiting"].map((what) => `wamid.${what}-${n}-`);
  const reply = `${CONNECTION}/reply-${n}-`;
  return {
    userId,
    phone,
    person,
    // Long, since megabytes of ciphertext hold every short word by chance.
    name: `AdaLovelace${n}x`,
    ticket: `ticket-${n}-`,
    events,
    reply,
    sent: `wamid.sent-${n}-`,
  };
}

/** Somebody of whom there is one of everything. */
type Seeded = Awaited<ReturnType<typeof openQueue>> & { cipher: Cipher };

async function seed({ intake, store, redis, cipher }: Seeded, n: number): Promise<void> {
  const { userId, phone, person, name, ticket, events, reply, sent } = nth(n, cipher);
  const seen = { userId, phone, name };
  const key = { channel: CHANNEL, person };
  const at = START;
  const place = { ...key, lane: "in" as const };
  const [handled = "", dead = "", waiting = ""] = events;
  const message = (id: string) =>
    messageReceived({ id, at, person: seen, message: { id, text: `said by ${name}`, sentAt: at } });
  const trace = (id: string, step: "accepted" | "comment.added") =>
    store.traces.add({ at, event: eventKey(id), ...key, step, detail: { ticket } });

  await intake.accept([delivery(CHANNEL, message(handled))]);
  const first = await store.mailboxes.begin(place);
  await store.links.saveContact(key, { id: `contact-${n}-`, externalId: `whatsapp:${userId}`, content: "0" });
  await store.links.saveTicket(key, CONNECTION, { id: ticket, epoch: 1, status: "new" });
  await store.intents.begin(CHANNEL, ticketExternalId(key, 1), NOW);
  await store.intents.begin(CHANNEL, eventKey(handled), NOW);
  await store.steps.remember(CHANNEL, handled, { ticket, comment: `comment-${n}-` });
  if (first) await store.mailboxes.done(place, first);

  await intake.accept([delivery(CHANNEL, message(dead))]);
  const second = await store.mailboxes.begin(place);
  if (second) await store.mailboxes.bury(place, second, { kind: "rejected", reason: "no", at });
  const comment = commentAdded({
    id: reply,
    at,
    body: `said to ${name}`,
    ticket: { id: ticket, status: "open" },
  });
  await intake.accept([
    delivery(CHANNEL, message(waiting)),
    delivery(CHANNEL, comment, { id: person }),
    delivery(CHANNEL, receiptUpdated({ person: seen, at, receipt: { messageId: sent } })),
  ]);

  const intent = `${eventKey(reply)}-0`;
  await store.outbounds.begin(CHANNEL, intent, { person, now: NOW, lookAt: NOW + n, reply: comment });
  await store.outbounds.sent(CHANNEL, intent, sent);
  await store.steps.remember(CHANNEL, reply, { window: "open" });
  await store.pace.take(key, { messagesPerSecond: 80, now: NOW + n * 1000 });
  await store.stops.holdTemplates(key, { says: "no more", now: NOW });
  const consent = { state: "stop", at, evidence: eventKey(handled), source: "message" } as const;
  await store.consents.note(key, "all", consent);
  await Promise.all([trace(handled, "accepted"), trace(handled, "comment.added"), trace(reply, "accepted")]);

  const input = { channel: CHANNEL, person: {}, message: message(handled).message };
  const recordingKey = await store.recordings.key(CHANNEL, LIMITS);
  const recorded = { ...input, person: { userId: createPseudonyms(recordingKey).userId(userId) } };
  const event = { kind: "ticket" as const, input: recorded };
  const text = {
    ...event,
    input: { ...recorded, message: { ...recorded.message, id: "x", text: `input-${n}-` } },
  };
  await store.recordings.add(CHANNEL, { key: recordingKey, id: handled, event: text, now: NOW }, LIMITS);
  const odd = JSON.stringify({ reason: "odd", payload: { statuses: [{ recipient_id: phone.slice(1) }] } });
  await redis.rpush(keys.quarantine(CHANNEL), cipher.encrypt(odd, where.kept(CHANNEL, "quarantine")));
}

/** Somebody with a contact, a ticket, a dead letter, a trace and a message that waits. */
async function seedShort({ intake, store, cipher }: Seeded, n: number): Promise<void> {
  const { userId, phone, person, name, ticket, events } = nth(n, cipher);
  const key = { channel: CHANNEL, person };
  const place = { ...key, lane: "in" as const };
  const [, dead = "", waiting = ""] = events;
  const items = [dead, waiting].map((id) => {
    const message = { id, text: `said by ${name}`, sentAt: START };
    return delivery(CHANNEL, messageReceived({ id, at: START, person: { userId, phone, name }, message }));
  });
  await intake.accept(items);
  const head = await store.mailboxes.begin(place);
  const at = START;
  await Promise.all([
    head && store.mailboxes.bury(place, head, { kind: "rejected", reason: "no", at }),
    store.links.saveContact(key, { id: `contact-${n}-`, externalId: `whatsapp:${userId}`, content: "0" }),
    store.links.saveTicket(key, CONNECTION, { id: ticket, epoch: 1, status: "new" }),
    store.traces.add({ at, event: eventKey(dead), ...key, step: "dead", detail: { ticket } }),
  ]);
}

/** By what a person could be found, in clear and as digests; not the ids of events under which repeats are known. */
export function tracesOf(n: number, cipher = noCipher): string[] {
  const { userId, phone, person, name, ticket, events, reply, sent } = nth(n, cipher);
  const ids = [`phone:${phone}`, `user:${userId}`].flatMap((alias) =>
    cipher.namesOf(alias).filter((name) => name !== undefined),
  );
  const ofEvents = [...events, reply].flatMap((id) => [id, digest(eventKey(id)), eventKey(id)]);
  const created = digest(ticketExternalId({ channel: CHANNEL, person }, 1));
  const named = [userId, phone.slice(1), name, ticket, sent, `contact-${n}-`, `comment-${n}-`, `input-${n}-`];
  return [...ids, ...ofEvents, created, digest(sent), ...named];
}

/**
 * Everything that tells one person of the seed from another; looked for at every place, since what stands before it in a
 * file may look like a part of it.
 */
const MARKS =
  /(?=([0-9a-f]{20}|4477009\d{5}|GB\.\d{16}|AdaLovelace\d+x|(?:ticket|contact|comment|input|wamid\.[a-z]+|rt\/reply)-\d+-))/g;

export function marksIn(text: string): Set<string> {
  return new Set([...text.matchAll(MARKS)].map(([, mark = ""]) => mark));
}

/** Every part of every key and value, decrypted, a line each: a hash's field, a list's text, a stream's entry. */
export async function everything(redis: Redis, cipher = noCipher): Promise<Set<string>> {
  const plain = await decrypted(redis, cipher);
  const all = new Set<string>();
  for await (const keys of scanKeys(redis, "*")) {
    const types = (await ask(
      redis,
      keys.map((key) => ["type", key]),
    )) as string[];
    const values = await ask(
      redis,
      keys.map((key, index) => reading(types[index] ?? "", key)),
    );
    for (const [index, key] of keys.entries()) {
      for (const part of partsOf(types[index] ?? "", values[index])) {
        const [, name = "", text = part] = /^(\S+ )?((?:enc:|\{).*)$/s.exec(part) ?? [];
        all.add(`${key} ${plain.has(text) ? name + plain.get(text) : part}`);
      }
    }
  }
  return all;
}

/** What stands encrypted, as it would in clear. */
async function decrypted(redis: Redis, cipher: Cipher): Promise<Map<string, string>> {
  const open: Cipher = { ...cipher, current: () => undefined, encrypt: (text) => text };
  const plain = new Map<string, string>();
  for await (const value of encryptedValues(redis, open))
    if (value.keyId !== undefined) plain.set(value.stored, value.renewed());
  return plain;
}

function reading(type: string, key: string): Command {
  if (type === "list") return ["lrange", key, "0", "-1"];
  if (type === "set") return ["smembers", key];
  if (type === "zset") return ["zrange", key, "0", "-1"];
  if (type === "hash") return ["hgetall", key];
  return type === "stream" ? ["xrange", key, "-", "+"] : ["get", key];
}

function partsOf(type: string, value: unknown): string[] {
  if (type === "stream")
    return (value as [string, string[]][]).map(([id, fields]) => [id, ...fields].join(" "));
  if (type !== "hash") return Array.isArray(value) ? value : [String(value)];
  // A pipeline's own answers are flat where they were not asked for by a method.
  const pairs = Array.isArray(value)
    ? value.flatMap((name, at) => (at % 2 ? [] : [[name, value[at + 1]]]))
    : Object.entries(value as object);
  return pairs.map((pair) => pair.join(" "));
}

/** The lines that show one of these traces. Under `seen` stand digests of message ids alone: decision 0040. */
export function showing(lines: Iterable<string>, traces: ReadonlySet<string>): string[] {
  return [...lines].filter((line) => {
    if (/^\{deskferry:city\}:seen:[0-9a-f]{20} (done|dead|waiting)$/.test(line)) return false;
    return [...marksIn(line)].some((mark) => traces.has(mark));
  });
}

/** All that Redis has written to its append-only files, of all servers, as text. */
export async function appendOnlyText(redis: Redis): Promise<string> {
  return (await Promise.all(serversOf(redis).map(({ server }) => appendOnlyTextOf(server)))).join("\n");
}

async function appendOnlyTextOf(server: RedisServer): Promise<string> {
  const [, folder = ""] = (await server.config("GET", "dir")) as string[];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /aof/.test(entry.name));
  const texts = await Promise.all(
    files.map((file) => readFile(path.join(file.parentPath, file.name), "latin1")),
  );
  return texts.join("\n");
}
