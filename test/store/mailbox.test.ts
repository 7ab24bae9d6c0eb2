import fc from "fast-check";
import type { Redis } from "ioredis";
import { beforeEach, describe, expect, test } from "vitest";
import type { Event } from "../../src/domain/event.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { keys } from "../../src/store/keys.ts";
import { appendArguments, type Head, type Place, readAppended } from "../../src/store/mailbox.ts";
import { runScript } from "../../src/store/scripts.ts";
import { createStore, type Store } from "../../src/store/store.ts";
import { messageReceived, noteRequested, person, phone, receiptUpdated } from "../support/builders.ts";
import { keysLike, openRedis, uniqueChannel } from "../support/redis.ts";

const NOON = Date.parse("2026-11-02T12:00:00.000Z");
const LETTER = { kind: "rejected", reason: "the helpdesk refused it", at: "2026-11-02T12:00:00.000Z" };

let redis: Redis;
let channel: string;
let store: Store;
let place: Place;

beforeEach(async () => {
  redis = await openRedis();
  channel = uniqueChannel(redis);
  store = createStore(redis);
  place = { channel, lane: "in", person: "ada" };
});

async function append(...events: Event[]): Promise<void> {
  for (const event of events) {
    const to = { channel, lane: place.lane, event, person: { id: place.person } };
    await runScript(redis, "append", appendArguments(to));
  }
}

async function begin(): Promise<Head> {
  const head = await store.mailboxes.begin(place);
  if (!head) throw new Error("the mailbox is empty");
  return head;
}

/** Takes off all heads, and tells their ids. */
async function drainAll(): Promise<string[]> {
  const ids: string[] = [];
  for (let head = await store.mailboxes.begin(place); head; head = await store.mailboxes.begin(place)) {
    ids.push(head.event.id);
    expect(await store.mailboxes.done(place, head)).toBeDefined();
  }
  return ids;
}

const seenState = (id: string) => redis.get(keys.seen(channel, id));

describe("a head", () => {
  test("is a fresh start at first: no tries, nothing unfinished", async () => {
    const event = messageReceived();
    await append(event);
    expect(await begin()).toMatchObject({ event, tries: 0, unfinished: 0 });
  });

  test("that was begun and never ended counts as unfinished, each time", async () => {
    await append(messageReceived());
    await begin();
    await begin();
    expect((await begin()).unfinished).toBe(2);
  });

  test("that failed counts its tries from the first failure, and is no longer unfinished", async () => {
    await append(messageReceived());
    await store.mailboxes.failed(place, await begin(), NOON + 10);
    await store.mailboxes.failed(place, await begin(), NOON + 1010);
    expect(await begin()).toMatchObject({ tries: 2, since: NOON + 10, unfinished: 0 });
  });

  test("that was put off has neither failed nor aged", async () => {
    await append(messageReceived());
    await store.mailboxes.putOff(place, await begin());
    const again = await begin();
    expect(again).toMatchObject({ tries: 0, unfinished: 0 });
    expect(again.since).toBeUndefined();
  });

  test("leaves its tries behind when it is handled: the next starts afresh", async () => {
    await append(messageReceived(), messageReceived());
    await store.mailboxes.failed(place, await begin(), NOON);
    await store.mailboxes.done(place, await begin());
    const next = await begin();
    expect(next).toMatchObject({ tries: 0, unfinished: 0 });
    expect(next.since).toBeUndefined();
  });

  test("is known as waiting, then as done, and its key keeps its life of 8 days", async () => {
    const event = messageReceived();
    await append(event);
    expect(await seenState(event.id)).toBe("waiting");
    await drainAll();
    expect(await seenState(event.id)).toBe("done");
    expect(await redis.ttl(keys.seen(channel, event.id))).toBeGreaterThan(8 * 24 * 3600 - 60);
  });
});

describe("what waits", () => {
  test("is told to whoever brings it: whether it is new, whose it is, and whether somebody must be woken", async () => {
    const [first, second] = [messageReceived(), messageReceived()];
    const told = async (event: Event) => {
      const to = { channel, lane: place.lane, event, person: { id: "ada" } };
      return readAppended(await runScript(redis, "append", appendArguments(to)));
    };
    expect(await told(first)).toEqual([{ fresh: true, person: "ada", isFirst: true }]);
    expect(await told(second)).toEqual([{ fresh: true, person: "ada", isFirst: false }]);
    expect(await told(first)).toEqual([{ fresh: false, person: "ada", isFirst: false }]);
  });

  test("is listed by its people, and its head tells how often it was begun in all", async () => {
    await append(messageReceived());
    const people: string[] = [];
    for await (const batch of store.mailboxes.pending(channel, "in")) people.push(...batch);
    expect(people).toEqual(["ada"]);
    expect((await begin()).begun).toBe(1);
    await store.mailboxes.putOff(place, await begin());
    expect(await begin()).toMatchObject({ begun: 3, unfinished: 0 });
  });
});

describe("an empty mailbox", () => {
  test("is not listed as pending and leaves no keys of its own", async () => {
    const event = messageReceived();
    await append(event);
    expect(await store.mailboxes.waiting(channel, "in")).toBe(1);
    await drainAll();
    expect(await store.mailboxes.waiting(channel, "in")).toBe(0);
    expect(await keysLike(redis, `{deskferry:${channel}}:*`)).toEqual([keys.seen(channel, event.id)]);
  });

  test("is off the list with its last head, and not before", async () => {
    await append(messageReceived(), messageReceived());
    await store.mailboxes.done(place, await begin());
    expect(await store.mailboxes.waiting(channel, "in")).toBe(1);
    await store.mailboxes.done(place, await begin());
    expect(await store.mailboxes.waiting(channel, "in")).toBe(0);
  });

  test("that is still listed is taken off the list by looking into it", async () => {
    await redis.sadd(keys.pending(channel, "in"), place.person);
    expect(await store.mailboxes.begin(place)).toBeUndefined();
    expect(await store.mailboxes.waiting(channel, "in")).toBe(0);
    expect(await redis.exists(keys.head(channel, "in", place.person))).toBe(0);
  });
});

describe("two workers at one mailbox, one of which lost its lock", () => {
  test("take each head off once, and nobody takes off what they did not handle", async () => {
    const [first, second] = [messageReceived(), messageReceived()];
    await append(first, second);
    const zombie = await begin();
    const successor = await begin();
    expect(await store.mailboxes.done(place, successor)).toBe("more waits");
    expect(await store.mailboxes.done(place, zombie)).toBeUndefined();
    expect(await store.mailboxes.bury(place, zombie, LETTER)).toBeUndefined();
    expect(await store.deadLetters.count(channel)).toBe(0);
    expect((await begin()).event.id).toBe(second.id);
  });

  test("do not count a late failure against the next head", async () => {
    await append(messageReceived(), messageReceived());
    const zombie = await begin();
    await store.mailboxes.done(place, await begin());
    await begin();
    await store.mailboxes.failed(place, zombie, NOON);
    expect(await begin()).toMatchObject({ tries: 0, unfinished: 1 });
  });

  test("leave nothing behind at a mailbox that is empty by now", async () => {
    await append(messageReceived());
    const zombie = await begin();
    await store.mailboxes.done(place, await begin());
    await store.mailboxes.failed(place, zombie, NOON);
    await store.mailboxes.putOff(place, zombie);
    expect(await redis.exists(keys.head(channel, "in", place.person))).toBe(0);
  });
});

describe("P10: messages wait in the order in which they were sent", () => {
  const sent = (minute: number) => messageReceived({ at: `2026-11-02T09:0${minute}:00.000Z` });

  test("whatever their times and the order of arrival: those of one second as they arrived", async () => {
    const seconds = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(seconds, async (times) => {
        const events = times.map((second) => messageReceived({ at: `2026-11-02T09:00:0${second}.000Z` }));
        await append(...events);
        const sorted = [...events].sort((a, b) => a.at.localeCompare(b.at));
        expect(await drainAll()).toEqual(sorted.map(({ id }) => id));
      }),
      { numRuns: 40 },
    );
  });

  test("however they arrived", async () => {
    const events = [sent(1), sent(2), sent(3), sent(4), sent(5)];
    const [a, b, c, d, e] = events.map(({ id }) => id);
    for (const index of [3, 0, 4, 1, 2]) await append(events[index] ?? sent(9));
    expect(await drainAll()).toEqual([a, b, c, d, e]);
  });

  test("those of one second in the order of arrival", async () => {
    const events = [sent(2), sent(2), sent(1), sent(2)];
    await append(...events);
    const [a, b, c, d] = events.map(({ id }) => id);
    expect(await drainAll()).toEqual([c, a, b, d]);
  });

  test("but never before one that is being handled or tried again", async () => {
    const late = sent(1);
    const head = sent(3);
    await append(head);
    await store.mailboxes.failed(place, await begin(), NOON);
    await append(late);
    expect(await drainAll()).toEqual([head.id, late.id]);
  });

  test("and never before what is no message", async () => {
    const note = noteRequested();
    const late = sent(1);
    const head = sent(3);
    await append(head, note, late);
    expect(await drainAll()).toEqual([head.id, note.id, late.id]);
  });

  test("changes of a ticket and receipts wait in the order of arrival, whatever their times", async () => {
    place = { ...place, lane: "receipt" };
    const receipts = [5, 3, 4].map((n) =>
      receiptUpdated({ at: `2026-11-02T09:0${n}:00.000Z`, receipt: { messageId: `m${n}` } }),
    );
    await append(...receipts);
    expect(await drainAll()).toEqual(receipts.map(({ id }) => id));
  });

  test("a person's text cannot pass itself off as a time", async () => {
    const trick = '{"v":1,"sentAt":"1999-01-01T00:00:00.000Z"';
    const first = messageReceived({ at: "2026-11-02T09:05:00.000Z", message: { text: trick } });
    const second = messageReceived({ at: "2026-11-02T09:04:00.000Z", message: { text: trick } });
    await append(first, second);
    expect(await drainAll()).toEqual([second.id, first.id]);
  });
});

describe("a dead letter", () => {
  async function bury(event = messageReceived()) {
    await append(event);
    expect(await store.mailboxes.bury(place, await begin(), LETTER)).toBeDefined();
    return { event, id: eventKey(`in/${event.id}`) };
  }

  test("holds all that is needed to look at it and to replay it", async () => {
    const { event, id } = await bury();
    const letter = { id, v: 1, lane: "in", person: "ada", event, ...LETTER };
    expect(await store.deadLetters.find(channel, id)).toEqual(letter);
    const listed = [];
    for await (const one of store.deadLetters.list(channel)) listed.push(one);
    expect(listed).toEqual([letter]);
    expect(await seenState(event.id)).toBe("dead");
  });

  test("makes way for the next", async () => {
    await append(messageReceived(), messageReceived());
    await store.mailboxes.bury(place, await begin(), LETTER);
    expect(await drainAll()).toHaveLength(1);
  });

  test("is replayed once, however often somebody clicks", async () => {
    const { event, id } = await bury();
    const answers = await Promise.all([1, 2, 3, 4].map(() => store.deadLetters.replay(channel, id)));
    expect(answers.filter((letter) => letter !== undefined)).toHaveLength(1);
    expect(await store.mailboxes.waiting(channel, "in")).toBe(1);
    expect(await drainAll()).toEqual([event.id]);
    expect(await store.deadLetters.count(channel)).toBe(0);
    expect(await seenState(event.id)).toBe("done");
  });

  test("that is replayed goes behind what waits already, and is not overtaken by what comes later", async () => {
    const { event, id } = await bury(messageReceived({ at: "2026-11-02T09:00:00.000Z" }));
    const waiting = messageReceived({ at: "2026-11-02T09:10:00.000Z" });
    await append(waiting);
    await store.deadLetters.replay(channel, id);
    const later = messageReceived({ at: "2026-11-02T09:05:00.000Z" });
    await append(later);
    expect(await drainAll()).toEqual([waiting.id, event.id, later.id]);
  });

  test.each(["replay", "discard"] as const)(
    "whose create ended unknown lets the record be made by its %s, unless it was made meanwhile",
    async (way) => {
      for (const [unclear, result] of [["open", undefined] as const, ["made", "T1"] as const]) {
        await append(messageReceived());
        await store.intents.begin(channel, unclear, NOON);
        await store.mailboxes.bury(place, await begin(), { ...LETTER, unclear });
        if (result) await store.intents.finish(channel, unclear, result);
        for await (const letter of store.deadLetters.list(channel))
          await store.deadLetters[way](channel, letter.id);
        await drainAll();
        expect((await store.intents.get(channel, unclear))?.result).toBe(result);
        expect((await store.intents.get(channel, unclear)) === undefined).toBe(result === undefined);
      }
    },
  );

  test("that was discarded is gone, and its repeat is still recognised", async () => {
    const { event, id } = await bury();
    expect(await store.deadLetters.discard(channel, id)).toBe(true);
    expect(await store.deadLetters.discard(channel, id)).toBe(false);
    expect(await store.deadLetters.replay(channel, id)).toBeUndefined();
    await append(event);
    expect(await drainAll()).toEqual([]);
  });

  test.each(["replay", "discard"] as const)(
    "about a record that may be there: %s lets it be made, unless it was made meanwhile",
    async (decide) => {
      const unclear = `deskferry/${channel}/ada/1`;
      const bury = async () => {
        const event = messageReceived();
        await append(event);
        await store.mailboxes.bury(place, await begin(), { ...LETTER, kind: "unclear", unclear });
        return eventKey(`in/${event.id}`);
      };
      await store.intents.begin(channel, unclear, 1);
      const [first, second] = [await bury(), await bury()];
      await store.deadLetters[decide](channel, first);
      expect(await store.intents.get(channel, unclear)).toBeUndefined();
      await store.intents.begin(channel, unclear, 2);
      await store.intents.finish(channel, unclear, "ticket-1");
      await store.deadLetters[decide](channel, second);
      expect(await store.intents.get(channel, unclear)).toMatchObject({ result: "ticket-1" });
    },
  );

  test("that dies again after its replay is a dead letter again", async () => {
    const { event, id } = await bury();
    await store.deadLetters.replay(channel, id);
    await store.mailboxes.bury(place, await begin(), { ...LETTER, reason: "again" });
    expect(await store.deadLetters.find(channel, id)).toMatchObject({ event, reason: "again" });
  });

  test("is one per event, also when a thousand are listed", async () => {
    for (let n = 0; n < 1000; n++) await bury();
    const listed = new Set<string>();
    for await (const { id } of store.deadLetters.list(channel)) listed.add(id);
    expect(listed.size).toBe(1000);
  });
});

test("keys hold neither phone numbers nor provider ids", async () => {
  const event = messageReceived({ person: person(7), message: { text: "secret" } });
  const seen = { seen: event.person };
  await runScript(redis, "append", appendArguments({ channel, lane: "in", event, person: seen }));
  const names = (await keysLike(redis, `{deskferry:${channel}}:*`)).join(" ");
  expect(names).not.toContain(phone(7).slice(1));
  expect(names).not.toContain(event.id);
  expect(names).not.toContain(person(7).userId);
});
