import type { ConversationKey } from "../domain/conversation.ts";
import type { HelpdeskEvent } from "../domain/event.ts";
import { eventKey } from "../domain/trace.ts";
import type { Plan } from "./plan.ts";
import { intentOf } from "./send-once.ts";
import type { OutboundTools } from "./tools.ts";

const OPTED_OUT = "the person asked for no more messages";
const OPTED_OUT_AND_LATE = "the person asked for no more messages, and the 24 hour window has closed";

/**
 * The plan, or none when the person has opted out: of confirmations nothing goes out, of replies no template. A reply in
 * free text may: the person has written within the last day, and this answers them.
 */
export async function respectConsent(
  plan: Plan,
  event: HelpdeskEvent,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<Plan> {
  const [first] = plan.send;
  if (!tools.respectsOptOut || !first) return plan;
  const isReply = event.type === "comment.added";
  if (isReply && first.kind === "text") return plan;
  const { all } = await tools.store.consents.get(key);
  if (all?.state !== "stop" || (await hasGoneOut(event, key, tools))) return plan;
  return { send: [], reason: isReply ? OPTED_OUT_AND_LATE : OPTED_OUT, tellStaff: true };
}

/** Sent before a crash, and perhaps before they opted out: staff must not read that it was not. It is not sent again. */
async function hasGoneOut(
  event: HelpdeskEvent,
  { channel }: ConversationKey,
  { store }: OutboundTools,
): Promise<boolean> {
  const id = eventKey(event.id);
  const asTemplate = await store.outbounds.get(channel, intentOf(id, "template"));
  if (asTemplate || event.type === "comment.added") return asTemplate?.messageId !== undefined;
  return (await store.outbounds.get(channel, intentOf(id, 0)))?.messageId !== undefined;
}
