import fc from "fast-check";
import { expect, test } from "vitest";
import { burstOf, partsOf } from "../../src/domain/burst.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { keys } from "../../src/store/keys.ts";
import { appendArguments, type Head, type Place } from "../../src/store/mailbox.ts";
import type { Redis } from "../../src/store/redis.ts";
import { runScript } from "../../src/store/scripts.ts";
import { createStore, type Store } from "../../src/store/store.ts";
import { messageReceived } from "../support/builders.ts";
import { openRedis, uniqueChannel } from "../support/redis.ts";

const AT = "2026-11-02T12:00:00.000Z";
const LETTER = { kind: "rejected", reason: "the helpdesk refused it", at: AT };
const MOST_TOGETHER = 3;

/** What waits at one place of a mailbox, as the model sees it. */
interface Entry {
  /** Of one message, or of several that were joined. */
  ids: string[];
  /** Absent: nothing goes before it. */
  sentAt?: string;
  alone: boolean;
}

/** What a worker holds; another one may hold the same, or have dealt with it. */
interface Held {
  entry: Entry;
  begun: number;
  head: Head;
}

/** One conversation's mailbox as it should be. */
interface Model {
  waiting: Entry[];
  /** How often the handling of the head was begun; 0 is also that of an empty mailbox. */
  begun: number;
  ended: Map<string, "waiting" | "done" | "dead">;
  letters: Entry[];
}

/** The same conversation in Redis, and what two workers hold of it. */
interface Real {
  redis: Redis;
  store: Store;
  place: Place;
  held: (Held | undefined)[];
}

type Command = fc.AsyncCommand<Model, Real>;
type Run = (model: Model, real: Real) => Promise<void>;

/** Both take the step; then Redis must hold what the model holds. */
function command(text: string, run: Run): Command {
  return {
    check: () => true,
    async run(model, real) {
      await run(model, real);
      await compare(model, real);
    },
    toString: () => text,
  };
}

async function compare(model: Model, { redis, store, place }: Real): Promise<void> {
  const { channel, lane, person } = place;
  const raws = await redis.lrange(keys.mailbox(channel, lane, person), 0, -1);
  const waiting = raws.map((raw) => partsOf(JSON.parse(raw).event).map(({ id }) => id));
  expect(waiting).toEqual(model.waiting.map(({ ids }) => ids));
  const names = [...model.ended.keys()];
  const states = await Promise.all(names.map((id) => redis.get(keys.seen(channel, id))));
  expect(states).toEqual([...model.ended.values()]);
  for (const { ids } of model.letters) {
    expect(await store.deadLetters.find(channel, letterId(ids)), ids.join()).toBeDefined();
  }
  const places = [...model.waiting, ...model.letters].flatMap(({ ids }) => ids);
  const done = names.filter((id) => model.ended.get(id) === "done");
  expect([...places, ...done].sort(), "each in one place").toEqual(names.sort());
}

const letterId = ([first]: string[]) => eventKey(`in/${first}`);
const isSame = (one: Entry | undefined, other: Entry) =>
  one !== undefined && JSON.stringify(one) === JSON.stringify(other);

function takeIn(number: number, second: number): Command {
  return command(`message ${number} of second ${second}`, async (model, { redis, place }) => {
    const id = `${place.person}/${number}`;
    const sentAt = `2026-11-02T12:00:0${second}.000Z`;
    const event = messageReceived({ id, message: { sentAt } });
    const to = { channel: place.channel, lane: place.lane, event, person: { id: place.person } };
    await runScript(redis, "append", appendArguments(to));
    if (model.ended.has(id)) return;
    model.ended.set(id, "waiting");
    let at = model.waiting.length;
    const isLater = (entry: Entry | undefined) => (entry?.sentAt ?? "") > sentAt;
    while (at > (model.begun > 0 ? 1 : 0) && isLater(model.waiting[at - 1])) at--;
    model.waiting.splice(at, 0, { ids: [id], sentAt, alone: false });
  });
}

/** A worker that held something before has died over it. */
function begin(worker: number): Command {
  return command(`worker ${worker} begins`, async (model, { store, place, held }) => {
    const head = await store.mailboxes.begin(place);
    const [first] = model.waiting;
    if (first) model.begun++;
    held[worker] = first && head && { entry: first, begun: model.begun, head };
    expect(head && partsOf(head.event).map(({ id }) => id)).toEqual(first?.ids);
    expect(head?.begun).toBe(first && model.begun);
  });
}

function join(worker: number): Command {
  return command(`worker ${worker} joins`, async (model, { store, place, held }) => {
    const mine = held[worker];
    if (!mine || mine.entry.alone || mine.begun > 1) return;
    const behind = await store.mailboxes.behind(place, MOST_TOGETHER - 1);
    const end = behind.findIndex(({ alone }) => alone);
    const all = [mine.head, ...(end < 0 ? behind : behind.slice(0, end))] as const;
    const burst = burstOf(
      all.map(({ event }) => event),
      MOST_TOGETHER,
    );
    if (!burst) return;
    const [, ...others] = all.slice(0, burst.messages.length);
    const joined = await store.mailboxes.join(place, [mine.head, ...others], burst);
    const isMine = model.begun === mine.begun && isSame(model.waiting[0], mine.entry);
    expect(joined !== undefined).toBe(isMine);
    if (!joined) return;
    const gone = model.waiting.splice(0, burst.messages.length);
    const entry = { ids: gone.flatMap(({ ids }) => ids), alone: false };
    model.waiting.unshift(entry);
    held[worker] = { ...mine, entry, head: joined };
  });
}

/** What a burst is when it has become several again. */
function apart({ head }: Held): [Entry, ...Entry[]] {
  const parts = partsOf(head.event).map((event) => ({
    ids: [event.id],
    ...(event.type === "message.received" ? { sentAt: event.message.sentAt } : {}),
    alone: true,
  }));
  return parts as [Entry, ...Entry[]];
}

/** Another worker that held the same is told that it is separate, which it is. */
function separate(worker: number): Command {
  return command(`worker ${worker} separates`, async (model, { store, place, held }) => {
    const mine = held[worker];
    if (!mine || mine.entry.ids.length < 2) return;
    held[worker] = undefined;
    const isMine = model.begun === mine.begun && isSame(model.waiting[0], mine.entry);
    const parts = apart(mine);
    const isSeparate = isSame(model.waiting[0], parts[0]);
    expect(await store.mailboxes.separate(place, mine.head)).toBe(isMine || isSeparate);
    if (!isMine) return;
    model.waiting.splice(0, 1, ...parts);
    model.begun = 0;
  });
}

/** It goes on, fails, or is put off: the head stays, and whoever holds it may still end it. */
function fail(worker: number, isPutOff: boolean): Command {
  return command(`worker ${worker} ${isPutOff ? "puts off" : "fails"}`, async (_model, real) => {
    const { store, place, held } = real;
    const mine = held[worker];
    held[worker] = undefined;
    if (mine && isPutOff) await store.mailboxes.putOff(place, mine.head);
    else if (mine) await store.mailboxes.failed(place, mine.head, Date.parse(AT));
  });
}

function end(worker: number, how: "done" | "dead"): Command {
  return command(`worker ${worker} ends it ${how}`, async (model, { store, place, held }) => {
    const mine = held[worker];
    if (!mine) return;
    held[worker] = undefined;
    const { mailboxes } = store;
    const isMine = isSame(model.waiting[0], mine.entry);
    const ended =
      how === "done"
        ? await mailboxes.done(place, mine.head)
        : await mailboxes.bury(place, mine.head, LETTER);
    const left = model.waiting.length > 1 ? "more waits" : "nothing waits";
    expect(ended).toBe(isMine ? left : undefined);
    if (!isMine) return;
    model.waiting.shift();
    model.begun = 0;
    for (const id of mine.entry.ids) model.ended.set(id, how);
    if (how === "dead") model.letters.push(mine.entry);
  });
}

const replay = command("the oldest dead letter is replayed", async (model, { store, place }) => {
  const letter = model.letters.shift();
  if (!letter) return;
  expect(await store.deadLetters.replay(place.channel, letterId(letter.ids))).toBeDefined();
  model.waiting.push({ ids: letter.ids, alone: false });
});

const worker = fc.nat({ max: 1 });
const steps = [
  fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 5 })).map(([number, second]) => takeIn(number, second)),
  worker.map(begin),
  worker.map(join),
  worker.map(separate),
  fc.tuple(worker, fc.boolean()).map(([number, isPutOff]) => fail(number, isPutOff)),
  fc
    .tuple(worker, fc.constantFrom("done" as const, "dead" as const))
    .map(([number, how]) => end(number, how)),
  fc.constant(replay),
];

/** In any order, with two workers that may hold the same, die over it, or end it late. */
test("R14: whatever comes, is tried, ends, dies or is replayed in any order, each message is in one place", async () => {
  const redis = await openRedis();
  const channel = uniqueChannel(redis);
  const store = createStore(redis);
  let sequences = 0;
  await fc.assert(
    fc.asyncProperty(fc.commands(steps, { maxCommands: 60, size: "max" }), async (commands) => {
      const place: Place = { channel, lane: "in", person: `p${++sequences}` };
      await fc.asyncModelRun(
        () => ({
          model: { waiting: [], begun: 0, ended: new Map(), letters: [] } as Model,
          real: { redis, store, place, held: [] } as Real,
        }),
        commands,
      );
    }),
    { numRuns: Number(process.env["MODEL_RUNS"] ?? 200) },
  );
}, 300_000);
