import type { Redis } from "ioredis";
import { parse } from "../../../src/channels/cloud-api/parse.ts";
import { digest } from "../../../src/domain/digest.ts";
import type { MessageReceived } from "../../../src/domain/event.ts";
import { keys } from "../../../src/store/keys.ts";
import { appendArguments, type Delivery, readAppended } from "../../../src/store/mailbox.ts";
import { runScript } from "../../../src/store/scripts.ts";
import { createStore, type Store } from "../../../src/store/store.ts";
import { bodyOf, messageIdOf } from "../webhooks.ts";

/** Conversations from one number on up to below another. */
export interface IdleConversations {
  /** Its connection has the same name. */
  channel: string;
  from: number;
  to: number;
  /** Milliseconds; about when they wrote. */
  begun: number;
}

const AT_ONCE = 500;

/**
 * Writes people who wrote, have a ticket, and are silent since longer than single events are remembered: by the code of
 * the store, but without mapping and helpdesk, and hundreds at once. A test holds it to what the whole path leaves.
 */
export async function writeIdleConversations(redis: Redis, all: IdleConversations): Promise<void> {
  const { channel, from, to, begun } = all;
  const store = createStore(redis);
  const template = eventOf(from, begun);
  for (let first = from; first < to; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, to - first);
    const events = Array.from({ length: count }, (_, index) =>
      eventLike(template, { index: first + index, begun }),
    );
    const people = await remember(redis, channel, events);
    await Promise.all(
      events.map((event, index) =>
        link(store, event, { channel, person: people[index] ?? "", number: first + index }),
      ),
    );
  }
}

/** As the channel reads it from a webhook. */
function eventOf(index: number, begun: number): MessageReceived {
  const [event] = parse(bodyOf(index, { begun, people: Number.MAX_SAFE_INTEGER })).events;
  if (event?.type !== "message.received") throw new Error("the webhook holds no message");
  const { accountId: _, ...message } = event;
  return message;
}

/** Reading each webhook would take most of the time. */
function eventLike(
  template: MessageReceived,
  { index, begun }: { index: number; begun: number },
): MessageReceived {
  const number = 1_000_000 + index;
  const id = messageIdOf(index, begun);
  const person = { userId: `GB.${number}${number}`, phone: `+4477${number}0`, name: `Person ${number}` };
  return { ...template, id, person, message: { ...template.message, id } };
}

/** The person of each event. What waits and what single events are known by is gone again. */
async function remember(
  redis: Redis,
  channel: string,
  events: readonly MessageReceived[],
): Promise<string[]> {
  const deliveries = events.map(
    (event): Delivery => ({ channel, lane: "in", event, person: { seen: event.person } }),
  );
  const people = readAppended(await runScript(redis, "append", appendArguments(deliveries))).map(
    ({ person }) => person,
  );
  const seen = events.map(({ id }) => keys.seen(channel, id));
  await redis.unlink([...people.map((person) => keys.mailbox(channel, "in", person)), ...seen]);
  await redis.srem(keys.pending(channel, "in"), people);
  return people;
}

/** Ids as the helpdesk of the bench gives them; a contact as the sandbox's mapping makes it. */
async function link(
  { links }: Store,
  { person: seen }: MessageReceived,
  { channel, person, number }: { channel: string; person: string; number: number },
): Promise<void> {
  const key = { channel, person };
  const { userId, phone, name } = seen;
  const contactKey = { externalId: `whatsapp:${userId}`, phone, userId };
  const content = digest(JSON.stringify([contactKey, { name, phone }]));
  const id = String(2 * number + 1);
  await links.saveContact(key, { id, externalId: contactKey.externalId, content });
  await links.saveTicket(key, channel, { id: String(2 * number + 2), epoch: 1, status: "new" });
}
