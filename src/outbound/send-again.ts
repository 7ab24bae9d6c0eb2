import type { ConversationKey } from "../domain/conversation.ts";
import type { CommentAdded } from "../domain/event.ts";
import type { SendAction } from "../domain/send-problem.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import type { OutboundTools } from "./tools.ts";

const PREFIX = "again/";

/** True for a reply that is sent again already: it is not a third time. */
export function isSentAgain({ id }: CommentAdded): boolean {
  return id.startsWith(PREFIX);
}

/**
 * What is told to staff about a second sending, or undefined when there is none. WhatsApp took the reply and said later
 * that it did not go out; some such refusals pass. Only replies in free text are kept for that; a crash in between asks
 * again, and the repeat is recognised by its id.
 */
export async function sendAgain(
  action: SendAction,
  refused: { intent: string; conversation: ConversationKey },
  tools: OutboundTools,
): Promise<string | undefined> {
  const asTemplate = action === "use_template";
  if (!asTemplate && action !== "retry" && action !== "pace_person") return undefined;
  const { intent, conversation } = refused;
  const reply = await tools.store.outbounds.reply(conversation.channel, intent);
  if (!reply) return undefined;
  const event: CommentAdded = {
    ...reply,
    id: `${PREFIX}${intent}`,
    at: new Date(tools.clock.now()).toISOString(),
  };
  if (asTemplate) await tools.store.steps.remember(conversation.channel, event.id, { text: "refused" });
  crashPoint("reply.marked");
  await tools.requestReply(conversation, event);
  return asTemplate ? "It is sent again as a template" : "It is sent again";
}
