import type { Redis } from "ioredis";
import type { ConversationKey } from "../domain/conversation.ts";
import type { Person } from "../domain/person.ts";
import { keys } from "./keys.ts";

/** A person as last seen, and when they last wrote (ISO 8601, the provider's time): the start of the window. */
export interface KnownPerson extends Person {
  lastMessageAt?: string;
}

/** Reads what append.lua remembered. */
export function createPeople(redis: Redis) {
  /** Who turned out to be somebody known already is reached, and known, as they are. */
  async function get(key: ConversationKey): Promise<KnownPerson> {
    const facts = await redis.hgetall(keys.person(key.channel, key.person));
    const other = facts["sameAs"];
    return other ? get({ ...key, person: other }) : (facts as KnownPerson);
  }

  return { get };
}
