import type { ConversationKey } from "../domain/conversation.ts";
import { eventKey } from "../domain/trace.ts";
import type { Intent } from "../store/intents.ts";
import type { ContactLink, TicketLink } from "../store/links.ts";
import type { KnownPerson } from "../store/people.ts";
import type { InboundTools } from "./tools.ts";

/** What we know before a message is handled, of the conversation and of earlier tries. */
export interface Known {
  /** What was already done for this message. */
  done: Record<string, string>;
  person: KnownPerson;
  contact: ContactLink | undefined;
  ticket: TicketLink | undefined;
  /** Of the record that the message becomes by itself: a comment, or a ticket where there are no comments. */
  intent: Intent | undefined;
}

/** Reads all in one turn of the event loop, so that it costs one exchange with Redis. */
export async function readKnown(
  eventId: string,
  key: ConversationKey,
  { steps, people, links, intents }: InboundTools["store"],
): Promise<Known> {
  const [done, person, contact, ticket, intent] = await Promise.all([
    steps.done(key.channel, eventId),
    people.get(key),
    links.contact(key),
    links.ticket(key),
    intents.get(key.channel, eventKey(eventId)),
  ]);
  return { done, person, contact, ticket, intent };
}
