import type { ConversationKey } from "../domain/conversation.ts";
import type { Person } from "../domain/person.ts";
import { type Cipher, noCipher } from "./cipher.ts";
import { keys } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { personFields, where } from "./where.ts";

/** A person as last seen, and when they last wrote (ISO 8601, the provider's time): the start of the window. */
export interface KnownPerson extends Person {
  lastMessageAt?: string;
}

/** What a decision to send needs to know of a conversation. Times are ISO 8601. */
export interface Talk {
  lastMessageAt?: string | undefined;
  /** Of the latest message that can be reacted to. */
  lastMessageId?: string | undefined;
  /** When the person last came by an advertisement. */
  adAt?: string | undefined;
  /** Until when every message is free for that. */
  freeUntil?: string | undefined;
}

/** Reads what append.lua remembered. */
export function createPeople(redis: Redis, cipher: Cipher = noCipher) {
  /** Who turned out to be somebody known already is reached, and known, as they are. */
  async function get(key: ConversationKey): Promise<KnownPerson> {
    return personOf((await whole(key)).facts);
  }

  async function whole(key: ConversationKey): Promise<{ key: ConversationKey; facts: Facts }> {
    const facts: Facts = await redis.hgetall(keys.person(key.channel, key.person));
    if (facts.sameAs) return whole({ ...key, person: facts.sameAs });
    for (const field of personFields) {
      const stored = facts[field];
      if (stored) facts[field] = cipher.decrypt(stored, where.person(key.channel, field));
    }
    return { key, facts };
  }

  return {
    get,
    async talk(key: ConversationKey): Promise<Talk> {
      const { lastMessageAt, lastMessageId, adAt, freeUntil } = (await whole(key)).facts;
      return { lastMessageAt, lastMessageId, adAt, freeUntil };
    },
    async noteFreeUntil(conversation: ConversationKey, until: string): Promise<void> {
      const { key, facts } = await whole(conversation);
      if (facts.freeUntil && facts.freeUntil >= until) return;
      await redis.hset(keys.person(key.channel, key.person), "freeUntil", until);
    },
  };
}

type Facts = Partial<Record<keyof KnownPerson | keyof Talk | "sameAs", string>>;

function personOf({ userId, phone, name, username, lastMessageAt }: Facts): KnownPerson {
  return {
    ...(userId ? { userId } : {}),
    ...(phone ? { phone } : {}),
    ...(name ? { name } : {}),
    ...(username ? { username } : {}),
    ...(lastMessageAt ? { lastMessageAt } : {}),
  };
}
