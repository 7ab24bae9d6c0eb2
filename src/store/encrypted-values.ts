import type { Lane } from "../domain/lane.ts";
import { aliasesOf } from "../domain/person.ts";
import { type Cipher, keyOf, type Where } from "./cipher.ts";
import { hiddenIn, renewedEnvelope } from "./envelope.ts";
import { channelTag, keys } from "./keys.ts";
import { hiddenInLetter, letterIn, letterText } from "./letter.ts";
import { ask, type Command } from "./personal/ask.ts";
import { type Redis, scanKeys } from "./redis.ts";
import { contactFields, outboundFields, personFields, where } from "./where.ts";

/** One value that is encrypted, or would be if it were written now. */
export interface EncryptedValue {
  key: string;
  type: "list" | "hash" | "string";
  field?: string;
  /** As stored. */
  stored: string;
  /** Id of its key; undefined for a plain one. */
  keyId: string | undefined;
  /** The same under the key in use. Throws Undecryptable. */
  renewed(): string;
  /** Of the mailbox: tells whether the first of it is being handled. */
  head?: string;
  /** What belongs beside it once it is encrypted. Throws Undecryptable. */
  beside?(): [field: string, value: string] | undefined;
}

/** A kind of key: how all of it is read, and what in it is encrypted. */
interface Family {
  read(key: string): Command;
  values(read: unknown, at: { key: string; channel: string; id: string }, cipher: Cipher): EncryptedValue[];
}

/** All values in Redis that are encrypted or would be. What is moved meanwhile may be missed: look until nothing is found. */
export async function* encryptedValues(redis: Redis, cipher: Cipher): AsyncGenerator<EncryptedValue> {
  for await (const batch of scanKeys(redis, "{deskferry*")) {
    const found = batch.flatMap((key) => {
      const [name, family] = familyOf(key) ?? [];
      return name && family ? [{ ...name, family }] : [];
    });
    const answers = await ask(
      redis,
      found.map(({ key, family }) => family.read(key)),
    );
    for (const [index, { family, ...at }] of found.entries())
      yield* family.values(answers[index], at, cipher);
  }
}

function familyOf(key: string): [{ key: string; channel: string; id: string }, Family] | undefined {
  if (key === keys.receiptKey()) return [{ key, channel: "", id: "" }, string(where.receiptKey)];
  const channel = /^\{deskferry:([a-z0-9-]+)\}:/.exec(key)?.[1];
  if (channel === undefined) return undefined;
  const name = key.slice(channelTag(channel).length + 1);
  const found = FAMILIES.find(([before, isWhole]) => (isWhole ? name === before : name.startsWith(before)));
  return found && [{ key, channel, id: name.slice(found[0].length) }, found[2]];
}

const mailbox: Family = {
  read: (key) => ["lrange", key, "0", "-1"],
  values: (raws, { key, channel, id }, cipher) => {
    const [lane = "", person = ""] = id.split(":");
    const place = { channel, lane: lane as Lane, person };
    return texts(raws).map((stored) => ({
      ...{ key, type: "list", stored, keyId: keyOf(hiddenIn(stored) ?? "") },
      head: keys.head(channel, place.lane, person),
      renewed: () => renewedEnvelope(stored, place, cipher),
    }));
  },
};

const letters: Family = {
  read: (key) => ["hgetall", key],
  values: (fields, { key, channel }, cipher) =>
    pairs(fields).map(([field, stored]) => ({
      ...{ key, type: "hash", field, stored, keyId: keyOf(hiddenInLetter(stored) ?? "") },
      renewed: () => letterText(channel, letterIn(stored, { channel, id: field }, cipher), cipher),
    })),
};

function kept(list: "quarantine" | "account"): Family {
  return {
    read: (key) => ["lrange", key, "0", "-1"],
    values: (read, { key, channel }, cipher) =>
      texts(read).map((stored) => ({
        ...{ key, type: "list" as const },
        ...plainly(stored, where.kept(channel, list), cipher),
      })),
  };
}

function hash(
  names: readonly string[] | undefined,
  place: (channel: string, field: string, id: string) => Where,
): Family {
  return {
    read: (key) => ["hgetall", key],
    values: (fields, { key, channel, id }, cipher) =>
      pairs(fields)
        .filter(([field, stored]) => stored !== "" && (names?.includes(field) ?? true))
        .map(([field, stored]) => ({
          ...{ key, type: "hash" as const, field },
          ...plainly(stored, place(channel, field, id), cipher),
        })),
  };
}

function string(place: (channel: string, id: string) => Where): Family {
  return {
    read: (key) => ["get", key],
    values: (stored, { key, channel, id }, cipher) =>
      typeof stored === "string"
        ? [{ key, type: "string", ...plainly(stored, place(channel, id), cipher) }]
        : [],
  };
}

/** A number that becomes unreadable for append.lua gets its name beside it. */
const people: Family = {
  ...hash(personFields, where.person),
  values(fields, at, cipher) {
    return hash(personFields, where.person)
      .values(fields, at, cipher)
      .map((value): EncryptedValue => {
        if (value.field !== "phone") return value;
        const number = () => cipher.decrypt(value.stored, where.person(at.channel, "phone"));
        const nameOf = (phone: string) => cipher.namesOf(aliasesOf({ phone })[0] ?? "")[0];
        return { ...value, beside: () => ["phoneName", nameOf(number())] };
      });
  },
};

/** By the beginning of a key's name after its tag, or by all of it. */
const FAMILIES: readonly [name: string, isWhole: boolean, Family][] = [
  ["mailbox:", false, mailbox],
  ["dead", true, letters],
  ["quarantine", true, kept("quarantine")],
  ["account", true, kept("account")],
  ["person:", false, people],
  ["contact:", false, hash(contactFields, where.contact)],
  ["reply:", false, string(where.reply)],
  ["outbound:", false, hash(outboundFields, (channel, field, id) => where.outbound(channel, id, field))],
  ["recording:inputs", true, hash(undefined, where.recording)],
];

function plainly(stored: string, place: Where, cipher: Cipher) {
  const renewed = () => cipher.encrypt(cipher.decrypt(stored, place), place);
  return { stored, keyId: keyOf(stored), renewed };
}

function texts(read: unknown): string[] {
  return Array.isArray(read) ? (read as string[]) : [];
}

/** ioredis answers in pairs where a command was asked for by a method, and flat where it was not. */
function pairs(read: unknown): [string, string][] {
  if (!Array.isArray(read)) return Object.entries((read ?? {}) as Record<string, string>);
  const flat = read as string[];
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""] as [string, string]] : []));
}
