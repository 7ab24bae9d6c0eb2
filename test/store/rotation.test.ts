import { expect, onTestFinished, test } from "vitest";
import { startPrivateCluster } from "../../scripts/private-cluster.ts";
import { startPrivateRedis } from "../../scripts/private-redis.ts";
import { type Cipher, noCipher } from "../../src/store/cipher.ts";
import type { RedisAddress } from "../../src/store/connection.ts";
import { encryptedValues } from "../../src/store/encrypted-values.ts";
import { keys } from "../../src/store/keys.ts";
import { createPersonalData } from "../../src/store/personal/personal-data.ts";
import { createRotation } from "../../src/store/rotation.ts";
import { createLedger, openQueue, work } from "../queue/running-queue.ts";
import { commentAdded, delivery, messageReceived, person } from "../support/builders.ts";
import { cipherWith } from "../support/ciphers.ts";
import { until } from "../support/until.ts";

const NOW = Date.parse("2026-11-02T12:00:00.000Z");
const QUIET = { waitMs: 30_000, tell: () => undefined };

/** All keys of a Redis are read: one of the test's own. */
async function ownRedis(): Promise<RedisAddress> {
  const server = await startPrivateRedis({ say: () => undefined });
  onTestFinished(() => server.stop());
  return { url: server.url };
}

async function ownCluster(): Promise<RedisAddress> {
  const cluster = await startPrivateCluster({ say: () => undefined });
  onTestFinished(() => cluster.stop());
  return { cluster: cluster.urls };
}

const open = (url: RedisAddress, cipher: Cipher) => openQueue({ url, channels: ["city"], cipher });

/** One of everything that is encrypted. */
async function writeAll({ intake, store, redis }: Awaited<ReturnType<typeof open>>, cipher: Cipher) {
  const key = { channel: "city", person: "ada" };
  const comment = commentAdded({ body: "It is mended" });
  const dead = { ...key, lane: "in" } as const;
  await intake.accept([
    delivery("city", messageReceived({ id: "m0" }), { id: "ada" }),
    { keep: { channel: "city", list: "quarantine", id: "q", content: { reason: "odd", payload: "Ada" } } },
    { keep: { channel: "city", list: "account", id: "a", content: { detail: "Ada" } } },
  ]);
  const head = await store.mailboxes.begin(dead);
  if (head) await store.mailboxes.bury(dead, head, { kind: "rejected", reason: "no", at: comment.at });
  await intake.accept([
    delivery("city", messageReceived({ id: "m1", person: person(1) })),
    delivery("city", comment, { id: "ada" }),
  ]);
  await store.links.saveContact(key, { id: "7", externalId: "whatsapp:+447700900001", content: "0" });
  await store.outbounds.begin("city", "i-0", { person: "ada", now: NOW, reply: comment });
  await store.outbounds.sent("city", "i-0", "wamid.1");
  const errors = [{ code: 1, title: "Ada" }];
  await store.outbounds.record("city", { messageId: "wamid.1", state: "failed", errors }, comment.at);
  const limits = { maxEvents: 10, maxAgeMs: 10 ** 12 };
  const recordingKey = await store.recordings.key("city", limits);
  const input = { channel: "city", person: {}, message: messageReceived().message };
  const event = { kind: "ticket" as const, input };
  await store.recordings.add("city", { key: recordingKey, id: "m1", event, now: NOW }, limits);
  await createPersonalData(redis, cipher).nameInReceipts({ phone: "+447700900001" });
}

async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** How many of each kind of key. */
async function kindsOf({ redis }: Awaited<ReturnType<typeof open>>, cipher: Cipher) {
  const found: Record<string, number> = {};
  for await (const { key, keyId = "plain" } of encryptedValues(redis, cipher)) {
    const kind = `${/^\{[^}]*\}:([a-z-]+)/.exec(key)?.[1]} ${keyId}`;
    found[kind] = (found[kind] ?? 0) + 1;
  }
  return found;
}

const all = (id: string) => ({
  ...{ [`mailbox ${id}`]: 2, [`dead ${id}`]: 1, [`quarantine ${id}`]: 1, [`account ${id}`]: 1 },
  ...{ [`person ${id}`]: 4, [`contact ${id}`]: 3, [`outbound ${id}`]: 2, [`reply ${id}`]: 1 },
  ...{ [`recording ${id}`]: 1, [`receipt-key ${id}`]: 1 },
});

test.each([
  ["in clear", noCipher, "plain", ownRedis],
  ["under an older key", cipherWith(1), "k1", ownRedis],
  ["under an older key on a Redis Cluster", cipherWith(1), "k1", ownCluster],
])("S43: everything that stood %s is under the new key, and is the same", async (_, before, id, start) => {
  const url = await start();
  const old = await open(url, before);
  await writeAll(old, before);
  expect(await kindsOf(old, before)).toEqual(all(id));
  const named = await createPersonalData(old.redis, before).nameInReceipts({ phone: "+447700900001" });

  const both = cipherWith(2, 1);
  const rotation = createRotation(old.redis, both);
  expect(await rotation.rotate(QUIET)).toEqual({ renewed: 17, atWork: 0, undecryptable: new Map() });
  expect(await rotation.tally()).toEqual(new Map([["k2", 17]]));

  const alone = cipherWith(2);
  const fresh = await open(url, alone);
  expect(await kindsOf(fresh, alone)).toEqual(all("k2"));
  const { store } = fresh;
  const [letter] = await listed(store.deadLetters.list("city"));
  expect(letter).toMatchObject({ kind: "rejected", event: { id: "m0" } });
  expect(await store.deadLetters.quarantine("city")).toMatchObject([{ reason: "odd", payload: "Ada" }]);
  const ada = { channel: "city", person: "ada" };
  expect(await store.links.contact(ada)).toMatchObject({ id: "7", externalId: "whatsapp:+447700900001" });
  expect(await store.outbounds.get("city", "i-0")).toMatchObject({ messageId: "wamid.1" });
  expect(await store.outbounds.reply("city", "i-0")).toMatchObject({ body: "It is mended" });
  expect(await listed(store.recordings.read("city"))).toHaveLength(1);
  expect(await createPersonalData(fresh.redis, alone).nameInReceipts({ phone: "+447700900001" })).toBe(named);
  expect((await store.mailboxes.begin({ ...ada, lane: "out" }))?.event).toMatchObject({
    body: "It is mended",
  });
  // Whose number it is can still be told inside Redis.
  const [who] = await fresh.intake.accept([delivery("city", messageReceived({ person: person(1) }))]);
  const now = { userId: person(2).userId, phone: person(1).phone };
  await fresh.intake.accept([delivery("city", messageReceived({ person: now }))]);
  expect((await store.people.get({ channel: "city", person: who?.person ?? "" })).phone).toBeUndefined();
});

test("S43: 10,000 waiting events are put under another key while workers handle them: all handled, none undecryptable", async () => {
  const url = await ownRedis();
  const old = await open(url, cipherWith(1));
  const people = 2000;
  for (let n = 0; n < 5; n++) {
    const items = Array.from({ length: people }, (_, who) =>
      delivery("city", messageReceived({ id: `m${who}-${n}` }), { id: `p${who}` }),
    );
    await old.intake.accept(items);
  }
  const queue = await open(url, cipherWith(2, 1));
  const ledger = createLedger();
  const { outcomes, broken, ended } = work(queue, ledger.handle, { concurrency: 10 });
  await until("some to be handled", () => ended().length > 100);
  const { undecryptable, atWork, renewed } = await createRotation(queue.redis, cipherWith(2, 1)).rotate(
    QUIET,
  );
  expect([undecryptable.size, atWork]).toEqual([0, 0]);
  expect(renewed).toBeGreaterThan(100);
  // The old key is removed: what still waits needs it no more.
  const left = await open(url, cipherWith(2));
  const atOnce = work(left, ledger.handle, { concurrency: 10 });
  const all = () => ended().length + atOnce.ended().length;
  await until("all to be handled", () => all() === people * 5, { withinMs: 120_000, everyMs: 50 });
  expect([...outcomes, ...atOnce.outcomes].every(({ what }) => what === "done")).toBe(true);
  expect([...broken, ...atOnce.broken]).toEqual([]);
  expect(new Set(ledger.handled.map(({ id }) => id)).size).toBe(people * 5);
  for (const who of ["p0", "p1", `p${people - 1}`])
    expect(ledger.of(who)).toEqual([0, 1, 2, 3, 4].map((n) => `m${who.slice(1)}-${n}`));
  process.stderr.write(`rotation: ${renewed} of ${people * 5} events were put under the new key\n`);
}, 180_000);

test("S43: an event that is being handled stays under its key until its worker is done with it", async () => {
  const url = await ownRedis();
  const queue = await open(url, cipherWith(1));
  const ids = ["m1", "m2"];
  await queue.intake.accept(ids.map((id) => delivery("city", messageReceived({ id }), { id: "ada" })));
  const place = { channel: "city", lane: "in", person: "ada" } as const;
  const head = await queue.store.mailboxes.begin(place);
  const rotation = createRotation(queue.redis, cipherWith(2, 1));
  expect(await rotation.rotate({ ...QUIET, waitMs: 0 })).toMatchObject({ renewed: 1, atWork: 1 });
  expect(head && (await queue.store.mailboxes.done(place, head))).toBe("more waits");
  expect(await rotation.rotate(QUIET)).toMatchObject({ renewed: 0, atWork: 0 });
  expect(await rotation.tally()).toEqual(new Map([["k2", 1]]));
});

test("what lacks its key is told by the key's id, and stays as it is", async () => {
  const url = await ownRedis();
  const queue = await open(url, cipherWith(1));
  await queue.intake.accept([delivery("city", messageReceived(), { id: "ada" })]);
  const before = await queue.redis.lrange(keys.mailbox("city", "in", "ada"), 0, -1);
  const { undecryptable } = await createRotation(queue.redis, cipherWith(2)).rotate(QUIET);
  expect(undecryptable).toEqual(new Map([["k1", 1]]));
  expect(await queue.redis.lrange(keys.mailbox("city", "in", "ada"), 0, -1)).toEqual(before);
});
