import type { ConversationKey } from "../domain/conversation.ts";
import { type Cost, costWord, monthOf } from "../domain/cost.ts";
import type { CommentAdded } from "../domain/event.ts";
import { asFailure, type Failure, GiveUp, RetryLater } from "../domain/failure.ts";
import type { Outbound, OutboundMedia } from "../domain/outbound.ts";
import { firstLookAt } from "../domain/undelivered.ts";
import type { Begun } from "../store/outbounds.ts";
import type { TemplateName } from "../store/stops.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import { channelStands, leaveToSend } from "./leave-to-send.ts";
import { noteFreeEntry } from "./note-price.ts";
import { planSecondTry } from "./plan/second-try.ts";
import { noteProblem, problemOf } from "./problem.ts";
import type { OutboundTools } from "./tools.ts";

/** A file that is brought here only when it may be sent: it may be large, and the wait long. */
export interface PreparedMedia {
  kind: "media";
  prepare(): Promise<OutboundMedia>;
}

export interface SendOptions {
  /** Intent id: ours, unique in the channel, the same on every try. Comes back in the receipts. */
  intent: string;
  conversation: ConversationKey;
  outbound: Outbound | PreparedMedia;
  /** Why it is sent, and what it will cost. */
  decided?: { reason: string; cost: Cost };
  /** The reply that it is, should it have to be sent again. */
  reply?: CommentAdded;
}

/** Intent id of the part (from 0) of an event's text, of its template, or of a file. The event's key comes first, before a hyphen. */
export function intentOf(key: string, part: number | "template" | `file-${number}`): string {
  return `${key}-${part}`;
}

/**
 * Sends once, as far as that can be known: WhatsApp has no idempotency key. After an unclear try (crash, timeout,
 * reset) the receipt that carries our intent id is waited for; only if none comes is the message sent again.
 * At most one double where receipts get lost: test/outbound/crashes-and-receipts.test.ts.
 */
export async function sendOnce(options: SendOptions, tools: OutboundTools): Promise<void> {
  const { intent, conversation, outbound } = options;
  const { outbounds } = tools.store;
  const known = await outbounds.get(conversation.channel, intent);
  if (known?.messageId) return;
  if (known) awaitReceipt(known, tools);

  const to = await tools.store.people.get(conversation);
  const { isProbe } = await leaveToSend(conversation, tools);
  const message = "prepare" in outbound ? { kind: outbound.kind, media: await outbound.prepare() } : outbound;
  await beginAlone(options, (known?.attempts ?? 0) + 1, tools);
  crashPoint("send.intended");
  const { messageId } = await attempt(
    { ...options, isProbe },
    () => tools.channel.send({ to, outbound: message, callbackData: intent }),
    tools,
  );
  crashPoint("send.made");
  await outbounds.sent(conversation.channel, intent, messageId, countedIn(options, tools));
  crashPoint("send.known");
  await noteFreeEntry(conversation, tools);
  tools.metrics.sends.inc({ channel: conversation.channel, kind: outbound.kind, outcome: "accepted" });
  if (isProbe) await resume(conversation.channel, tools);
}

/** How long another worker is left alone with what it has begun, before one looks again. */
const OTHERS_MS = 1000;

/** A worker that stood still for longer than its lock lasts, and the one that took over: only one of them may send. */
async function beginAlone(options: SendOptions, attempt: number, tools: OutboundTools): Promise<void> {
  const { intent, conversation } = options;
  const { outbounds } = tools.store;
  if ((await outbounds.begin(conversation.channel, intent, begunOf(options, tools))) === attempt) return;
  await outbounds.withdraw(conversation.channel, intent);
  throw new RetryLater("another worker is sending it", OTHERS_MS);
}

/** The month in which it counts among the messages that WhatsApp sends free; undefined for what is not counted. */
function countedIn({ outbound, decided }: SendOptions, { clock }: OutboundTools): string | undefined {
  const isCounted = outbound.kind !== "template" && decided?.cost.kind !== "free_entry_point";
  return isCounted ? monthOf(clock.now()) : undefined;
}

function begunOf(
  { conversation, outbound, reply, decided }: SendOptions,
  { clock, patience }: OutboundTools,
): Begun {
  const now = clock.now();
  return {
    person: conversation.person,
    now,
    // Whether reactions are reported as delivered is not documented.
    ...(outbound.kind === "reaction" ? {} : { lookAt: firstLookAt(now, patience) }),
    ...(outbound.kind === "template" ? { template: templateOf(outbound.template) } : {}),
    ...(reply ? { reply } : {}),
    ...(decided ? { decided: { reason: decided.reason, cost: costWord(decided.cost) } } : {}),
  };
}

function templateOf({ name, language }: TemplateName): TemplateName {
  return { name, language };
}

function awaitReceipt(known: { at: number; attempts: number }, tools: OutboundTools): void {
  const { clock, receiptWaitMs, atMostOnce } = tools;
  const then = planSecondTry(known, { now: clock.now(), receiptWaitMs, atMostOnce });
  if (then.kind === "wait") throw new RetryLater("an unclear send may still have a receipt", then.waitMs);
  if (then.kind === "give_up") {
    throw new GiveUp("unconfirmed", "it is unknown whether the message went out; it is not sent again");
  }
}

async function attempt<T>(
  options: SendOptions & { isProbe: boolean },
  call: () => Promise<T>,
  tools: OutboundTools,
): Promise<T> {
  const { channel } = options.conversation;
  try {
    return await call();
  } catch (error) {
    const failure = asFailure(error);
    tools.metrics.sends.inc({ channel, kind: options.outbound.kind, outcome: failure?.kind ?? "bug" });
    const isUnclear = failure === undefined || failure.kind === "ambiguous";
    if (!isUnclear) await tools.store.outbounds.withdraw(channel, options.intent);
    crashPoint("send.withdrawn");
    if (failure) await act(failure, options, tools);
    if (failure && isUnclear) {
      const waitMs = (await hasReceipt(options, tools)) ? 0 : tools.receiptWaitMs;
      throw new RetryLater(`the send ended unclear: ${failure.operatorMessage}`, waitMs);
    }
    throw error;
  }
}

/** A receipt may be quicker than the end of the try that it tells of. */
async function hasReceipt({ intent, conversation }: SendOptions, { store }: OutboundTools): Promise<boolean> {
  return (await store.outbounds.get(conversation.channel, intent))?.messageId !== undefined;
}

/** Definite answers about the message itself: whatever made the channel stand is over. */
const ABOUT_THE_MESSAGE: ReadonlySet<string> = new Set(["rejected", "window_closed"]);

async function act(
  failure: Failure,
  options: SendOptions & { isProbe: boolean },
  tools: OutboundTools,
): Promise<void> {
  const { intent, conversation, outbound, isProbe } = options;
  const template = outbound.kind === "template" ? templateOf(outbound.template) : undefined;
  const problem = problemOf(failure);
  await noteProblem(problem, { by: "answer", conversation, intent, template }, tools);
  if (problem.action !== "stop_channel") {
    if (isProbe) await endProbe(failure, conversation.channel, tools);
    return;
  }
  // Somebody else may have mended it meanwhile: then the next try is soon.
  const stop = await tools.store.stops.waiting(conversation.channel, tools.clock.now());
  throw channelStands({ says: problem.says, waitMs: stop });
}

/** What was refused by ourselves has found nothing out: the next message tries instead. */
async function endProbe(failure: Failure, channel: string, tools: OutboundTools): Promise<void> {
  if (failure.isLocal) await tools.store.stops.probeNow(channel, tools.clock.now());
  else if (ABOUT_THE_MESSAGE.has(failure.kind)) await resume(channel, tools);
}

async function resume(channel: string, tools: OutboundTools): Promise<void> {
  if (await tools.store.stops.resumeAfterAnswer(channel)) tools.channelIs("sending again", channel);
}
