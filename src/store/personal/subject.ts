import type { ConversationKey } from "../../domain/conversation.ts";
import { aliasesOf, type Person } from "../../domain/person.ts";
import type { Cipher } from "../cipher.ts";
import { channelTag, keys } from "../keys.ts";
import { type Redis, scanKeys } from "../redis.ts";
import { where } from "../where.ts";

/** Somebody whose data is looked for, in one channel: all that they are known by, as far as it has been found. */
export interface Subject {
  channel: string;
  /** Our ids: the one in use, those that lead to it, and those under which they would come back. */
  people: Set<string>;
  /** Digests of the aliases that lead to them. */
  aliases: Set<string>;
  /** E.164. */
  phones: Set<string>;
  userIds: Set<string>;
  /** eventKey of events that were about them. */
  events: Set<string>;
  /** The helpdesk's ids. */
  tickets: Set<string>;
  /** Of the latest ticket. */
  epoch: number;
}

/** Who turned out to be whom: from the id that is no longer used to the next. */
export type Joined = ReadonlyMap<string, string>;

/** All ids of a channel that lead to others. */
export async function readJoined(redis: Redis, channel: string): Promise<Joined> {
  const prefix = `${channelTag(channel)}:person:`;
  const joined = new Map<string, string>();
  for await (const names of scanKeys(redis, `${prefix}*`)) {
    if (names.length === 0) continue;
    const answers = await redis.pipeline(names.map((name) => ["hget", name, "sameAs"])).exec();
    for (const [index, [, other]] of (answers ?? []).entries()) {
      if (typeof other === "string") joined.set((names[index] ?? "").slice(prefix.length), other);
    }
  }
  return joined;
}

interface Tools {
  redis: Redis;
  cipher: Cipher;
}

/** Everything that is known of a person's identity. Without any trace of them there is still the id they would get. */
export async function identify(
  { redis, cipher }: Tools,
  asked: Person,
  { channel, joined }: { channel: string; joined: Joined },
): Promise<Subject> {
  const people = everybody(await startOf({ redis, cipher }, asked, channel), joined);
  const phones = new Set(asked.phone ? [asked.phone] : []);
  const userIds = new Set(asked.userId ? [asked.userId] : []);
  for (const person of people) {
    const { phone, userId } = await identityOf({ redis, cipher }, channel, person);
    if (phone) phones.add(phone);
    if (userId) userIds.add(userId);
  }
  const subject: Subject = {
    ...{ channel, people, phones, userIds, epoch: 0 },
    ...{ aliases: new Set(), events: new Set(), tickets: new Set() },
  };
  await addNamesToCome({ redis, cipher }, subject);
  return subject;
}

async function identityOf({ redis, cipher }: Tools, channel: string, person: string): Promise<Person> {
  const [phone, userId] = await redis.hmget(keys.person(channel, person), "phone", "userId");
  return {
    ...(phone ? { phone: cipher.decrypt(phone, where.person(channel, "phone")) } : {}),
    ...(userId ? { userId: cipher.decrypt(userId, where.person(channel, "userId")) } : {}),
  };
}

/**
 * The id that the alias leads to. One that leads nowhere may have been removed by a run that was cut short, or what is
 * left may have come after it: then the id that is derived from it, unless that is somebody else's by now.
 */
async function startOf(tools: Tools, asked: Person, channel: string): Promise<string | undefined> {
  const [alias = ""] = aliasesOf(asked);
  for (const assumed of named(tools.cipher, alias)) {
    const known = await tools.redis.get(keys.alias(channel, assumed));
    if (known !== null) return known;
  }
  for (const assumed of named(tools.cipher, alias)) {
    if (await isTheirs(tools, { channel, person: assumed }, asked)) return assumed;
  }
  return undefined;
}

async function isTheirs({ redis, cipher }: Tools, key: ConversationKey, asked: Person): Promise<boolean> {
  const { phone, userId } = await identityOf({ redis, cipher }, key.channel, key.person);
  const sameAs = await redis.hget(keys.person(key.channel, key.person), "sameAs");
  // A user id leads to who was first known by it, and on to who that turned out to be (append.lua).
  if (asked.userId && (sameAs || userId === asked.userId)) return true;
  const isNobody = !(phone || userId || sameAs);
  return isNobody || (!sameAs && (phone ? phone === asked.phone : userId === asked.userId));
}

/** What an alias leads by: its name with the key, and what it was without. */
function named(cipher: Cipher, alias: string): string[] {
  return cipher.namesOf(alias).filter((name) => name !== undefined);
}

/** The id itself, the one it leads to, and all that lead there. */
function everybody(start: string | undefined, joined: Joined): Set<string> {
  if (start === undefined) return new Set();
  const end = endOf(start, joined);
  return new Set([end, ...[...joined.keys()].filter((person) => endOf(person, joined) === end)]);
}

function endOf(person: string, joined: Joined): string {
  const other = joined.get(person);
  return other === undefined ? person : endOf(other, joined);
}

/** What they write while they are removed comes under an id that is derived from an alias. */
async function addNamesToCome(
  { redis, cipher }: Tools,
  { channel, people, phones, userIds }: Subject,
): Promise<void> {
  const aliases = [
    ...[...phones].flatMap((phone) => aliasesOf({ phone })),
    ...[...userIds].flatMap((userId) => aliasesOf({ userId })),
  ];
  for (const id of aliases.flatMap((alias) => named(cipher, alias))) {
    const owner = await redis.get(keys.alias(channel, id));
    const isFree = owner === null ? (await redis.exists(keys.person(channel, id))) === 0 : people.has(owner);
    const isOthers = !people.has(id) && (await redis.exists(keys.person(channel, id))) === 1;
    if (isFree && !isOthers) people.add(id);
  }
}
