import { createHash } from "node:crypto";
import { partsOf } from "../domain/burst.ts";
import type { ConversationKey } from "../domain/conversation.ts";
import type { BurstReceived, Event } from "../domain/event.ts";
import type { Lane } from "../domain/lane.ts";
import { aliasesOf, type Person } from "../domain/person.ts";
import { eventKey } from "../domain/trace.ts";
import { comesByAd, opensWindow, takesReactions } from "../domain/window.ts";
import { type Cipher, noCipher, Undecryptable } from "./cipher.ts";
import {
  type Address,
  envelopeOf,
  fromEnvelope,
  NEWEST,
  NewerEvent,
  sentAtOf,
  versionOf,
  type Waiting,
} from "./envelope.ts";
import { channelTag, keys, SEEN_SECONDS } from "./keys.ts";
import { type DeadLetter, letterText } from "./letter.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";
import { type personFields, where } from "./where.ts";

/** One event on its way into a mailbox. */
export interface Delivery {
  channel: string;
  lane: Lane;
  event: Event;
  /** Whom it concerns: as a payload shows them, or our id when already known. */
  person: { seen: Person } | { id: string };
}

/** The person id that a delivery gets unless an alias is already known under another one. */
export function assumedPerson(delivery: Delivery, cipher: Cipher = noCipher): string {
  if ("id" in delivery.person) return delivery.person.id;
  const { event } = delivery;
  const formerly = event.type === "message.received" ? event.formerly : undefined;
  const [first] = [...aliasesOf(formerly ?? {}), ...aliasesOf(delivery.person.seen)];
  return cipher.namesOf(first ?? `event:${delivery.event.id}`)[0];
}

/** Arguments of append.lua, after its command name: events of one channel, in order. */
export function appendArguments(
  deliveries: Delivery | readonly Delivery[],
  cipher: Cipher = noCipher,
): (string | number)[] {
  const all = [deliveries].flat() as Delivery[];
  return [channelTag(all[0]?.channel ?? ""), ...all.flatMap((delivery) => eventArguments(delivery, cipher))];
}

/** What append.lua answers for an event. */
export interface Appended {
  /** False for a repeat. */
  fresh: boolean;
  person: string;
  /** Nothing waited in that mailbox before: somebody has to be woken. */
  isFirst: boolean;
}

/** In the order in which `appendArguments` was given them. */
export function readAppended(answer: unknown): Appended[] {
  const flat = answer as (number | string)[];
  return Array.from({ length: flat.length / 3 }, (_, index) => ({
    fresh: flat[3 * index] === 1,
    person: String(flat[3 * index + 1]),
    isFirst: flat[3 * index + 2] === 1,
  }));
}

function eventArguments(delivery: Delivery, cipher: Cipher): (string | number)[] {
  const { channel, lane, event } = delivery;
  const seen: Person = "seen" in delivery.person ? delivery.person.seen : {};
  const isMessage = event.type === "message.received";
  const sentAt = sentAtOf(event);
  const formerly: Person = (isMessage && event.formerly) || {};
  const to = "id" in delivery.person ? delivery.person.id : undefined;
  const hidden = (field: (typeof personFields)[number], text = "") =>
    text && cipher.encrypt(text, where.person(channel, field));
  return [
    lane,
    keys.seen(channel, event.id),
    SEEN_SECONDS,
    envelopeOf(event, { channel, lane, to }, { cipher }),
    assumedPerson(delivery, cipher),
    ...aliasNames(seen, cipher),
    hidden("userId", seen.userId),
    hidden("phone", seen.phone),
    hidden("name", seen.name),
    sentAt ?? "",
    isMessage && opensWindow(event.message.type) ? event.message.sentAt : "",
    ...aliasNames(formerly, cipher),
    isMessage && takesReactions(event.message) ? hidden("lastMessageId", event.message.id) : "",
    isMessage && comesByAd(event.message) ? event.message.sentAt : "",
    cipher.current() !== undefined && seen.phone ? sha1(seen.phone) : "",
    ...aliasNames(seen, cipher, 1),
    ...aliasNames(formerly, cipher, 1),
  ];
}

/** User id and phone as append.lua's keys name them; "" for what is not known. `which` 1: as they were before. */
function aliasNames({ userId, phone }: Person, cipher: Cipher, which: 0 | 1 = 0): [string, string] {
  const nameOf = (alias: string) => cipher.namesOf(alias)[which] ?? "";
  return [userId ? nameOf(`user:${userId}`) : "", phone ? nameOf(`phone:${phone}`) : ""];
}

/** The oldest waiting event of a conversation's lane. */
export interface Head extends Waiting {
  /** Failed tries so far, kept over restarts. */
  tries: number;
  /** Milliseconds, of the first failure; undefined before. */
  since: number | undefined;
  /** How often handling began and never came to an end: the worker died. */
  unfinished: number;
  /** How often handling began in all, this time included. */
  begun: number;
}

export interface Place extends ConversationKey {
  lane: Lane;
}

/** What was behind the head that was taken off; undefined when somebody else took it off. */
export type Popped = "more waits" | "nothing waits" | undefined;

/** What begin.lua answers. */
type Begun = [raw?: string, tries?: string, since?: string, unfinished?: number, begun?: number];

export function createMailboxes(redis: Redis, cipher: Cipher = noCipher) {
  /** The head, marked as begun in the same step; undefined when nothing waits. Throws NewerEvent, Undecryptable. */
  async function begin({ channel, lane, person }: Place): Promise<Head | undefined> {
    const found = await runScript(redis, "begin", [channelTag(channel), lane, person, NEWEST]);
    const [raw, tries, since, unfinished = 0, begun = 0] = found as Begun;
    if (raw === undefined) return undefined;
    if (tries === undefined) throw new NewerEvent();
    const waiting = await readable(raw, { channel, lane, person });
    return { ...waiting, tries: Number(tries), since: since ? Number(since) : undefined, unfinished, begun };
  }

  /** What cannot be read was not begun either: else it would count as having ended its worker. */
  async function readable(raw: string, place: Place): Promise<Waiting> {
    try {
      return fromEnvelope(raw, place, cipher);
    } catch (error) {
      await postpone(place, { raw });
      throw error;
    }
  }

  async function postpone(
    { channel, lane, person }: Place,
    head: Pick<Head, "raw">,
    failedAt?: number,
  ): Promise<void> {
    const args = [channelTag(channel), lane, person, sha1(head.raw), failedAt ?? ""];
    await runScript(redis, "postpone", args);
  }

  async function pop({ channel, lane, person }: Place, head: Head, letter?: DeadLetter): Promise<Popped> {
    const dead = letter ? [letter.id, letterText(channel, letter, cipher)] : ["", ""];
    const seen = partsOf(head.event).map(({ id }) => keys.seen(channel, id));
    const args = [channelTag(channel), lane, person, sha1(head.raw), ...dead, ...seen];
    const left = Number(await runScript(redis, "pop", args));
    return left === 0 ? undefined : left === 1 ? "more waits" : "nothing waits";
  }

  return {
    begin,
    /** What waits behind the head and can be read, `count` at most. */
    async behind({ channel, lane, person }: Place, count: number): Promise<Waiting[]> {
      const raws = await redis.lrange(keys.mailbox(channel, lane, person), 1, count);
      return untilUnreadable(raws, { channel, lane, person }, cipher);
    },
    /**
     * The head and those right behind it become one event, which is the head from now on, begun as it was. Undefined
     * when somebody else handles them.
     */
    async join(place: Place, waiting: [Head, ...Waiting[]], burst: BurstReceived): Promise<Head | undefined> {
      const raw = envelopeOf(burst, addressOf(place), { cipher });
      const isJoined = await exchange(redis, place, { go: waiting, come: [raw], isNew: false });
      return isJoined ? { ...waiting[0], raw, event: burst } : undefined;
    },
    /** The events of a burst wait by themselves again, and are joined no more. */
    separate: (place: Place, head: Head) =>
      exchange(redis, place, {
        go: [head],
        come: partsOf(head.event).map((event) =>
          envelopeOf(event, addressOf(place), { cipher, alone: true }),
        ),
        isNew: true,
      }),
    /** Handling failed: the head stays and is tried again. */
    failed: (place: Place, head: Head, now: number) => postpone(place, head, now),
    /** Handling was put off; that is no failure. */
    putOff: (place: Place, head: Head) => postpone(place, head),
    /** Handled: takes the head off. */
    done: (place: Place, head: Head) => pop(place, head),
    /** Gave up: takes the head off and files it as a dead letter. */
    bury: (
      place: Place,
      head: Head,
      letter: Pick<DeadLetter, "kind" | "reason" | "mapping" | "unclear" | "at">,
    ) =>
      pop(place, head, {
        id: eventKey(`${place.lane}/${head.event.id}`),
        v: versionOf(head.event),
        lane: place.lane,
        person: place.person,
        event: head.event,
        ...letter,
      }),
    /** People with waiting events, in batches. */
    async *pending(channel: string, lane: Lane): AsyncGenerator<string[]> {
      for await (const people of redis.sscanStream(keys.pending(channel, lane), { count: 500 })) {
        yield people as string[];
      }
    },
    waiting: (channel: string, lane: Lane) => redis.scard(keys.pending(channel, lane)),
  };
}

/** False when somebody else has dealt with them, or is about to. */
async function exchange(
  redis: Redis,
  { channel, lane, person }: Place,
  { go, come, isNew }: { go: readonly [Head, ...Waiting[]]; come: readonly string[]; isNew: boolean },
): Promise<boolean> {
  const hashes = go.map(({ raw }) => sha1(raw));
  const [{ begun }] = go;
  const args = [channelTag(channel), lane, person, begun, isNew ? "1" : "", go.length, ...hashes, ...come];
  return (await runScript(redis, "exchange", args)) === 1;
}

/** What cannot be read now, for its key or its version, is no matter of those before it. */
function untilUnreadable(raws: readonly string[], place: Place, cipher: Cipher): Waiting[] {
  const waiting: Waiting[] = [];
  for (const raw of raws) {
    try {
      waiting.push(fromEnvelope(raw, place, cipher));
    } catch (error) {
      if (error instanceof Undecryptable || error instanceof NewerEvent) break;
      throw error;
    }
  }
  return waiting;
}

function addressOf({ channel, lane, person }: Place): Address {
  return { channel, lane, to: person };
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

export type Mailboxes = ReturnType<typeof createMailboxes>;
