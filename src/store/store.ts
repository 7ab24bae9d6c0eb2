import type { Redis } from "ioredis";
import { createAccountStops } from "./account-stops.ts";
import { createAudits } from "./audits.ts";
import { createCallPace } from "./call-pace.ts";
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
import { createSteps } from "./steps.ts";
import { createStops } from "./stops.ts";
import { createTemplates } from "./templates.ts";
import { createTraces } from "./traces.ts";
import { createUndelivered } from "./undelivered.ts";

/** Everything we remember, on one connection. */
export function createStore(redis: Redis) {
  return {
    mailboxes: createMailboxes(redis),
    deadLetters: createDeadLetters(redis),
    people: createPeople(redis),
    consents: createConsents(redis),
    links: createLinks(redis),
    intents: createIntents(redis),
    outbounds: createOutbounds(redis),
    undelivered: createUndelivered(redis),
    steps: createSteps(redis),
    stops: createStops(redis),
    templates: createTemplates(redis),
    pace: createPace(redis),
    polling: createPolling(redis),
    callPace: createCallPace(redis),
    accountStops: createAccountStops(redis),
    traces: createTraces(redis),
    recordings: createRecordings(redis),
    audits: createAudits(redis),
  };
}

export type Store = ReturnType<typeof createStore>;
