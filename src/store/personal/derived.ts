import { ticketExternalId } from "../../domain/conversation.ts";
import type { Cipher } from "../cipher.ts";
import { keys } from "../keys.ts";
import type { Redis } from "../redis.ts";
import { where } from "../where.ts";
import { ask, type Command } from "./ask.ts";
import type { Holding } from "./holding.ts";
import type { Subject } from "./subject.ts";

/** What can be worked out from the rest: intents, steps, replies, and turns at a helpdesk's limit. */
export async function findDerived(
  { redis, cipher }: { redis: Redis; cipher: Cipher },
  found: readonly Holding[],
  { subjects, connections }: { subjects: readonly Subject[]; connections: readonly string[] },
): Promise<Holding[]> {
  const guesses = [
    ...subjects.flatMap((subject) => fromEvents(subject, connections)),
    ...(await fromOutbounds({ redis, cipher }, found)),
  ];
  const values = await ask(
    redis,
    guesses.map(({ key, part }): Command => (part ? ["zscore", key, part.name] : ["exists", key])),
  );
  return guesses.filter((_, index) => values[index] !== null && values[index] !== 0);
}

function fromEvents(subject: Subject, connections: readonly string[]): Holding[] {
  const { channel, people, events, epoch } = subject;
  const ofEvents = [...events].flatMap((event): Holding[] => [
    { kind: "steps", subject, key: keys.stepsOf(channel, event) },
    { kind: "intents", subject, key: keys.intent(channel, event) },
    ...connections.map((connection): Holding => {
      return {
        kind: "callTurns",
        subject,
        key: keys.callLine(connection),
        part: { of: "zset", name: event },
      };
    }),
  ]);
  // One more than is known: it may just be made.
  const epochs = Array.from({ length: epoch + 1 }, (_, index) => index + 1);
  const ofTickets = [...people].flatMap((person) =>
    epochs.map((each): Holding => {
      const id = ticketExternalId({ channel, person }, each);
      return { kind: "intents", subject, key: keys.intent(channel, id) };
    }),
  );
  return [...ofEvents, ...ofTickets];
}

async function fromOutbounds(
  { redis, cipher }: { redis: Redis; cipher: Cipher },
  found: readonly Holding[],
): Promise<Holding[]> {
  const outbounds = found.filter(({ kind }) => kind === "outbounds");
  const ids = await ask(
    redis,
    outbounds.map(({ key }): Command => ["hget", key, "messageId"]),
  );
  return outbounds.flatMap(({ subject, key }, index): Holding[] => {
    const { channel } = subject;
    const intent = key.slice(keys.outbound(channel, "").length);
    const stored = ids[index];
    const place = where.outbound(channel, intent, "messageId");
    const messageId = typeof stored === "string" ? cipher.decrypt(stored, place) : undefined;
    return [
      { kind: "replies", subject, key: keys.reply(channel, intent) },
      { kind: "undelivered", subject, key: keys.undelivered(channel), part: { of: "zset", name: intent } },
      ...(messageId ? [{ kind: "sentMessages", subject, key: keys.sent(channel, messageId) } as const] : []),
    ];
  });
}
