import { asFailure } from "../domain/failure.ts";
import type { InboundTools } from "./tools.ts";

/**
 * Shows the person that the message has arrived, where the route wants it and the channel can: blue ticks. Best effort;
 * the message stands in the helpdesk already, so a failure is only traced. Undefined when nothing was to be done.
 */
export async function markRead(
  messageId: string,
  { channel, marksRead }: Pick<InboundTools, "channel" | "marksRead">,
): Promise<string | undefined> {
  if (!marksRead || !channel.markRead) return undefined;
  try {
    await channel.markRead(messageId);
    return "marked";
  } catch (error) {
    return `not marked (${asFailure(error)?.kind ?? "bug"})`;
  }
}
