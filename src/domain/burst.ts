import type { BurstReceived, Event, MessageReceived } from "./event.ts";
import { opensTicket } from "./opens-ticket.ts";

/**
 * The longest run of messages, beginning with the first of these waiting events, that may become one comment; undefined
 * when there is nothing to join. Remarks on earlier messages stay by themselves, and so does what was said to a group.
 */
export function burstOf(waiting: readonly Event[], most: number): BurstReceived | undefined {
  const end = waiting.findIndex((event) => !isPlain(event));
  const [first, ...others] = waiting.slice(0, end < 0 ? most : Math.min(end, most)) as MessageReceived[];
  if (!first || others.length === 0) return undefined;
  return { type: "burst.received", id: first.id, at: first.at, messages: [first, ...others] };
}

function isPlain(event: Event): event is MessageReceived {
  return (
    event.type === "message.received" &&
    opensTicket(event.message.type) &&
    event.message.groupId === undefined
  );
}

/** What a burst was made of; any other event by itself. */
export function partsOf(event: Event): readonly [Event, ...Event[]] {
  return event.type === "burst.received" ? event.messages : [event];
}
