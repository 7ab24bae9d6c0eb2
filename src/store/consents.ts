import type { Redis } from "ioredis";
import type { ConversationKey } from "../domain/conversation.ts";
import type { ConsentState } from "../domain/opt-out.ts";
import { channelTag, keys } from "./keys.ts";
import { runScript } from "./scripts.ts";

export interface Consent {
  state: ConsentState;
  /** ISO 8601, the provider's time. */
  at: string;
  /** eventKey of the event that it was asked for with. */
  evidence: string;
  source: "message";
}

/** Who asked for no more messages. Never expires; when two turn out to be one person, what was asked last counts. */
export function createConsents(redis: Redis) {
  async function get(key: ConversationKey): Promise<Consent | undefined> {
    // Together, so that nobody is joined to somebody else in between.
    const results = await redis
      .multi()
      .hget(keys.person(key.channel, key.person), "sameAs")
      .hgetall(keys.consent(key.channel, key.person))
      .exec();
    const [other, consent] = (results ?? []).map(([, value]) => value) as [string | null, Partial<Consent>];
    if (other) return get({ ...key, person: other });
    return consent.state ? (consent as Consent) : undefined;
  }

  return {
    get,
    /** Resolves with false when something later is known already. */
    async note({ channel, person }: ConversationKey, consent: Consent): Promise<boolean> {
      const { state, at, evidence, source } = consent;
      const args = [channelTag(channel), person, state, at, evidence, source];
      return (await runScript(redis, "consent", args)) === 1;
    },
  };
}
