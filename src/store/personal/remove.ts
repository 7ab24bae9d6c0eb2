import { type Lane, lanes } from "../../domain/lane.ts";
import { consentScopes } from "../../domain/opt-out.ts";
import { idsIn } from "../envelope.ts";
import { byTag, keys } from "../keys.ts";
import type { Redis } from "../redis.ts";
import { runScript } from "../scripts.ts";
import { ask, type Command } from "./ask.ts";
import { type Holding, type Kind, kinds } from "./holding.ts";
import type { Subject } from "./subject.ts";

/** Commands in one round trip. */
const AT_ONCE = 500;
/** From here on a removal leads to the person; those of a channel go together. */
const ROOTS = kinds.slice(kinds.indexOf("consents"));

/**
 * Empties a person's mailboxes, so that no drain begins another event of theirs. Repeats of these events stay known, or
 * the next one would bring the person back. Resolves with how many events there were.
 */
export async function takeEvents(redis: Redis, subject: Subject): Promise<number> {
  let count = 0;
  for (const lane of lanes) {
    for (const person of subject.people) {
      const events = await takeLane(redis, { channel: subject.channel, lane, person });
      for (const event of events) subject.events.add(event);
      count += events.length;
    }
  }
  return count;
}

/** Resolves with the eventKey of each event. */
async function takeLane(
  redis: Redis,
  place: { channel: string; lane: Lane; person: string },
): Promise<string[]> {
  const { channel, lane, person } = place;
  const mailbox = keys.mailbox(channel, lane, person);
  const answers = await redis
    .multi()
    .lrange(mailbox, 0, -1)
    .del(mailbox, keys.head(channel, lane, person))
    .srem(keys.pending(channel, lane), person)
    .exec();
  const raws = (answers?.[0]?.[1] ?? []) as string[];
  const events = raws.flatMap(idsIn);
  await ask(
    redis,
    events.map((event): Command => ["set", keys.seenOf(channel, event), "done", "XX", "KEEPTTL"]),
  );
  return events;
}

/** Removes what was found, all but wake jobs, which are the queue's. `holdings` in the order of `kinds`. */
export async function removeHoldings(redis: Redis, holdings: readonly Holding[]): Promise<void> {
  const streams = holdings.filter(({ part }) => part?.of === "stream");
  const others = holdings.filter(({ part }) => part?.of !== "stream");
  const isRoot = ({ kind }: Holding) => ROOTS.includes(kind);
  const before = (kind: Kind) => kinds.indexOf(kind) < kinds.indexOf("traces");
  await removeAll(
    redis,
    others.filter((one) => before(one.kind)),
  );
  await dropEntries(redis, streams);
  await removeAll(
    redis,
    others.filter((one) => !before(one.kind) && !isRoot(one)),
  );
  await removeRoots(redis, others.filter(isRoot));
}

/** Those of one hash tag together; first the ways back, which are the connections' and are found by way of the channels'. */
async function removeRoots(redis: Redis, roots: readonly Holding[]): Promise<void> {
  const isWayBack = ({ kind }: Holding) => kind === "wayBack";
  const inOrder = [...roots.filter(isWayBack), ...roots.filter((one) => !isWayBack(one))];
  for (const together of byTag(inOrder, ({ key }) => key)) {
    const steps = redis.multi();
    for (const { key } of together) steps.unlink(key);
    await steps.exec();
  }
}

async function removeAll(redis: Redis, holdings: readonly Holding[]): Promise<void> {
  const commands = holdings.flatMap(removal);
  for (let at = 0; at < commands.length; at += AT_ONCE) await ask(redis, commands.slice(at, at + AT_ONCE));
}

function removal({ kind, subject, key, part }: Holding): Command[] {
  if (!part) return [["unlink", key]];
  switch (part.of) {
    case "hash": {
      const order: Command[] =
        kind === "recordedInputs" ? [["zrem", keys.recording(subject.channel), part.name]] : [];
      return [...order, ["hdel", key, part.name]];
    }
    case "set":
      return [["srem", key, part.name]];
    case "zset":
      return [["zrem", key, part.name]];
    case "list":
      return [["lrem", key, "0", part.name]];
    case "stream":
      return [];
  }
}

async function dropEntries(redis: Redis, entries: readonly Holding[]): Promise<void> {
  const people = new Map<string, Set<string>>();
  for (const { key, subject } of entries) {
    const ofStream = people.get(key) ?? new Set();
    for (const person of subject.people) ofStream.add(person);
    people.set(key, ofStream);
  }
  for (const [stream, ids] of people) await runScript(redis, "drop-entries", [stream, ...ids]);
}

/**
 * Writes a stop down under every id that the person would come back under, without what showed it; resolves with the keys.
 * Written before anything is removed, so that a crash does not lose it.
 */
export async function keepStops(redis: Redis, holdings: readonly Holding[]): Promise<string[]> {
  const kept: string[] = [];
  for (const { subject, key, kind } of holdings) {
    if (kind !== "consents") continue;
    const { state, at, source } = await redis.hgetall(key);
    if (state !== "stop" || !at || !source) continue;
    const scope = consentScopes.find((one) => key.includes(`:consent:${one}:`)) ?? "all";
    const own = key.slice(keys.consent(subject.channel, "", scope).length);
    for (const alias of new Set([own, ...subject.aliases])) {
      const stays = keys.consent(subject.channel, alias, scope);
      await redis.hset(stays, { state, at, source, evidence: "erased" });
      kept.push(stays);
    }
  }
  return kept;
}
