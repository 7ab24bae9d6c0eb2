import { DelayedError, type Job } from "bullmq";
import type { ConversationKey } from "../domain/conversation.ts";
import type { Event } from "../domain/event.ts";
import { NotTogether } from "../domain/failure.ts";
import { Undecryptable } from "../store/cipher.ts";
import { NewerEvent } from "../store/envelope.ts";
import type { Head, Mailboxes, Place } from "../store/mailbox.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import type { DrainLog } from "./drain-log.ts";
import { joinMessages } from "./join-messages.ts";
import { type Burial, type RetryPolicy, verdictOn } from "./verdict.ts";
import type { WakeData } from "./wake-queues.ts";

/**
 * Does what an event asks for. Idempotent: it may be called again for the same event after a crash. `tries` counts
 * the failed ones before.
 */
export type Handle = (event: Event, conversation: ConversationKey, tries: number) => Promise<void>;

export interface DrainTools {
  mailboxes: Mailboxes;
  handle: Handle;
  policy: RetryPolicy;
  log: DrainLog;
  now(): number;
  /**
   * An event is about to become a dead letter: who waits for it is told. Idempotent. `kind` and `reason` as filed.
   */
  givenUp?(event: Event, conversation: ConversationKey, why: { kind: string; reason: string }): Promise<void>;
  /** Messages of one person that may be handled as one, by channel; absent: each by itself. */
  mostTogether?(channel: string): number;
  /** Wakes the same conversation again, after others had their turn. */
  wakeAgain(person: string): Promise<void>;
}

/** How long an event that only a newer version can read is left before another worker looks at it. */
const LEFT_MS = 2000;
/** Events handled before a busy conversation gives others their turn. */
const TURN = 25;

/**
 * Handles the waiting events of one conversation, one at a time, in the order of arrival. BullMQ sees to it that a
 * conversation has at most one drain running; should two overlap after a stall, compare-and-pop keeps the second from
 * taking off what it did not handle, and idempotent handlers absorb the repeat.
 */
export async function drain(
  job: Job<WakeData>,
  token: string | undefined,
  place: Place,
  tools: DrainTools,
): Promise<void> {
  for (let turn = 0; turn < TURN; turn++) {
    const delayMs = await handleNext(place, tools);
    if (delayMs === "nothing waits") return;
    if (delayMs !== undefined) {
      await job.moveToDelayed(Date.now() + delayMs, token);
      throw new DelayedError();
    }
  }
  crashPoint("drain.yielding");
  await tools.wakeAgain(place.person);
}

/** Milliseconds to wait when the head must be tried again later; undefined when the next one can have its turn. */
type Next = number | "nothing waits" | undefined;

async function handleNext(place: Place, tools: DrainTools): Promise<Next> {
  const begun = await beginHead(place, tools);
  if (!begun) return "nothing waits";
  if (typeof begun === "number") return begun;
  crashPoint("drain.begun");
  return handleHead(await joinMessages(begun, place, tools), place, tools);
}

/** A head that cannot be read stays where it is, neither begun nor failed: milliseconds until it is looked at again. */
async function beginHead(place: Place, { mailboxes, log }: DrainTools): Promise<Head | number | undefined> {
  try {
    return await mailboxes.begin(place);
  } catch (error) {
    if (error instanceof Undecryptable) {
      log.broken(place, error);
      return error.retryAfterMs;
    }
    if (!(error instanceof NewerEvent)) throw error;
    log.newer(place);
    return LEFT_MS;
  }
}

async function handleHead(head: Head, place: Place, tools: DrainTools): Promise<Next> {
  if (head.unfinished >= tools.policy.crashLimit) {
    const reason = `handling it ended the worker ${head.unfinished} times`;
    await bury(head, place, tools, { kind: "crash", reason });
    return undefined;
  }
  try {
    await tools.handle(head.event, place, head.tries);
  } catch (error) {
    return failed(error, head, place, tools);
  }
  crashPoint("drain.handled");
  const left = await tools.mailboxes.done(place, head);
  if (left) tools.log.done(place, head);
  crashPoint("drain.popped");
  // What comes from now on finds nothing waiting and wakes the conversation by itself.
  return left === "nothing waits" ? left : undefined;
}

async function failed(
  error: unknown,
  head: Head,
  place: Place,
  tools: DrainTools,
): Promise<number | undefined> {
  if (error instanceof NotTogether) {
    if (await tools.mailboxes.separate(place, head)) tools.log.separated(place, head, error.operatorMessage);
    crashPoint("drain.separated");
    return undefined;
  }
  const now = tools.now();
  const verdict = verdictOn(error, { tries: head.tries, ageMs: now - (head.since ?? now) }, tools.policy);
  if (verdict.do === "bury") {
    const { do: _, ...why } = verdict;
    await bury(head, place, tools, why);
    return undefined;
  }
  if (verdict.isFailure) await tools.mailboxes.failed(place, head, now);
  else await tools.mailboxes.putOff(place, head);
  crashPoint("drain.postponed");
  tools.log.waiting(place, head, verdict, error);
  return verdict.delayMs;
}

async function bury(head: Head, place: Place, tools: DrainTools, why: Burial): Promise<void> {
  const at = new Date(tools.now()).toISOString();
  // Before it leaves the mailbox: a worker that dies in between tells it again, rather than never.
  await tools.givenUp?.(head.event, { channel: place.channel, person: place.person }, why);
  crashPoint("drain.given-up");
  if (await tools.mailboxes.bury(place, head, { ...why, at })) tools.log.buried(place, head, why);
  crashPoint("drain.buried");
}
