import type { ConversationKey } from "../domain/conversation.ts";
import type { HelpdeskEvent } from "../domain/event.ts";
import type { OutboundTools } from "./tools.ts";

/**
 * Shows the person that their latest message has been read, where the route wants that with a reply: blue ticks. What
 * they wrote after the reply was written nobody has read yet, so then none are set. With files, which take their time,
 * "typing …" shows that something is coming. Best effort: it is not waited for, not tried again, only counted; and not
 * tried while the channel stands.
 */
export async function markReadOnReply(
  event: HelpdeskEvent,
  key: ConversationKey,
  tools: Pick<OutboundTools, "channel" | "store" | "metrics" | "marksReadOnReply">,
): Promise<void> {
  const { channel, store, metrics, marksReadOnReply } = tools;
  if (event.type !== "comment.added" || !marksReadOnReply || !channel.markRead) return;
  const [talk, stop] = await Promise.all([store.people.talk(key), store.stops.channel(key.channel)]);
  const { lastMessageId, lastMessageAt = "" } = talk;
  if (stop || !lastMessageId || !(Date.parse(lastMessageAt) <= Date.parse(event.at))) return;
  const count = (outcome: "marked" | "failed") => metrics.readMarks.inc({ channel: key.channel, outcome });
  channel.markRead(lastMessageId, { typing: event.attachments.length > 0 }).then(
    () => count("marked"),
    () => count("failed"),
  );
}
