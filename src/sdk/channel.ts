import type { z } from "zod";
import type { ChannelEvent } from "../domain/event.ts";
import type { MediaRef } from "../domain/message.ts";
import type { Outbound, OutboundMedia } from "../domain/outbound.ts";
import type { Person } from "../domain/person.ts";
import type { ReceiptError } from "../domain/receipt.ts";
import type { SendProblem } from "../domain/send-problem.ts";
import type { TemplateInfo } from "../domain/template.ts";
import type { Acknowledgement, Arrival } from "./arrival.ts";
import type { Tools } from "./tools.ts";
import type { WebhookRequest } from "./webhook-request.ts";

/** Something signed that we could not understand, kept for an operator. */
export interface Quarantined {
  /** No personal data. */
  reason: string;
  /** The provider says something new, as opposed to something odd: counted as not understood. */
  isNew?: true;
  /** Tells several numbers behind one callback apart, where it can be read. */
  accountId?: string;
  payload: unknown;
}

export interface ParsedPayload {
  events: ChannelEvent[];
  quarantined: Quarantined[];
}

export interface SendRequest {
  to: Person;
  outbound: Outbound;
  /** Ours; comes back in the receipts. At most 512 characters, no personal data. */
  callbackData: string;
}

/** A file fetched from the provider into `path`. */
export interface FetchedMedia {
  mimeType: string;
  /** Bytes. */
  size: number;
}

export interface MediaTarget {
  /** File to write; an existing one is replaced. */
  path: string;
  maxBytes: number;
}

/**
 * What a channel can send besides text and templates. `media`: files of ours, and by address; `media_link`: by address
 * only, because the provider takes no uploads.
 */
export const sendAbilities = ["media", "media_link", "interactive", "reaction"] as const;
export type SendAbility = (typeof sendAbilities)[number];

/** What WhatsApp takes a file of a type as, and how large it may be. */
export interface MediaLimit {
  type: OutboundMedia["type"];
  maxBytes: number;
}

/** One configured business number. Methods throw PluginError. */
export interface Channel {
  /** The provider's id of the number, as events carry it (`phone_number_id`). */
  accountId: string;
  /** The provider's id of the account whose templates it sends, as events about templates carry it (`accountId`). */
  templateAccountId?: string;
  /** UTF-16 units that one text message holds, where that is less than WhatsApp's own 4,096; longer replies are split. */
  maxTextLength?: number;
  /** Absent: text and templates only. What is not in it is refused by `send` with `rejected` before any request. */
  sends?: ReadonlySet<SendAbility>;
  /** Undefined when files of this type cannot be sent at all. Pure. Absent: no files. */
  mediaLimit?(mimeType: string): MediaLimit | undefined;
  /** Answer to the provider's set-up request: the challenge, or undefined to refuse. */
  handshake?(query: Record<string, string | undefined>): string | undefined;
  /** Pure, constant time, over the raw bytes. */
  verify(request: WebhookRequest): boolean;
  /** What an accepted webhook is answered with, where the provider reads it. */
  acknowledgement?: Acknowledgement;
  /** Resolves with the provider's message id once the provider has accepted it. */
  send(request: SendRequest): Promise<{ messageId: string }>;
  /**
   * Blue ticks for this message of the person's and all before it; `typing` shows that an answer is being written, for
   * 25 s at most. Best effort: nobody waits for it and nothing depends on it. Absent where the provider has no such call.
   */
  markRead?(messageId: string, options?: { typing?: boolean }): Promise<void>;
  /** What the error of a failed receipt asks for. Pure. Without it staff are told, and that is all. */
  explainError?(error: ReceiptError): SendProblem;
  /** Streams to disk; renews an expired address from the id; checks the hash. */
  fetchMedia(media: MediaRef, target: MediaTarget): Promise<FetchedMedia>;
  checkConnection?(): Promise<string[]>;
  /** All templates of the account in all languages, whatever their status. Absent where they cannot be listed. */
  listTemplates?(): Promise<TemplateInfo[]>;
}

export interface ChannelDefinition<S extends z.ZodType = z.ZodType> {
  name: string;
  label: string;
  config: S;
  /** Pure and total: one odd entry never hides its neighbours, nothing throws. */
  parse(body: Buffer, arrival?: Arrival): ParsedPayload;
  create(config: z.output<S>, tools: Tools): Channel;
}

/** Types a channel; the value is returned as it is. */
export function defineChannel<S extends z.ZodType>(definition: ChannelDefinition<S>): ChannelDefinition<S> {
  return definition;
}
