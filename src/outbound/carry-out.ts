import type { ConversationKey } from "../domain/conversation.ts";
import { costWord } from "../domain/cost.ts";
import type { CommentAdded, HelpdeskEvent } from "../domain/event.ts";
import { asFailure, type Failure, GiveUp } from "../domain/failure.ts";
import type { Outbound } from "../domain/outbound.ts";
import { eventKey } from "../domain/trace.ts";
import { markReadOnReply } from "./mark-read-on-reply.ts";
import type { Refusal, Sending, Verdict } from "./plan/facts.ts";
import { problemOf } from "./problem.ts";
import { isSentAgain } from "./send-again.ts";
import { intentOf, sendOnce } from "./send-once.ts";
import { tellNotSent, tellSent } from "./tell-staff.ts";
import type { OutboundTools } from "./tools.ts";

/**
 * Carries a verdict out and leaves a trace of it; `about` is shown in it too. When a message that staff count on cannot go out, a note on the
 * ticket says so: a reply never looks sent when it is not.
 */
export async function carryOut(
  { verdict, about }: { verdict: Verdict; about?: Record<string, string> | undefined },
  event: HelpdeskEvent,
  conversation: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  const id = eventKey(event.id);
  const detail = { ...describe(verdict), reason: verdict.reason, ...about };
  tools.trace({ event: id, ...conversation, step: "planned", detail });
  if (!("cost" in verdict)) return refuse(verdict, event, conversation, tools);
  await markReadOnReply(event, conversation, tools);
  try {
    await sendAll(verdict, event, conversation, tools);
  } catch (error) {
    const failure = lastWord(error, verdict);
    if (failure) await tellNotSent(problemOf(failure).says, event, conversation, tools);
    throw error;
  }
  await tellSent(verdict, event, conversation, tools);
  tools.trace({ event: id, ...conversation, step: "sent", detail: describe(verdict) });
}

async function refuse(
  { reason, tellStaff, dead }: Refusal,
  event: HelpdeskEvent,
  conversation: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  if (tellStaff) await tellNotSent(reason, event, conversation, tools);
  if (dead) throw new GiveUp(dead, reason);
}

async function sendAll(
  { send, reason, cost }: Sending,
  event: HelpdeskEvent,
  conversation: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  const id = eventKey(event.id);
  for (const [index, outbound] of send.entries()) {
    const intent = intentOf(id, outbound.kind === "template" ? "template" : index);
    const decided = { reason, cost };
    await sendOnce({ intent, conversation, outbound, decided, ...replyTo(event, outbound) }, tools);
  }
}

/** The failure after which nothing else is tried. Free text has a template to fall back on, a stopped one another decision. */
function lastWord(error: unknown, { send }: Sending): Failure | undefined {
  const failure = asFailure(error);
  if (!failure || failure.retryable || problemOf(failure).action === "stop_template") return undefined;
  const hasFallback = failure.kind === "window_closed" && send[0]?.kind !== "template";
  return hasFallback ? undefined : failure;
}

/** A reply in free text, as it would be sent again; once is enough. */
function replyTo(event: HelpdeskEvent, outbound: Outbound): { reply?: CommentAdded } {
  if (event.type !== "comment.added" || outbound.kind !== "text" || isSentAgain(event)) return {};
  return { reply: { ...event, body: outbound.text, attachments: [] } };
}

function describe(verdict: Verdict): Record<string, string> {
  const [first] = verdict.send;
  if (!first || !("cost" in verdict)) return { kind: "nothing" };
  const cost = costWord(verdict.cost);
  return first.kind === "template"
    ? { kind: "template", template: first.template.name, language: first.template.language, cost }
    : { kind: first.kind, parts: String(verdict.send.length), cost };
}
