import type { ConversationKey } from "../domain/conversation.ts";
import { type ConsentScope, type ConsentState, consentScopes } from "../domain/opt-out.ts";
import { channelTag, keys } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";

export interface Consent {
  state: ConsentState;
  /** ISO 8601, the provider's time; ours where it is learnt from a refusal. */
  at: string;
  /** What shows it: eventKey of the event, or the intent of the message that was refused. */
  evidence: string;
  /** They wrote so, chose so in WhatsApp, or WhatsApp refused a message because of it. */
  source: "message" | "preference" | "refusal";
}

/** What a person asked for last, for each scope; nothing for a scope that they never spoke of. */
export type Consents = Partial<Record<ConsentScope, Consent>>;

/** Who asked for no more messages. Never expires; when two turn out to be one person, what was asked last counts. */
export function createConsents(redis: Redis) {
  async function get(key: ConversationKey): Promise<Consents> {
    // Together, so that nobody is joined to somebody else in between.
    const steps = redis.multi().hget(keys.person(key.channel, key.person), "sameAs");
    for (const scope of consentScopes) steps.hgetall(keys.consent(key.channel, key.person, scope));
    const [other, ...found] = ((await steps.exec()) ?? []).map(([, value]) => value);
    if (typeof other === "string") return get({ ...key, person: other });
    const consents: Consents = {};
    for (const [index, scope] of consentScopes.entries()) {
      const consent = found[index] as Partial<Consent> | undefined;
      if (consent?.state) consents[scope] = consent as Consent;
    }
    return consents;
  }

  return {
    get,
    /** Resolves with false when something later is known already. */
    async note(
      { channel, person }: ConversationKey,
      scope: ConsentScope,
      consent: Consent,
    ): Promise<boolean> {
      const { state, at, evidence, source } = consent;
      const args = [channelTag(channel), person, scope, state, at, evidence, source];
      return (await runScript(redis, "consent", args)) === 1;
    },
  };
}
