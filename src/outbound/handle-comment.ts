import type { ConversationKey } from "../domain/conversation.ts";
import type { CommentAdded } from "../domain/event.ts";
import { asFailure } from "../domain/failure.ts";
import { eventKey } from "../domain/trace.ts";
import { carryOut } from "./carry-out.ts";
import { partsOf, planReply, type Reply } from "./plan.ts";
import { respectConsent } from "./respect-consent.ts";
import { sendFiles } from "./send-files.ts";
import type { OutboundTools } from "./tools.ts";
import { countSent, rememberWindow, windowOf } from "./window-of.ts";

/** Staff wrote on a ticket. Only what is public, and not our own, leaves the helpdesk. */
export async function handleComment(
  event: CommentAdded,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  const reason = reasonToKeep(event);
  if (reason) {
    tools.trace({ event: eventKey(event.id), ...key, step: "dropped", detail: { reason } });
    return;
  }
  if (event.body.trim() !== "") await sendWords(event, key, tools);
  await sendFiles(event, key, tools);
}

async function sendWords(event: CommentAdded, key: ConversationKey, tools: OutboundTools): Promise<void> {
  const { person, isOpen } = await windowOf(event, key, tools);
  const reply: Reply = {
    text: event.body,
    ticket: event.ticket.id,
    name: person.name,
    agent: event.author.name,
  };
  if (!isOpen) return sendAsTemplate(reply, event, key, tools);
  try {
    await carryOut(planReply(reply, true, tools), event, key, tools);
  } catch (error) {
    // Meta's clock decides: near the edge of the window free text is tried.
    if (asFailure(error)?.kind !== "window_closed") throw error;
    await rememberWindow("closed", event, key, tools);
    await sendAsTemplate(reply, event, key, tools);
  }
}

/** What has not gone out as text while that was allowed. */
async function sendAsTemplate(
  reply: Reply,
  event: CommentAdded,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  const rest = partsOf(reply.text, tools).slice(await countSent(event, key, tools));
  const plan = planReply({ ...reply, text: rest.join("\n\n") }, false, tools);
  await carryOut(await respectConsent(plan, event, key, tools), event, key, tools);
}

/** Why it never leaves the helpdesk; undefined for a reply. */
export function reasonToKeep(event: CommentAdded): string | undefined {
  if (event.visibility !== "public") return "an internal note never leaves";
  if (event.author.isUs || event.externalId) return "our own comment";
  return event.body.trim() === "" && event.attachments.length === 0 ? "there is no text" : undefined;
}
