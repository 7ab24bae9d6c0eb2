import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { partsOf } from "../domain/burst.ts";
import type { ConversationKey } from "../domain/conversation.ts";
import type { BurstReceived, Event } from "../domain/event.ts";
import type { Lane } from "../domain/lane.ts";
import { aliasesOf, type Person, personIdOf } from "../domain/person.ts";
import { eventKey } from "../domain/trace.ts";
import { comesByAd, opensWindow, takesReactions } from "../domain/window.ts";
import { channelTag, keys, SEEN_SECONDS } from "./keys.ts";
import { runScript } from "./scripts.ts";

/** One event on its way into a mailbox. */
export interface Delivery {
  channel: string;
  lane: Lane;
  event: Event;
  /** Whom it concerns: as a payload shows them, or our id when already known. */
  person: { seen: Person } | { id: string };
}

/**
 * An event as it waits; `v` lets older and newer workers run side by side: 2 is a burst, which the first version would
 * take for done. append.lua reads `sentAt` without decoding the rest, hence second.
 */
interface Envelope {
  v: 1 | 2;
  sentAt?: string;
  event: Event;
  /** Was in a burst that could not be handled as one, and is in none again. */
  alone?: true;
}

/** The person id that a delivery gets unless an alias is already known under another one. */
export function assumedPerson(delivery: Delivery): string {
  if ("id" in delivery.person) return delivery.person.id;
  const { event } = delivery;
  const formerly = event.type === "message.received" ? event.formerly : undefined;
  const [first] = [...aliasesOf(formerly ?? {}), ...aliasesOf(delivery.person.seen)];
  return personIdOf(first ?? `event:${delivery.event.id}`);
}

/** Arguments of append.lua, after its command name. */
export function appendArguments(delivery: Delivery): (string | number)[] {
  const { channel, lane, event } = delivery;
  const seen: Person = "seen" in delivery.person ? delivery.person.seen : {};
  const isMessage = event.type === "message.received";
  const sentAt = sentAtOf(event);
  const formerly: Person = (isMessage && event.formerly) || {};
  return [
    channelTag(channel),
    lane,
    keys.seen(channel, event.id),
    SEEN_SECONDS,
    envelopeOf(event),
    assumedPerson(delivery),
    ...aliasDigests(seen),
    seen.userId ?? "",
    seen.phone ?? "",
    seen.name ?? "",
    sentAt ?? "",
    isMessage && opensWindow(event.message.type) ? event.message.sentAt : "",
    ...aliasDigests(formerly),
    isMessage && takesReactions(event.message) ? event.message.id : "",
    isMessage && comesByAd(event.message) ? event.message.sentAt : "",
  ];
}

/** An event as it is written into a mailbox. */
function envelopeOf(event: Event, alone = false): string {
  const sentAt = sentAtOf(event);
  const envelope: Envelope = {
    v: versionOf(event),
    ...(sentAt ? { sentAt } : {}),
    event,
    ...(alone ? { alone: true } : {}),
  };
  return JSON.stringify(envelope);
}

/** Of an envelope: what an older worker would misread has a later one. */
export function versionOf(event: Event): 1 | 2 {
  return event.type === "burst.received" ? 2 : 1;
}

function fromEnvelope(raw: string): Waiting {
  const { v, event, alone = false } = JSON.parse(raw) as Envelope;
  if (v !== 1 && v !== 2) throw new Error("a newer version of Deskferry has written this event");
  return { raw, event, alone };
}

/** What a person did has its place among the other things they did. */
function sentAtOf(event: Event): string | undefined {
  if (event.type === "message.received") return event.message.sentAt;
  return event.type === "consent.changed" ? event.at : undefined;
}

/** User id and phone as append.lua's keys name them; "" for what is not known. */
function aliasDigests({ userId, phone }: Person): [string, string] {
  return [userId ? personIdOf(`user:${userId}`) : "", phone ? personIdOf(`phone:${phone}`) : ""];
}

/** An event in a mailbox. */
export interface Waiting {
  raw: string;
  event: Event;
  /** Not to be joined with others. */
  alone: boolean;
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

export interface DeadLetter {
  id: string;
  lane: Lane;
  person: string;
  event: Event;
  kind: string;
  /** No personal data. */
  reason: string;
  /** The mapping file that failed, with its version: `ticket@3f2a…`. */
  mapping?: string;
  /** External id of the record that may be there or not: nobody makes it before an operator has decided. */
  unclear?: string;
  at: string;
}

export function createMailboxes(redis: Redis) {
  /** The head, marked as begun in the same step; undefined when nothing waits. */
  async function begin({ channel, lane, person }: Place): Promise<Head | undefined> {
    const found = await runScript(redis, "begin", [channelTag(channel), lane, person]);
    const [raw, tries, since, unfinished = 0, begun = 0] = found as [
      string?,
      string?,
      string?,
      number?,
      number?,
    ];
    if (raw === undefined) return undefined;
    const waiting = fromEnvelope(raw);
    return { ...waiting, tries: Number(tries), since: since ? Number(since) : undefined, unfinished, begun };
  }

  async function postpone({ channel, lane, person }: Place, head: Head, failedAt?: number): Promise<void> {
    const args = [channelTag(channel), lane, person, sha1(head.raw), failedAt ?? ""];
    await runScript(redis, "postpone", args);
  }

  async function pop({ channel, lane, person }: Place, head: Head, letter?: DeadLetter): Promise<boolean> {
    const dead = letter ? [letter.id, JSON.stringify(letter)] : ["", ""];
    const seen = partsOf(head.event).map(({ id }) => keys.seen(channel, id));
    const args = [channelTag(channel), lane, person, sha1(head.raw), ...dead, ...seen];
    return (await runScript(redis, "pop", args)) === 1;
  }

  /** False when somebody else has dealt with them, or is about to. */
  async function exchange(
    { channel, lane, person }: Place,
    { go, come, isNew }: { go: readonly [Head, ...Waiting[]]; come: readonly string[]; isNew: boolean },
  ): Promise<boolean> {
    const hashes = go.map(({ raw }) => sha1(raw));
    const [{ begun }] = go;
    const args = [channelTag(channel), lane, person, begun, isNew ? "1" : "", go.length, ...hashes, ...come];
    return (await runScript(redis, "exchange", args)) === 1;
  }

  return {
    begin,
    /** What waits behind the head, `count` at most. */
    async behind({ channel, lane, person }: Place, count: number): Promise<Waiting[]> {
      return (await redis.lrange(keys.mailbox(channel, lane, person), 1, count)).map(fromEnvelope);
    },
    /**
     * The head and those right behind it become one event, which is the head from now on, begun as it was. Undefined
     * when somebody else handles them.
     */
    async join(place: Place, waiting: [Head, ...Waiting[]], burst: BurstReceived): Promise<Head | undefined> {
      const raw = envelopeOf(burst);
      const isJoined = await exchange(place, { go: waiting, come: [raw], isNew: false });
      return isJoined ? { ...waiting[0], raw, event: burst } : undefined;
    },
    /** The events of a burst wait by themselves again, and are joined no more. */
    separate: (place: Place, head: Head) =>
      exchange(place, {
        go: [head],
        come: partsOf(head.event).map((event) => envelopeOf(event, true)),
        isNew: true,
      }),
    /** Handling failed: the head stays and is tried again. */
    failed: (place: Place, head: Head, now: number) => postpone(place, head, now),
    /** Handling was put off; that is no failure. */
    putOff: (place: Place, head: Head) => postpone(place, head),
    /** Handled: takes the head off. False when somebody else did. */
    done: (place: Place, head: Head) => pop(place, head),
    /** Gave up: files the head as a dead letter. False when somebody else dealt with it. */
    bury: (
      place: Place,
      head: Head,
      letter: Pick<DeadLetter, "kind" | "reason" | "mapping" | "unclear" | "at">,
    ) =>
      pop(place, head, {
        id: eventKey(`${place.lane}/${head.event.id}`),
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

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

export type Mailboxes = ReturnType<typeof createMailboxes>;
