import type { CommentAdded } from "../domain/event.ts";
import { type Receipt, type ReceiptState, receiptRank } from "../domain/receipt.ts";
import { type Cipher, noCipher } from "./cipher.ts";
import { keys, OUTBOUND_SECONDS, REPLIES_SECONDS, REPLY_SECONDS } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";
import type { TemplateName } from "./stops.ts";
import { firstNumberOf } from "./transaction.ts";
import { where } from "./where.ts";
import { withdrawTry } from "./withdraw.ts";

/** An outbound message from its decision to its last receipt. The intent id travels with it as callback data. */
export interface OutboundRecord {
  /** Milliseconds, of the latest try. */
  at: number;
  attempts: number;
  person: string;
  /** The provider's id, once known. */
  messageId?: string;
  receipt?: ReceiptState;
  template?: TemplateName;
  /** Staff have read that it was not delivered. */
  undelivered?: true;
  /** Why it was sent, and what it was to cost: costWord. */
  reason?: string;
  cost?: string;
}

/** What is put down about a send before it goes out. */
export interface Begun {
  person: string;
  now: number;
  template?: TemplateName;
  /** When somebody looks whether it was delivered, in milliseconds; undefined where no word of it is to be expected. */
  lookAt?: number;
  /** Why it is sent, and what it will cost. */
  decided?: { reason: string; cost: string };
  /** To be sent again should a receipt say that it was refused. Kept for a day, or until it is delivered. */
  reply?: CommentAdded;
}

function toRecord(fields: Record<string, string>): OutboundRecord | undefined {
  if (!fields["at"]) return undefined;
  const { at, attempts, person = "", messageId, receipt, template, language, reason, cost } = fields;
  return {
    at: Number(at),
    attempts: Number(attempts),
    person,
    ...(messageId ? { messageId } : {}),
    ...(receipt ? { receipt: receipt as ReceiptState } : {}),
    ...(template && language ? { template: { name: template, language } } : {}),
    ...(fields["undelivered"] ? { undelivered: true } : {}),
    ...(reason ? { reason } : {}),
    ...(cost ? { cost } : {}),
  };
}

function pairs(flat: string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) fields[flat[i] ?? ""] = flat[i + 1] ?? "";
  return fields;
}

export function createOutbounds(redis: Redis, cipher: Cipher = noCipher) {
  const hide = (channel: string, intent: string, field: "messageId" | "errors", text: string) =>
    text && cipher.encrypt(text, where.outbound(channel, intent, field));

  function read(channel: string, intent: string, fields: Record<string, string>): OutboundRecord | undefined {
    const hidden = fields["messageId"];
    if (!hidden) return toRecord(fields);
    const messageId = cipher.decrypt(hidden, where.outbound(channel, intent, "messageId"));
    return toRecord({ ...fields, messageId });
  }

  return {
    async get(channel: string, intent: string): Promise<OutboundRecord | undefined> {
      return read(channel, intent, await redis.hgetall(keys.outbound(channel, intent)));
    },
    /** Durable before the send goes out. Resolves with the number of this try, as of intents. */
    async begin(channel: string, intent: string, begun: Begun): Promise<number> {
      const key = keys.outbound(channel, intent);
      const { now, person, template, reply, decided } = begun;
      const named = template ? { template: template.name, language: template.language } : {};
      const steps = redis
        .multi()
        .hincrby(key, "attempts", 1)
        .hset(key, { at: now, person, ...named, ...decided })
        .expire(key, OUTBOUND_SECONDS);
      if (begun.lookAt !== undefined) steps.zadd(keys.undelivered(channel), begun.lookAt, intent);
      const text = reply && cipher.encrypt(JSON.stringify(reply), where.reply(channel, intent));
      if (text) steps.set(keys.reply(channel, intent), text, "EX", REPLY_SECONDS);
      return firstNumberOf(await steps.exec());
    },
    /** `month`: it counts among the messages of this month that are no templates (`2026-11`). */
    async sent(channel: string, intent: string, messageId: string, month?: string): Promise<void> {
      const steps = redis
        .multi()
        .hset(keys.outbound(channel, intent), "messageId", hide(channel, intent, "messageId", messageId))
        .set(keys.sent(channel, messageId), intent, "EX", OUTBOUND_SECONDS);
      if (month) {
        const counter = keys.replies(channel, month);
        steps.incr(counter).expire(counter, REPLIES_SECONDS);
      }
      await steps.exec();
    },
    async repliesIn(channel: string, month: string): Promise<number> {
      return Number((await redis.get(keys.replies(channel, month))) ?? 0);
    },
    /** The reply of a send, while it is kept. */
    async reply(channel: string, intent: string): Promise<CommentAdded | undefined> {
      const text = await redis.get(keys.reply(channel, intent));
      if (!text) return undefined;
      return JSON.parse(cipher.decrypt(text, where.reply(channel, intent))) as CommentAdded;
    },
    async forgetReply(channel: string, intent: string): Promise<void> {
      await redis.del(keys.reply(channel, intent));
    },
    /** The provider certainly did not take this try; an earlier unclear one stays on record. */
    async withdraw(channel: string, intent: string): Promise<void> {
      await withdrawTry(redis, keys.outbound(channel, intent));
    },
    /**
     * Receipts come late, twice, in any order, and before our own send has returned: hence by callback data first.
     * Resolves with the intent and its state before; undefined when the message is not ours.
     */
    async record(channel: string, receipt: Receipt, at: string) {
      const intent = receipt.callbackData ?? (await redis.get(keys.sent(channel, receipt.messageId)));
      if (!intent) return undefined;
      const errors = receipt.errors ? hide(channel, intent, "errors", JSON.stringify(receipt.errors)) : "";
      const messageId = hide(channel, intent, "messageId", receipt.messageId);
      const rank = receiptRank(receipt.state);
      const args = [receipt.state, rank, at, errors, messageId, OUTBOUND_SECONDS];
      const flat = await runScript(redis, "receipt", [keys.outbound(channel, intent), ...args]);
      const before = read(channel, intent, pairs(flat as string[]));
      if (rank >= receiptRank("failed")) await redis.zrem(keys.undelivered(channel), intent);
      return before ? { intent, before } : undefined;
    },
  };
}
