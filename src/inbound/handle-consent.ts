import type { ConversationKey } from "../domain/conversation.ts";
import type { ConsentChanged } from "../domain/event.ts";
import { eventKey } from "../domain/trace.ts";
import { handleNote } from "./handle-note.ts";
import type { InboundTools } from "./tools.ts";

const SAYS = {
  all: { stop: "The person wants no more messages.", start: "The person wants messages again." },
  marketing: {
    stop: "The person has stopped our marketing messages in WhatsApp. All other messages still reach them.",
    start: "The person wants our marketing messages again.",
  },
} as const;

/** A person chose in WhatsApp what they want of us: remembered, and told to staff unless they have chosen again since. */
export async function handleConsent(
  event: ConsentChanged,
  key: ConversationKey,
  tools: InboundTools,
): Promise<void> {
  const { id, at, scope, state } = event;
  const consent = { state, at, evidence: eventKey(id), source: "preference" } as const;
  const counts = await tools.store.consents.note(key, scope, consent);
  if (!counts) {
    const detail = { reason: "the person has asked for something else since" };
    tools.trace({ event: eventKey(id), ...key, step: "dropped", detail });
    return;
  }
  await handleNote({ type: "note.requested", id: `consent/${id}`, at, text: SAYS[scope][state] }, key, tools);
}
