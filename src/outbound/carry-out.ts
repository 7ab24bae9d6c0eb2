import type { ConversationKey } from "../domain/conversation.ts";
import type { HelpdeskEvent } from "../domain/event.ts";
import { asFailure } from "../domain/failure.ts";
import type { Outbound } from "../domain/outbound.ts";
import { eventKey } from "../domain/trace.ts";
import type { Plan } from "./plan.ts";
import { sendOnce } from "./send-once.ts";
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
    detail: { ...describe(plan.send), reason: plan.reason },
  });
  if ("tellStaff" in plan) {
    if (plan.tellStaff) await tellStaff(plan.reason, event, conversation, tools);
    return;
  }
  try {
    for (const [index, outbound] of plan.send.entries()) {
      await sendOnce({ intent: `${id}-${index}`, conversation, outbound }, tools);
    }
  } catch (error) {
    const failure = asFailure(error);
    if (failure && !failure.retryable && failure.kind !== "window_closed") {
      await tellStaff(failure.operatorMessage, event, conversation, tools);
    }
    throw error;
  }
  tools.trace({ event: id, ...conversation, step: "sent", detail: describe(plan.send) });
}

function describe(send: Outbound[]): Record<string, string> {
  const [first] = send;
  if (!first) return { kind: "nothing" };
  return first.kind === "template"
    ? { kind: "template", template: first.template.name, language: first.template.language }
    : { kind: "text", parts: String(send.length) };
}

async function tellStaff(
  reason: string,
  event: HelpdeskEvent,
  conversation: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  const what = event.type === "comment.added" ? "The reply above" : "The confirmation of this change";
  await tools.requestNote(conversation, {
    type: "note.requested",
    id: `not-sent/${event.id}`,
    at: new Date(tools.clock.now()).toISOString(),
    text: `${what} was not sent to WhatsApp: ${reason}.`,
  });
}
