import type { ConversationKey } from "../domain/conversation.ts";
import type { MessageReceived } from "../domain/event.ts";
import type { MessageType } from "../domain/message.ts";
import { eventKey } from "../domain/trace.ts";
import type { InboundTools } from "./tools.ts";

/** What a person types or taps. The texts of other kinds are our rendering. */
const OWN_WORDS: ReadonlySet<MessageType> = new Set(["text", "button", "choice"]);

/** Remembers an opt-out, or its end. What is said to a group is not said to us. */
export async function noteConsent(
  { id, message }: MessageReceived,
  key: ConversationKey,
  { readConsent, store }: Pick<InboundTools, "readConsent" | "store">,
): Promise<void> {
  if (!OWN_WORDS.has(message.type) || message.groupId !== undefined) return;
  const state = readConsent?.(message.text);
  if (!state) return;
  const consent = { state, at: message.sentAt, evidence: eventKey(id), source: "message" } as const;
  await store.consents.note(key, "all", consent);
}
