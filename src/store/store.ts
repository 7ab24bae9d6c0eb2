import { createAccountStops } from "./account-stops.ts";
import { createAudits } from "./audits.ts";
import { createCallPace } from "./call-pace.ts";
import { type Cipher, noCipher } from "./cipher.ts";
import { createConsents } from "./consents.ts";
import { createDeadLetters } from "./dead-letters.ts";
import { createIntents } from "./intents.ts";
import { createLinks } from "./links.ts";
import { createMailboxes } from "./mailbox.ts";
import { createOutbounds } from "./outbounds.ts";
import { createPace } from "./pace.ts";
import { createPeople } from "./people.ts";
import { createPolling } from "./polling.ts";
import { createRecordings } from "./recordings.ts";
import type { Redis } from "./redis.ts";
import { createSteps } from "./steps.ts";
import { createStops } from "./stops.ts";
import { createTemplates } from "./templates.ts";
import { createTokens } from "./tokens.ts";
import { createTraces } from "./traces.ts";
import { createUndelivered } from "./undelivered.ts";

/** Everything we remember, on one connection. Without a cipher nothing is encrypted. */
export function createStore(redis: Redis, cipher: Cipher = noCipher) {
  return {
    mailboxes: createMailboxes(redis, cipher),
    deadLetters: createDeadLetters(redis, cipher),
    people: createPeople(redis, cipher),
    consents: createConsents(redis),
    links: createLinks(redis, cipher),
    intents: createIntents(redis),
    outbounds: createOutbounds(redis, cipher),
    undelivered: createUndelivered(redis),
    steps: createSteps(redis),
    stops: createStops(redis),
    templates: createTemplates(redis),
    pace: createPace(redis),
    polling: createPolling(redis),
    callPace: createCallPace(redis),
    accountStops: createAccountStops(redis),
    tokens: createTokens(redis),
    traces: createTraces(redis),
    recordings: createRecordings(redis, cipher),
    audits: createAudits(redis),
  };
}

export type Store = ReturnType<typeof createStore>;
