import { asFailure, GiveUp, RetryLater } from "../domain/failure.ts";
import type { Clock } from "../sdk/clock.ts";
import type { Idempotency, RecordRef } from "../sdk/connector.ts";
import type { Intent, Intents } from "../store/intents.ts";
import { crashPoint } from "../telemetry/crash-point.ts";

export interface OnceOptions {
  channel: string;
  /** External id of the record to be made; unique in the channel. */
  id: string;
  idempotency: Idempotency;
  clock: Clock;
  /** What was known of earlier tries a moment ago; read anew when absent. */
  before?: { readonly intent: Intent | undefined };
  find(): Promise<RecordRef | undefined>;
  create(): Promise<RecordRef>;
}

/**
 * Makes a record once, over crashes and unclear answers. The intent is durable before the call; one found here
 * without a result means that an earlier try ended unknown: class A repeats, B looks up (after the index has
 * settled), C asks an operator or takes the risk. A lock alone would not do: it is gone with the process that held it
 * (docs/decisions/0005).
 */
export async function ensureOnce(intents: Intents, options: OnceOptions): Promise<string> {
  const { channel, id } = options;
  const { intent } = options.before ?? { intent: await intents.get(channel, id) };
  if (intent?.result) return intent.result;
  const earlier = intent ? await earlierTry(intents, options, intent.at) : undefined;
  if (earlier) return earlier;
  const attempt = (intent?.attempts ?? 0) + 1;
  await beginAlone(intents, options, attempt);
  crashPoint("create.intended");
  const { id: made } = await create(intents, options, attempt);
  crashPoint("create.made");
  await intents.finish(channel, id, made);
  crashPoint("create.known");
  return made;
}

/** How long another worker is left alone with what it has begun, before one looks again. */
const OTHERS_MS = 1000;

/**
 * Two workers may hold the same event: one that stood still for longer than its lock lasts, and the one that took over.
 * Both have read the same intent, and only one may go on; in class A the helpdesk sees to that.
 */
async function beginAlone(
  intents: Intents,
  { channel, id, idempotency, clock }: OnceOptions,
  attempt: number,
): Promise<void> {
  const begun = await intents.begin(channel, id, clock.now());
  if (begun === attempt || idempotency.class === "A") return;
  await intents.withdraw(channel, id);
  throw new RetryLater("another worker is making the record", OTHERS_MS);
}

/** What became of a try whose end nobody saw; undefined when it is safe to try again. */
async function earlierTry(intents: Intents, options: OnceOptions, at: number): Promise<string | undefined> {
  const { channel, id, idempotency, clock } = options;
  if (idempotency.class === "A") return undefined;
  if (idempotency.class === "B") {
    // Before it is asked: a slow answer tells how things stood then.
    const age = clock.now() - at;
    const found = await options.find();
    if (found) {
      crashPoint("create.found");
      await intents.finish(channel, id, found.id);
      return found.id;
    }
    if (age < idempotency.settleMs) {
      throw new RetryLater("the helpdesk's search may not show the record yet", idempotency.settleMs - age);
    }
    return undefined;
  }
  if (idempotency.onUnclear === "retry") return undefined;
  // The intent stays: what else needs this record, a later message its ticket, must not make it either.
  throw new GiveUp(
    "unclear",
    "a create ended unknown and the helpdesk cannot be asked; replay makes it again",
    id,
  );
}

async function create(intents: Intents, options: OnceOptions, attempt: number): Promise<RecordRef> {
  const { channel, id, clock } = options;
  try {
    return await options.create();
  } catch (error) {
    const kind = asFailure(error)?.kind;
    if (kind === "conflict") return there(intents, options, { attempt, error });
    if (kind === undefined || kind === "ambiguous") {
      await intents.endedUnclear(channel, id, clock.now());
      crashPoint("create.unclear");
    } else {
      await intents.withdraw(channel, id);
      crashPoint("create.withdrawn");
    }
    throw error;
  }
}

/** The helpdesk says that the record exists. Its search may not show it yet: that is waited for once. */
async function there(
  intents: Intents,
  options: OnceOptions,
  conflict: { attempt: number; error: unknown },
): Promise<RecordRef> {
  const { channel, id, idempotency, clock } = options;
  const found = await options.find();
  if (found) return found;
  if (idempotency.class === "B" && conflict.attempt === 1) {
    await intents.endedUnclear(channel, id, clock.now());
    throw new RetryLater(
      "the helpdesk has the record, but its search does not show it",
      idempotency.settleMs,
    );
  }
  await intents.withdraw(channel, id);
  throw conflict.error;
}
