import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import type { ConversationKey } from "../domain/conversation.ts";
import type { Event } from "../domain/event.ts";
import type { Lane } from "../domain/lane.ts";
import { aliasesOf, type Person, personIdOf } from "../domain/person.ts";
import { eventKey } from "../domain/trace.ts";
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
 * An event as it waits; `v` lets older and newer workers run side by side. append.lua reads `sentAt` without decoding
 * the rest, hence second.
 */
interface Envelope {
  v: 1;
  sentAt?: string;
  event: Event;
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
  const sentAt = isMessage ? event.message.sentAt : undefined;
  const formerly: Person = (isMessage && event.formerly) || {};
  const envelope: Envelope = { v: 1, ...(sentAt ? { sentAt } : {}), event };
  return [
    channelTag(channel),
    lane,
    keys.seen(channel, event.id),
    SEEN_SECONDS,
    JSON.stringify(envelope),
    assumedPerson(delivery),
    ...aliasDigests(seen),
    seen.userId ?? "",
    seen.phone ?? "",
    seen.name ?? "",
    sentAt ?? "",
    ...aliasDigests(formerly),
    formerly.userId ?? "",
  ];
}

/** User id and phone as append.lua's keys name them; "" for what is not known. */
function aliasDigests({ userId, phone }: Person): [string, string] {
  return [userId ? personIdOf(`user:${userId}`) : "", phone ? personIdOf(`phone:${phone}`) : ""];
}

/** The oldest waiting event of a conversation's lane. */
export interface Head {
  raw: string;
  event: Event;
  /** Failed tries so far, and when the first was (ms); kept over restarts. */
  tries: number;
  since: number;
  /** How often handling began and never came to an end: the worker died. */
  unfinished: number;
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
  at: string;
}

export function createMailboxes(redis: Redis) {
  const headKey = (place: Place) => keys.head(place.channel, place.lane, place.person);

  /** The head, marked as begun in the same step; undefined when the mailbox is empty. */
  async function begin(place: Place, now: number): Promise<Head | undefined> {
    const results = await redis
      .multi()
      .lindex(keys.mailbox(place.channel, place.lane, place.person), 0)
      .hsetnx(headKey(place), "since", now)
      .hincrby(headKey(place), "unfinished", 1)
      .hgetall(headKey(place))
      .exec();
    const [raw, , , state] = (results ?? []).map(([, result]) => result);
    if (typeof raw !== "string") return undefined;
    const { tries = "0", since = "0", unfinished = "1" } = state as Record<string, string>;
    const { event } = JSON.parse(raw) as Envelope;
    return { raw, event, tries: Number(tries), since: Number(since), unfinished: Number(unfinished) - 1 };
  }

  /** Handling ended without success but alive. */
  async function failed(place: Place): Promise<void> {
    await redis.multi().hset(headKey(place), "unfinished", 0).hincrby(headKey(place), "tries", 1).exec();
  }

  /** Handling was put off; that is no failure. */
  async function putOff(place: Place): Promise<void> {
    await redis.hset(headKey(place), "unfinished", 0);
  }

  async function popIf(place: Place, head: Head | undefined, letter?: DeadLetter): Promise<boolean> {
    const sha1 = head ? createHash("sha1").update(head.raw).digest("hex") : "";
    const seen = head ? keys.seen(place.channel, head.event.id) : "";
    const dead = letter ? [letter.id, JSON.stringify(letter)] : ["", ""];
    const args = [channelTag(place.channel), place.lane, place.person, sha1, seen, ...dead];
    return (await runScript(redis, "pop", args)) === 1;
  }

  return {
    begin,
    failed,
    putOff,
    /** Handled: takes the head off, unless somebody else did. */
    done: (place: Place, head: Head) => popIf(place, head),
    /** Gave up: files the head as a dead letter and goes on with the next. */
    bury: (place: Place, head: Head, letter: Pick<DeadLetter, "kind" | "reason" | "at">) =>
      popIf(place, head, {
        id: eventKey(`${place.lane}/${head.event.id}`),
        lane: place.lane,
        person: place.person,
        event: head.event,
        ...letter,
      }),
    /** Empty: no longer listed as pending, nothing begun. */
    tidy: (place: Place) => popIf(place, undefined),
    /** People with waiting events, in batches. */
    async *pending(channel: string, lane: Lane): AsyncGenerator<string[]> {
      for await (const people of redis.sscanStream(keys.pending(channel, lane), { count: 500 })) {
        yield people as string[];
      }
    },
    waiting: (channel: string, lane: Lane) => redis.scard(keys.pending(channel, lane)),
  };
}

export type Mailboxes = ReturnType<typeof createMailboxes>;
