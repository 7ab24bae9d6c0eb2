import type { Redis } from "ioredis";
import { beforeEach, describe, expect, test } from "vitest";
import { burstOf } from "../../src/domain/burst.ts";
import type { Event } from "../../src/domain/event.ts";
import { type Cipher, noCipher, Undecryptable } from "../../src/store/cipher.ts";
import { NewerEvent } from "../../src/store/envelope.ts";
import { keepArguments } from "../../src/store/kept.ts";
import { keys } from "../../src/store/keys.ts";
import { appendArguments, type Head, type Place } from "../../src/store/mailbox.ts";
import { runScript } from "../../src/store/scripts.ts";
import { createStore } from "../../src/store/store.ts";
import { messageReceived, noteRequested } from "../support/builders.ts";
import { cipherWith } from "../support/ciphers.ts";
import { openRedis, uniqueChannel } from "../support/redis.ts";

const NOON = Date.parse("2026-11-02T12:00:00.000Z");
const LETTER = { kind: "rejected", reason: "the helpdesk refused it", at: "2026-11-02T12:00:00.000Z" };

let redis: Redis;
let place: Place;
let mailbox: string;

beforeEach(async () => {
  redis = await openRedis();
  place = { channel: uniqueChannel(redis), lane: "in", person: "ada" };
  mailbox = keys.mailbox(place.channel, place.lane, place.person);
});

/** One worker's view, with its cipher. */
function worker(cipher: Cipher = noCipher) {
  const { mailboxes, deadLetters } = createStore(redis, cipher);
  async function begin(): Promise<Head> {
    const head = await mailboxes.begin(place);
    if (!head) throw new Error("the mailbox is empty");
    return head;
  }
  return {
    ...{ mailboxes, deadLetters, begin },
    async append(...events: Event[]): Promise<void> {
      const all = events.map((event) => ({ ...place, event, person: { id: place.person } }));
      await runScript(redis, "append", appendArguments(all, cipher));
    },
    /** The head and the messages right behind it as one. */
    async join(head: Head): Promise<Head | undefined> {
      const behind = await mailboxes.behind(place, 9);
      const burst = burstOf([head.event, ...behind.map(({ event }) => event)], 9);
      return burst && mailboxes.join(place, [head, ...behind.slice(0, burst.messages.length - 1)], burst);
    },
    /** Takes off all heads, and tells their ids. */
    async drain(): Promise<string[]> {
      const ids: string[] = [];
      for (let head = await mailboxes.begin(place); head; head = await mailboxes.begin(place)) {
        ids.push(head.event.id);
        await mailboxes.done(place, head);
      }
      return ids;
    },
  };
}

const messages = (...ids: string[]) => ids.map((id) => messageReceived({ id }));
const idsOf = (event: Event | undefined) =>
  event?.type === "burst.received" ? event.messages.map(({ id }) => id) : event?.id;

describe.each([
  ["plain", noCipher],
  ["encrypted", cipherWith(1)],
])("P01: messages that were joined, %s", (_how, cipher) => {
  test("are one head, begun as its first was, with the tries it had", async () => {
    const { append, begin, join, mailboxes } = worker(cipher);
    await append(...messages("m1", "m2"), noteRequested({ id: "n" }));
    await mailboxes.failed(place, await begin(), NOON);
    const joined = await join(await begin());
    expect(joined?.raw).toBe(await redis.lindex(mailbox, 0));
    expect(joined).toMatchObject({ begun: 2, tries: 1 });
    const again = await begin();
    expect(idsOf(again.event)).toEqual(["m1", "m2"]);
    expect(again).toMatchObject({ begun: 3, unfinished: 1, tries: 1, alone: false });
    expect((await mailboxes.behind(place, 9)).map(({ event }) => event.id)).toEqual(["n"]);
  });

  test("and separated wait in their order, before what came since, each to stay by itself", async () => {
    const { append, begin, join, mailboxes, drain } = worker(cipher);
    await append(...messages("m1", "m2", "m3"));
    const joined = await join(await begin());
    await append(...messages("m4"));
    if (!joined) throw new Error("not joined");
    await mailboxes.failed(place, joined, NOON);
    expect(await mailboxes.separate(place, joined)).toBe(true);
    const head = await begin();
    expect(head).toMatchObject({ begun: 1, unfinished: 0, tries: 0, alone: true });
    expect(head.since).toBeUndefined();
    const behind = await mailboxes.behind(place, 9);
    expect(behind.map(({ event, alone }) => [event.id, alone])).toEqual([
      ["m2", true],
      ["m3", true],
      ["m4", false],
    ]);
    expect(await drain()).toEqual(["m1", "m2", "m3", "m4"]);
  });
});

describe("a worker whose head somebody else has begun or taken off meanwhile", () => {
  test("puts nothing in place of the next, though that was begun as often", async () => {
    const { append, begin, join, mailboxes, drain } = worker();
    await append(...messages("m1", "m2"));
    const late = await begin();
    const behind = await mailboxes.behind(place, 1);
    await mailboxes.done(place, await begin());
    await redis.hset(keys.head(place.channel, place.lane, place.person), "begun", late.begun);
    const burst = burstOf(messages("m1", "m2"), 2);
    if (!burst) throw new Error("nothing to join");
    expect(await mailboxes.join(place, [late, ...behind], burst)).toBeUndefined();
    expect(await mailboxes.separate(place, late)).toBe(false);
    expect(await join(late)).toBeUndefined();
    expect(await drain()).toEqual(["m2"]);
  });

  test("joins and separates nothing: the other may have handled it as it is", async () => {
    const { append, begin, join, mailboxes } = worker();
    await append(...messages("m1", "m2"));
    const late = await begin();
    await begin();
    expect(await join(late)).toBeUndefined();
    expect(await mailboxes.separate(place, late)).toBe(false);
    expect(await redis.llen(mailbox)).toBe(2);
    const joined = await join(await begin());
    await begin();
    expect(joined && (await mailboxes.separate(place, joined))).toBe(false);
    expect(await redis.llen(mailbox)).toBe(1);
  });

  test("is told that it joined them as often as it asks, until another has begun what it joined", async () => {
    const { append, begin, mailboxes } = worker();
    await append(...messages("m1", "m2"));
    const head = await begin();
    const behind = await mailboxes.behind(place, 1);
    const burst = burstOf(messages("m1", "m2"), 2);
    if (!burst) throw new Error("nothing to join");
    const join = () => mailboxes.join(place, [head, ...behind], burst);
    expect(idsOf((await join())?.event)).toEqual(["m1", "m2"]);
    expect(idsOf((await join())?.event)).toEqual(["m1", "m2"]);
    await begin();
    expect(await join()).toBeUndefined();
    expect(await redis.llen(mailbox)).toBe(1);
  });

  test("joins nothing when what waited behind the head is gone, or is another", async () => {
    const { append, begin, mailboxes, drain } = worker();
    await append(...messages("m1", "m2"));
    const head = await begin();
    const behind = await mailboxes.behind(place, 1);
    const burst = burstOf(messages("m1", "m2"), 2);
    if (!burst) throw new Error("nothing to join");
    await redis.rpop(mailbox);
    expect(await mailboxes.join(place, [head, ...behind], burst)).toBeUndefined();
    await append(...messages("m3"));
    expect(await mailboxes.join(place, [head, ...behind], burst)).toBeUndefined();
    expect(await drain()).toEqual(["m1", "m3"]);
  });
});

describe("what cannot be read", () => {
  test("behind the head ends what may be joined: of a lost key, or of a newer version", async () => {
    await worker(cipherWith(1)).append(...messages("m1"));
    await worker(cipherWith(2)).append(...messages("m2"));
    const { begin, mailboxes } = worker(cipherWith(1));
    expect((await begin()).event.id).toBe("m1");
    expect(await mailboxes.behind(place, 9)).toEqual([]);
    await redis.lset(mailbox, 1, '{"v":99,"event":{}}');
    expect(await mailboxes.behind(place, 9)).toEqual([]);
    await redis.lset(mailbox, 1, "no envelope");
    await expect(mailboxes.behind(place, 9)).rejects.toThrow(SyntaxError);
  });

  test("for want of its key was not begun: it does not count as having ended its worker", async () => {
    await worker(cipherWith(2)).append(...messages("m1"));
    for (const _ of [1, 2]) await expect(worker(cipherWith(1)).begin()).rejects.toThrow(Undecryptable);
    expect(await worker(cipherWith(2)).begin()).toMatchObject({ unfinished: 0, tries: 0 });
  });

  test.each(['{"v":4,"event":{}}', '{"event":{}}'])(
    "for its version is counted for nothing, and neither is what says none: %s",
    async (raw) => {
      const { append, mailboxes } = worker();
      await append(...messages("m1"));
      await redis.lset(mailbox, 0, raw);
      await expect(mailboxes.begin(place)).rejects.toThrow(NewerEvent);
      expect(await redis.exists(keys.head(place.channel, place.lane, place.person))).toBe(0);
      expect(await redis.lrange(mailbox, 0, -1)).toEqual([raw]);
    },
  );

  test("in a mailbox that it was moved to is read by nobody, when it is known whose it was", async () => {
    const { append, mailboxes } = worker(cipherWith(1));
    await append(noteRequested());
    const raw = (await redis.lindex(mailbox, 0)) ?? "";
    expect(JSON.parse(raw)).toMatchObject({ v: 3, to: "ada" });
    await redis.rpush(keys.mailbox(place.channel, "in", "bob"), raw);
    await expect(mailboxes.begin({ ...place, person: "bob" })).rejects.toThrow("moved");
  });
});

test("P10: encrypted messages wait in the order in which they were sent, too", async () => {
  const { append, drain } = worker(cipherWith(1));
  const sent = (id: string, minute: number) =>
    messageReceived({ id, at: `2026-11-02T09:0${minute}:00.000Z` });
  await append(sent("c", 3), sent("a", 1), sent("b", 2));
  expect(await drain()).toEqual(["a", "b", "c"]);
});

test("an event that is dead is so by its letter, and neither handled nor told to be", async () => {
  const { append, begin, mailboxes, deadLetters, drain } = worker();
  await append(...messages("m1", "m2"));
  await mailboxes.bury(place, await begin(), LETTER);
  expect(await drain()).toEqual(["m2"]);
  const states = ["m1", "m2"].map((id) => redis.get(keys.seen(place.channel, id)));
  expect(await Promise.all(states)).toEqual(["dead", "done"]);
  expect(await deadLetters.count(place.channel)).toBe(1);
});

test("what was forgotten after 8 days is not remembered anew by its end", async () => {
  const { append, drain } = worker();
  await append(...messages("m1"));
  await redis.del(keys.seen(place.channel, "m1"));
  expect(await drain()).toEqual(["m1"]);
  expect(await redis.exists(keys.seen(place.channel, "m1"))).toBe(0);
});

test("people for whom something waits are listed all, by the hundred and not one by one", async () => {
  const people = Array.from({ length: 3000 }, (_, n) => `p${n}`);
  await redis.sadd(keys.pending(place.channel, "in"), ...people);
  const batches: string[][] = [];
  for await (const batch of worker().mailboxes.pending(place.channel, "in")) batches.push(batch);
  expect(new Set(batches.flat())).toEqual(new Set(people));
  expect(batches.length).toBeGreaterThan(1);
  expect(batches.length).toBeLessThan(30);
});

describe("what goes to no mailbox", () => {
  const keep = (list: "quarantine" | "account", id: string) =>
    runScript(redis, "keep", keepArguments({ channel: place.channel, list, id, content: { id } }));

  test("is done as soon as it is kept, and its repeat is known for 8 days", async () => {
    expect(await keep("quarantine", "q")).toBe(1);
    const seen = keys.seen(place.channel, "quarantine/q");
    expect(await redis.get(seen)).toBe("done");
    const days = (await redis.pttl(seen)) / 86_400_000;
    expect(days).toBeGreaterThan(7.99);
    expect(days).toBeLessThanOrEqual(8);
    expect(await keep("quarantine", "q")).toBe(0);
    expect(await redis.lrange(keys.quarantine(place.channel), 0, -1)).toEqual(['{"id":"q"}']);
  });

  test("is limited to 1,000 for the account, of which the oldest goes; nothing of the quarantine does", async () => {
    for (const [list, key] of [
      ["account", keys.account(place.channel)],
      ["quarantine", keys.quarantine(place.channel)],
    ] as const) {
      await redis.rpush(key, ...Array.from({ length: 1000 }, (_, n) => `${n}`));
      await keep(list, "new");
      const length = list === "account" ? 1000 : 1001;
      expect(await redis.llen(key)).toBe(length);
      expect(await redis.lrange(key, -2, -1)).toEqual(["999", '{"id":"new"}']);
      expect(await redis.lindex(key, 0)).toBe(list === "account" ? "1" : "0");
    }
  });
});
