import { createHmac, randomBytes } from "node:crypto";
import { aliasesOf, type Person } from "../../domain/person.ts";
import { rewriteAppendOnlyFile } from "../append-only-file.ts";
import { type Cipher, noCipher } from "../cipher.ts";
import { keys } from "../keys.ts";
import { type Redis, scanKeys } from "../redis.ts";
import { where } from "../where.ts";
import { findInAudit } from "./collections.ts";
import { findHoldings } from "./find.ts";
import type { Holding } from "./holding.ts";
import { readHolding } from "./read.ts";
import { keepStops, removeHoldings, takeEvents } from "./remove.ts";
import { identify, type Joined, readJoined, type Subject } from "./subject.ts";

/** What a helpdesk holds of a person, by its own ids. `contact` null: it is found there by the number alone. */
export interface HeldElsewhere {
  connection: string;
  contact: string | null;
  tickets: string[];
}

/** What Redis holds of a person, to be shown or removed. Not for use while handling events: it reads all keys. */
export function createPersonalData(redis: Redis, cipher: Cipher = noCipher) {
  /** Made when there is none. */
  async function receiptKey(): Promise<string> {
    const fresh = cipher.encrypt(randomBytes(32).toString("hex"), where.receiptKey());
    await redis.set(keys.receiptKey(), fresh, "NX");
    return cipher.decrypt((await redis.get(keys.receiptKey())) ?? "", where.receiptKey());
  }

  return {
    /** All channels that anything is held of, also those that the settings no longer name. */
    async channels(): Promise<Set<string>> {
      const names = new Set<string>();
      for await (const batch of scanKeys(redis, "{deskferry:*")) {
        for (const key of batch) {
          const name = /^\{deskferry:([a-z0-9-]+)\}/.exec(key)?.[1];
          if (name) names.add(name);
        }
      }
      return names;
    },
    /** The people as each channel knows them: one subject for each person and channel, in this order. */
    async subjects(people: readonly Person[], channels: readonly string[]): Promise<Subject[][]> {
      const joined = new Map<string, Joined>();
      for (const channel of channels) joined.set(channel, await readJoined(redis, channel));
      return Promise.all(
        people.map((person) =>
          Promise.all(
            channels.map((channel) =>
              identify({ redis, cipher }, person, { channel, joined: joined.get(channel) ?? new Map() }),
            ),
          ),
        ),
      );
    },
    find: (subjects: readonly Subject[], connections: readonly string[]) =>
      findHoldings({ redis, cipher }, subjects, connections),
    /** What the audit log says of them, which stays there. */
    findInAudit: (subjects: readonly Subject[]) => findInAudit(redis, subjects),
    read: (holding: Holding) => readHolding({ redis, cipher }, holding),
    takeEvents: (subject: Subject) => takeEvents(redis, subject),
    keepStops: (holdings: readonly Holding[]) => keepStops(redis, holdings),
    remove: (holdings: readonly Holding[]) => removeHoldings(redis, holdings),
    /** `connectionOf`: where a channel's conversations go. */
    heldElsewhere: (holdings: readonly Holding[], connectionOf: (channel: string) => string) =>
      heldElsewhere({ redis, cipher }, holdings, connectionOf),
    rewriteAppendOnlyFile: (tell: (line: string) => void) => rewriteAppendOnlyFile(redis, tell),
    /** Shows that a text is ours: nobody else has the key. */
    async proofOf(text: string): Promise<string> {
      return createHmac("sha256", await receiptKey())
        .update(`deskferry receipt 1\n${text}`)
        .digest("hex");
    },
    /** The person as receipts name them: nobody finds out who it was without the key, which stays in Redis. */
    async nameInReceipts(person: Person): Promise<string> {
      const key = await receiptKey();
      return createHmac("sha256", key)
        .update(aliasesOf(person)[0] ?? "")
        .digest("hex");
    },
  };
}

export type PersonalData = ReturnType<typeof createPersonalData>;

async function heldElsewhere(
  { redis, cipher }: { redis: Redis; cipher: Cipher },
  holdings: readonly Holding[],
  connectionOf: (channel: string) => string,
): Promise<HeldElsewhere[]> {
  const held = new Map<string, HeldElsewhere>();
  function at(connection: string): HeldElsewhere {
    const known = held.get(connection) ?? { connection, contact: null, tickets: [] };
    held.set(connection, known);
    return known;
  }
  for (const { kind, key, subject } of holdings) {
    const own = connectionOf(subject.channel);
    if (kind === "wayBack") {
      const { connection, ticket } = ticketOf(key);
      at(connection).tickets.push(ticket);
    }
    if (kind === "contact")
      at(own).contact ??= await contactOf({ redis, cipher }, { channel: subject.channel, key });
    // Where each message becomes a ticket no way back is kept.
    const ticket = kind === "steps" ? await redis.hget(key, "ticket") : null;
    if (ticket && !subject.tickets.has(ticket)) at(own).tickets.push(ticket);
  }
  return [...held.values()];
}

function ticketOf(wayBack: string): { connection: string; ticket: string } {
  const found = /^\{deskferry:connection:([a-z0-9-]+)\}:ticket:(.*)$/s.exec(wayBack);
  return { connection: found?.[1] ?? "", ticket: found?.[2] ?? "" };
}

/** Where contacts have no id of their own it is ours, which is the number. */
async function contactOf(
  { redis, cipher }: { redis: Redis; cipher: Cipher },
  { channel, key }: { channel: string; key: string },
): Promise<string | null> {
  const stored = await redis.hmget(key, "id", "externalId");
  const [id, externalId] = (["id", "externalId"] as const).map((field, index) =>
    cipher.decrypt(stored[index] ?? "", where.contact(channel, field)),
  );
  return id && id !== externalId ? id : null;
}
