import type { RecordedInput } from "../../domain/anonymise-input.ts";
import { lanes } from "../../domain/lane.ts";
import { createPseudonyms } from "../../domain/pseudonyms.ts";
import type { Cipher } from "../cipher.ts";
import { channelTag, keys } from "../keys.ts";
import { outsideOf } from "../letter.ts";
import type { Redis } from "../redis.ts";
import { where } from "../where.ts";
import { type Holding, ownersOf } from "./holding.ts";
import { shows } from "./shows.ts";
import type { Subject } from "./subject.ts";

const AT_ONCE = 2000;

/** What stands of these people, all of one channel, in the lists, hashes and streams that they share with everybody. */
export async function findInCollections(
  { redis, cipher }: { redis: Redis; cipher: Cipher },
  subjects: readonly Subject[],
): Promise<Holding[]> {
  const channel = subjects[0]?.channel;
  if (channel === undefined) return [];
  return [
    ...(await inDeadLetters(redis, channel, subjects)),
    ...(await inPending(redis, channel, subjects)),
    ...(await inLists({ redis, cipher }, channel, subjects)),
    ...(await inTraces(redis, channel, subjects)),
    ...(await inRecording({ redis, cipher }, channel, subjects)),
  ];
}

/** Entries of the audit log that name these people by our ids. */
export async function findInAudit(redis: Redis, subjects: readonly Subject[]): Promise<Holding[]> {
  const owner = ownersOf(subjects);
  const found: Holding[] = [];
  for (const channel of new Set(subjects.map((subject) => subject.channel))) {
    const key = keys.audit(channel);
    for (const name of await redis.lrange(key, 0, -1)) {
      const subject = owner(channel, personIn(name));
      if (subject) found.push({ kind: "auditEntries", subject, key, part: { of: "list", name } });
    }
  }
  return found;
}

async function inDeadLetters(
  redis: Redis,
  channel: string,
  subjects: readonly Subject[],
): Promise<Holding[]> {
  const owner = ownersOf(subjects);
  const key = keys.dead(channel);
  const found: Holding[] = [];
  for await (const [id, text] of fieldsOf(redis, key)) {
    const letter = outsideOf(text);
    const subject = owner(channel, letter.person);
    if (!subject) continue;
    for (const event of letter.events) subject.events.add(event);
    found.push({ kind: "deadLetters", subject, key, part: { of: "hash", name: id } });
    if (letter.unclear) found.push({ kind: "intents", subject, key: keys.intent(channel, letter.unclear) });
  }
  return found;
}

/** Who is listed as having events. */
async function inPending(redis: Redis, channel: string, subjects: readonly Subject[]): Promise<Holding[]> {
  const found: Holding[] = [];
  for (const lane of lanes) {
    const key = keys.pending(channel, lane);
    for (const subject of subjects) {
      for (const name of subject.people) {
        const isListed = (await redis.sismember(key, name)) === 1;
        if (isListed) found.push({ kind: "triesOfEvents", subject, key, part: { of: "set", name } });
      }
    }
  }
  return found;
}

/** Parts of payloads that nobody understood belong to nobody: those that show the person. */
async function inLists(
  { redis, cipher }: { redis: Redis; cipher: Cipher },
  channel: string,
  subjects: readonly Subject[],
): Promise<Holding[]> {
  const found: Holding[] = [];
  for (const list of ["quarantine", "account"] as const) {
    const key = keys[list](channel);
    for (let at = 0; ; at += AT_ONCE) {
      const texts = await redis.lrange(key, at, at + AT_ONCE - 1);
      for (const name of texts) {
        const text = cipher.decrypt(name, where.kept(channel, list));
        const theirs = subjects.filter((subject) => shows(text, subject));
        found.push(
          ...theirs.map(
            (subject): Holding => ({ kind: "quarantine", subject, key, part: { of: "list", name } }),
          ),
        );
      }
      if (texts.length < AT_ONCE) break;
    }
  }
  return found;
}

/** Traces of ours, and BullMQ's account of its jobs. */
async function inTraces(redis: Redis, channel: string, subjects: readonly Subject[]): Promise<Holding[]> {
  const owner = ownersOf(subjects);
  const found: Holding[] = [];
  for (const key of [keys.trace(channel), ...lanes.map((lane) => `${channelTag(channel)}:${lane}:events`)]) {
    for await (const [name, fields] of entriesOf(redis, key)) {
      const subject = fields.map((value) => owner(channel, personIn(value))).find((one) => one);
      if (!subject) continue;
      for (const [, event = ""] of fields.join().matchAll(/"event":"([0-9a-f]{20})"/g))
        subject.events.add(event);
      found.push({ kind: "traces", subject, key, part: { of: "stream", name } });
    }
  }
  return found;
}

/** As drop-entries.lua sees it: an entry of ours is JSON, BullMQ names a person in a field of their own. */
function personIn(value: string): string {
  return /"person":"([^"]*)"/.exec(value)?.[1] ?? value;
}

/** Recorded inputs are anonymised; as long as their key is there it can be worked out whose they are. */
async function inRecording(
  { redis, cipher }: { redis: Redis; cipher: Cipher },
  channel: string,
  subjects: readonly Subject[],
): Promise<Holding[]> {
  const secret = await redis.get(keys.recordingKey(channel));
  if (secret === null) return [];
  const names = createPseudonyms(secret);
  const owners = new Map<string, Subject>();
  for (const subject of subjects) {
    for (const phone of subject.phones) owners.set(names.phone(phone), subject);
    for (const id of subject.userIds) owners.set(names.userId(id), subject);
  }
  const key = keys.recordedInputs(channel);
  const found: Holding[] = [];
  for await (const [name, text] of fieldsOf(redis, key)) {
    const plain = cipher.decrypt(text, where.recording(channel, name));
    const { input } = JSON.parse(plain) as { input: RecordedInput };
    const subject = owners.get(input.person.userId ?? "") ?? owners.get(input.person.phone ?? "");
    if (subject) found.push({ kind: "recordedInputs", subject, key, part: { of: "hash", name } });
  }
  return found;
}

async function* fieldsOf(redis: Redis, key: string): AsyncGenerator<[string, string]> {
  // What is rehashed meanwhile may come twice.
  const seen = new Set<string>();
  for await (const batch of redis.hscanStream(key, { count: 500 })) {
    const flat = batch as string[];
    for (let at = 0; at + 1 < flat.length; at += 2) {
      const [name = "", text = ""] = [flat[at], flat[at + 1]];
      if (!seen.has(name)) yield [name, text];
      seen.add(name);
    }
  }
}

async function* entriesOf(redis: Redis, key: string): AsyncGenerator<[string, string[]]> {
  for (let from = "-"; ; ) {
    const entries = await redis.xrange(key, from, "+", "COUNT", AT_ONCE);
    yield* entries;
    if (entries.length < AT_ONCE) return;
    from = `(${entries.at(-1)?.[0]}`;
  }
}
