import type { ConversationKey } from "../domain/conversation.ts";
import type { CommentAdded } from "../domain/event.ts";
import { asFailure } from "../domain/failure.ts";
import { eventKey } from "../domain/trace.ts";
import { closeWindow, lookBack } from "./collect-facts.ts";
import type { Reply } from "./plan/facts.ts";
import { isOpen } from "./plan/window.ts";
import { sendFiles } from "./send-files.ts";
import { sendWanted } from "./send-wanted.ts";
import type { OutboundTools } from "./tools.ts";

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
  const { name } = await tools.store.people.get(key);
  const reply: Reply = { text: event.body, ticket: event.ticket.id, name, agent: event.author.name };
  const wanted = { kind: "reply", reply } as const;
  const known = await lookBack(event, key, tools);
  try {
    await sendWanted(wanted, { event, key, known }, tools);
  } catch (error) {
    // Meta's clock decides: near the edge of the window free text is tried.
    if (asFailure(error)?.kind !== "window_closed" || !isOpen(known)) throw error;
    await sendWanted(wanted, { event, key, known: await closeWindow(event, key, tools) }, tools);
  }
}

/** Why it never leaves the helpdesk; undefined for a reply. */
export function reasonToKeep(event: CommentAdded): string | undefined {
  if (event.visibility !== "public") return "an internal note never leaves";
  if (event.author.isUs || event.externalId) return "our own comment";
  return event.body.trim() === "" && event.attachments.length === 0 ? "there is no text" : undefined;
}
