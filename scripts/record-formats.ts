import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Redis } from "ioredis";
import type { Event } from "../src/domain/event.ts";
import type { Lane } from "../src/domain/lane.ts";
import { startPrivateRedis } from "./private-redis.ts";
import { unpack } from "./rolling/old-version.ts";

/**
 * `node --conditions=source --import tsx scripts/record-formats.ts --from COMMIT --out FILE`: lets the code of that commit store
 * one of each thing, and writes down what Redis then holds, for test/store/old-formats.test.ts. To be done for each release.
 */
const { values } = parseArgs({ options: { from: { type: "string" }, out: { type: "string" } } });
const { from = "HEAD", out = "formats.json" } = values;
const channel = "golden";
const at = "2026-11-02T09:00:00.000Z";
const ada = { userId: "GB.0000000000000001", phone: "+447700900001", name: "Ada" };
const author = { id: "staff-1", name: "Sam Staff", isUs: false };
const ticket = { id: "T1", status: "open" } as const;

const message = (id: string): Event => ({
  type: "message.received",
  id,
  at,
  person: ada,
  message: { id, type: "text", text: "The street light is broken", sentAt: at },
});
const waiting: [Lane, Event][] = [
  ["in", message("m1")],
  ["in", { type: "note.requested", id: "n1", at, text: "A note", ticketId: "T1" } as Event],
  ["out", { type: "ticket.changed", id: "c1", at, author, ticket, from: "new", to: "open" } as Event],
  [
    "out",
    {
      type: "comment.added",
      id: "c2",
      commentId: "9",
      at,
      author,
      ticket,
      body: "Soon",
      visibility: "public",
      attachments: [],
    } as Event,
  ],
  [
    "receipt",
    {
      type: "receipt.updated",
      id: "r1",
      at,
      person: ada,
      receipt: { messageId: "w1", state: "read" },
    } as Event,
  ],
];

/** The modules of that version, which are enough like ours where this uses them. */
async function modulesOf(folder: string) {
  const load = (name: string) => import(join(folder, "src/store", `${name}.ts`)) as Promise<unknown>;
  return {
    ...((await load("connection")) as typeof import("../src/store/connection.ts")),
    ...((await load("store")) as typeof import("../src/store/store.ts")),
    ...((await load("mailbox")) as typeof import("../src/store/mailbox.ts")),
    ...((await load("scripts")) as typeof import("../src/store/scripts.ts")),
  };
}

async function storeAll(url: string, folder: string): Promise<Redis> {
  const { connectRedis, createStore, appendArguments, runScript } = await modulesOf(folder);
  const redis = await connectRedis(url, "worker");
  const store = createStore(redis);
  const append = (lane: Lane, event: Event, person: { seen: typeof ada } | { id: string }) =>
    runScript(redis, "append", appendArguments({ channel, lane, event, person }));
  const [, person = ""] = (await append("in", message("m0"), { seen: ada })) as [number, string];
  const place = { channel, lane: "in", person } as const;
  const head = await store.mailboxes.begin(place);
  if (head) await store.mailboxes.bury(place, head, { kind: "rejected", reason: "refused", at });
  for (const [lane, event] of waiting) await append(lane, event, { id: person });
  await store.links.saveContact(place, { id: "7", externalId: "whatsapp:GB.1", content: "abc" });
  await store.links.saveTicket(place, channel, { id: "T1", epoch: 1, status: "open" });
  await store.intents.begin(channel, "deskferry/golden/1", 1000);
  await store.outbounds.begin(channel, "send-1", { person, now: 1000 });
  await store.outbounds.sent(channel, "send-1", "w1");
  return redis;
}

/** Each key with its type and what it holds. */
async function dump(redis: Redis): Promise<Record<string, [string, unknown]>> {
  const read: Record<string, (key: string) => Promise<unknown>> = {
    string: (key) => redis.get(key),
    hash: (key) => redis.hgetall(key),
    list: (key) => redis.lrange(key, 0, -1),
    set: (key) => redis.smembers(key),
    zset: (key) => redis.zrange(key, "0", "-1", "WITHSCORES"),
  };
  const found: Record<string, [string, unknown]> = {};
  for (const key of (await redis.keys("*")).sort()) {
    const type = await redis.type(key);
    found[key] = [type, await read[type]?.(key)];
  }
  return found;
}

const old = unpack(from);
if (!old) throw new Error(`the history does not go back to ${from}`);
const server = await startPrivateRedis();
const redis = await storeAll(server.url, old.folder);
writeFileSync(out, `${JSON.stringify({ commit: from, keys: await dump(redis) }, undefined, 2)}\n`);
redis.disconnect();
await server.stop();
old.remove();
