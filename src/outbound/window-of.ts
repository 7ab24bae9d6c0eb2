import type { ConversationKey } from "../domain/conversation.ts";
import type { HelpdeskEvent } from "../domain/event.ts";
import type { Person } from "../domain/person.ts";
import { eventKey } from "../domain/trace.ts";
import { mayBeOpen } from "../domain/window.ts";
import { intentOf } from "./send-once.ts";
import type { OutboundTools } from "./tools.ts";

/**
 * The person, and whether free text may be tried. What an earlier try of the same event began goes on with the window
 * of that time, whatever the clock says by now: otherwise a text that went out just before a crash would go out again
 * as a template. What a receipt says was refused as text goes out as a template.
 */
export async function windowOf(
  event: HelpdeskEvent,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<{ person: Person; isOpen: boolean }> {
  const { outbounds, people, steps } = tools.store;
  const id = eventKey(event.id);
  const [{ lastMessageAt, ...person }, asTemplate, asText, done] = await Promise.all([
    people.get(key),
    outbounds.get(key.channel, intentOf(id, "template")),
    outbounds.get(key.channel, intentOf(id, 0)),
    steps.done(key.channel, event.id),
  ]);
  if (done["text"] === "refused") return { person, isOpen: false };
  if (done["window"] && (asTemplate || asText)) return { person, isOpen: done["window"] === "open" };
  const isOpen = mayBeOpen(lastMessageAt, tools.clock.now());
  await rememberWindow(isOpen ? "open" : "closed", event, key, tools);
  return { person, isOpen };
}

export async function rememberWindow(
  window: "open" | "closed",
  event: HelpdeskEvent,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<void> {
  await tools.store.steps.remember(key.channel, event.id, { window });
}

/** How many texts of an event WhatsApp has taken, counted from the first. */
export async function countSent(
  event: HelpdeskEvent,
  key: ConversationKey,
  tools: OutboundTools,
): Promise<number> {
  const id = eventKey(event.id);
  let count = 0;
  while ((await tools.store.outbounds.get(key.channel, intentOf(id, count)))?.messageId) count++;
  return count;
}
