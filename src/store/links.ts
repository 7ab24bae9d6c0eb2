import type { ConversationKey } from "../domain/conversation.ts";
import { isClosed, type TicketStatus } from "../domain/ticket.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import { type Cipher, noCipher } from "./cipher.ts";
import { keys } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";
import { contactFields, where } from "./where.ts";

/** Our person ↔ their contact. `content` is the digest of what was last written there. */
export interface ContactLink {
  id: string;
  externalId: string;
  content: string;
}

/** Our conversation ↔ their current ticket. */
export interface TicketLink {
  id: string;
  epoch: number;
  status: TicketStatus;
  /** ISO 8601, when the ticket was closed. */
  closedAt?: string;
}

/** The way back from a ticket. */
export interface ReverseLink extends ConversationKey {
  epoch: number;
}

/** Pairs of our ids and the helpdesk's. All can be rebuilt from the helpdesk's external ids. */
export function createLinks(redis: Redis, cipher: Cipher = noCipher) {
  return {
    async contact(key: ConversationKey): Promise<ContactLink | undefined> {
      const link = await redis.hgetall(keys.contact(key.channel, key.person));
      if (!link["id"]) return undefined;
      const read = (field: (typeof contactFields)[number]) =>
        cipher.decrypt(link[field] ?? "", where.contact(key.channel, field));
      return { id: read("id"), externalId: read("externalId"), content: read("content") };
    },
    async saveContact(key: ConversationKey, link: ContactLink): Promise<void> {
      const hidden = contactFields.map((field) => [
        field,
        cipher.encrypt(link[field], where.contact(key.channel, field)),
      ]);
      await redis.hset(keys.contact(key.channel, key.person), Object.fromEntries(hidden));
    },

    async ticket(key: ConversationKey): Promise<TicketLink | undefined> {
      const link = await redis.hgetall(keys.ticket(key.channel, key.person));
      if (!link["id"]) return undefined;
      return { ...(link as unknown as TicketLink), epoch: Number(link["epoch"]) };
    },
    /** The way back is written first: a ticket without it would swallow the staff's answers. */
    async saveTicket(key: ConversationKey, connection: string, link: TicketLink): Promise<void> {
      const reverse: ReverseLink = { ...key, epoch: link.epoch };
      await redis.set(keys.reverse(connection, link.id), JSON.stringify(reverse));
      crashPoint("ticket.linked-back");
      const args = [keys.ticket(key.channel, key.person), ...Object.entries(link).flat()];
      await runScript(redis, "link-ticket", args);
    },
    /** Records what the helpdesk says of a ticket; ignored when the conversation has moved on to another one. */
    async noteStatus(
      key: ConversationKey,
      ticketId: string,
      status: TicketStatus,
      at: string,
    ): Promise<void> {
      const closedAt = isClosed(status) ? at : "";
      const args = [keys.ticket(key.channel, key.person), ticketId, status, closedAt];
      await runScript(redis, "note-status", args);
    },
    async reverse(connection: string, ticketId: string): Promise<ReverseLink | undefined> {
      const text = await redis.get(keys.reverse(connection, ticketId));
      return text === null ? undefined : (JSON.parse(text) as ReverseLink);
    },
  };
}

export type Links = ReturnType<typeof createLinks>;
