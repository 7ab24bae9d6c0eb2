import { DelayedError, type Job } from "bullmq";
import type { ConversationKey } from "../domain/conversation.ts";
import type { Event } from "../domain/event.ts";
import { NotTogether } from "../domain/failure.ts";
import type { Head, Mailboxes, Place } from "../store/mailbox.ts";
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
    const begun = await tools.mailboxes.begin(place);
    if (!begun) return;
    const head = await joinMessages(begun, place, tools);
    const delayMs = await handleHead(head, place, tools);
    if (delayMs !== undefined) {
      await job.moveToDelayed(Date.now() + delayMs, token);
      throw new DelayedError();
    }
  }
  await tools.wakeAgain(place.person);
}

/** Resolves with the milliseconds to wait when the head must be tried again later. */
async function handleHead(head: Head, place: Place, tools: DrainTools): Promise<number | undefined> {
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
  if (await tools.mailboxes.done(place, head)) tools.log.done(place, head);
  return undefined;
}

async function failed(
  error: unknown,
  head: Head,
  place: Place,
  tools: DrainTools,
): Promise<number | undefined> {
  if (error instanceof NotTogether) {
    if (await tools.mailboxes.separate(place, head)) tools.log.separated(place, head, error.operatorMessage);
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
  tools.log.waiting(place, head, verdict, error);
  return verdict.delayMs;
}

async function bury(head: Head, place: Place, tools: DrainTools, why: Burial): Promise<void> {
  const at = new Date(tools.now()).toISOString();
  // Before it leaves the mailbox: a worker that dies in between tells it again, rather than never.
  await tools.givenUp?.(head.event, { channel: place.channel, person: place.person }, why);
  if (await tools.mailboxes.bury(place, head, { ...why, at })) tools.log.buried(place, head, why);
}
