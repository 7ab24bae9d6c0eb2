import type { ConversationKey } from "../domain/conversation.ts";
import type { CommentAdded, HelpdeskEvent, NoteRequested } from "../domain/event.ts";
import { asFailure } from "../domain/failure.ts";
import type { Outbound } from "../domain/outbound.ts";
import { eventKey } from "../domain/trace.ts";
import type { Plan } from "./plan.ts";
import { problemOf } from "./problem.ts";
import { isSentAgain } from "./send-again.ts";
import { intentOf, sendOnce } from "./send-once.ts";
import type { OutboundTools } from "./tools.ts";

/**
 * Carries a plan out and leaves a trace of the decision. When a message that staff count on cannot go out, a note on
 * the ticket says so: a reply never looks sent when it is not.
 */
export async function carryOut(
  plan: Plan,
  event: HelpdeskEvent,
  conversation: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  const id = eventKey(event.id);
  tools.trace({
    event: id,
    ...conversation,
    step: "planned",
    detail: { ...describe(plan.send), reason: plan.reason, ...plan.detail },
  });
  if ("tellStaff" in plan) {
    if (plan.tellStaff) await tellNotSent(plan.reason, event, conversation, tools);
    return;
  }
  try {
    for (const [index, outbound] of plan.send.entries()) {
      const intent = intentOf(id, outbound.kind === "template" ? "template" : index);
      await sendOnce({ intent, conversation, outbound, ...replyTo(event, outbound) }, tools);
    }
  } catch (error) {
    const failure = asFailure(error);
    // A text has a template to fall back on; a template has nothing.
    const hasFallback = failure?.kind === "window_closed" && plan.send[0]?.kind === "text";
    if (failure && !failure.retryable && !hasFallback) {
      await tellNotSent(problemOf(failure).says, event, conversation, tools);
    }
    throw error;
  }
  if (plan.remark) await tools.requestNote(conversation, note("remark", event, plan.remark, tools));
  tools.trace({ event: id, ...conversation, step: "sent", detail: describe(plan.send) });
}

/** A reply in free text, as it would be sent again; once is enough. */
function replyTo(event: HelpdeskEvent, outbound: Outbound): { reply?: CommentAdded } {
  if (event.type !== "comment.added" || outbound.kind !== "text" || isSentAgain(event)) return {};
  return { reply: { ...event, body: outbound.text, attachments: [] } };
}

function describe(send: Outbound[]): Record<string, string> {
  const [first] = send;
  if (!first) return { kind: "nothing" };
  return first.kind === "template"
    ? { kind: "template", template: first.template.name, language: first.template.language }
    : { kind: first.kind, parts: String(send.length) };
}

async function tellNotSent(
  reason: string,
  event: HelpdeskEvent,
  conversation: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  const what = event.type === "comment.added" ? "The reply above" : "The confirmation of this change";
  const text = `${what} was not sent to WhatsApp: ${reason}.`;
  await tools.requestNote(conversation, note("not-sent", event, text, tools));
}

function note(kind: string, event: HelpdeskEvent, text: string, { clock }: OutboundTools): NoteRequested {
  return { type: "note.requested", id: `${kind}/${event.id}`, at: new Date(clock.now()).toISOString(), text };
}
