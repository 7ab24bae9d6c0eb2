import type { z } from "zod";
import type { HelpdeskEvent } from "../domain/event.ts";
import type { ContactRecord, TicketRecord } from "../domain/records.ts";
import type { TicketStatus } from "../domain/ticket.ts";
import type { Attachment } from "./attachment.ts";
import type { FetchedMedia, MediaTarget } from "./channel.ts";
import type { Tools } from "./tools.ts";
import type { WebhookRequest } from "./webhook-request.ts";

/** How a helpdesk keeps a repeated create from making a second record. */
export type Idempotency =
  /** Upsert, unique external id or idempotency key: simply call again. */
  | { class: "A" }
  /** Look-up by external id; a new record may stay invisible to it for `settleMs`. */
  | { class: "B"; settleMs: number }
  /** Neither: after an unclear outcome `hold` for an operator or `retry` at the risk of a double. */
  | { class: "C"; onUnclear: "hold" | "retry" };

/** Names of headers, lower-case. What they tell keeps all workers below the limit. */
export interface RateLimitHeaders {
  /** Calls allowed in a window. */
  limit?: string;
  /** Calls left in it. */
  remaining?: string;
  /**
   * Calls made and allowed in one header, as in `api-usage=25/15000`; of several pairs that with the fewest left counts.
   * It makes calls pause when none are left, and sets no pace: such limits are for a day, which has quiet hours.
   */
  usage?: string;
  /** When it begins anew: seconds from now, a Unix time in seconds or milliseconds, or a date. */
  reset?: string;
  /** Length of the window. Default 60. */
  windowSeconds?: number;
}

export interface ConnectorCapabilities {
  idempotency: Idempotency;
  /**
   * What a message becomes. `tickets`, where nothing can be added to a ticket: each message becomes one of its own.
   * `createTicket` then gets the message and the person along, `upsertContact` and `addComment` are not called, and
   * refuse. Default `comments`.
   */
  messages?: "comments" | "tickets";
  /** How changes arrive; none only where messages become tickets. */
  changes: ("push" | "poll")[];
  /** Whether comments can be hidden from the person. */
  internalComments: boolean;
  /** Bytes per file; 0 when files cannot be attached. */
  maxAttachmentBytes: number;
  /** Response headers that tell the vendor's limit. */
  rateLimitHeaders?: RateLimitHeaders;
  /**
   * What a mapping may give and this system has no place for. The connector never sees these fields: they are left out
   * before `createTicket`, with one line in the log, a word in the trace, and a line in `deskferry check`.
   */
  unsupportedTicketFields?: readonly OptionalTicketField[];
}

/** A field of a ticket that a helpdesk may lack. Every ticket has a subject. */
export type OptionalTicketField = Exclude<keyof TicketRecord, "subject">;

/** Recognises a person in the helpdesk. */
export interface ContactKey {
  /** Ours, unique and stable: `whatsapp:+447700900123` or `whatsapp:US.1349…`. */
  externalId: string;
  /** Phone (E.164) and user id, as far as known. */
  phone?: string;
  userId?: string;
}

export interface NewTicket {
  externalId: string;
  /** Empty where messages become tickets. */
  contactId: string;
  ticket: TicketRecord;
  /** Only where messages become tickets. */
  message?: TicketMessage;
}

/** A message that becomes a ticket of its own, with all that would else be a contact and a comment. */
export interface TicketMessage {
  person: ContactKey;
  contact: ContactRecord;
  /** Plain text. */
  body: string;
  attachments: Attachment[];
}

export interface NewComment {
  ticketId: string;
  /** Ours, unique; a repeat with the same id must be recognisable (see Idempotency). */
  externalId: string;
  contactId?: string;
  body: string;
  visibility: "public" | "internal";
  attachments: Attachment[];
}

/** A file of a comment in the helpdesk, as the comment's event names it. */
export interface AttachmentRef {
  id: string;
  /** As staff named it: not safe in a file system. */
  name: string;
  ticketId: string;
}

/** A record made or found. `address` is where staff see it. */
export interface RecordRef {
  id: string;
  address?: string;
}

/** One helpdesk account at work. All methods throw PluginError. */
export interface Connector {
  /** What this account can do; fixed for its life, may follow from its settings. */
  capabilities: ConnectorCapabilities;
  /** Creates or updates; calling it twice with one key leaves one contact. */
  upsertContact(key: ContactKey, contact: ContactRecord): Promise<RecordRef>;
  createTicket(ticket: NewTicket): Promise<RecordRef>;
  addComment(comment: NewComment): Promise<RecordRef>;
  /**
   * Depends on the request and the settings only. Never throws for unknown content: returns what it understands. A
   * promise where JSONata from the settings has to be evaluated; it rejects only when nothing can be evaluated now.
   */
  parseWebhook(request: WebhookRequest): HelpdeskEvent[] | Promise<HelpdeskEvent[]>;

  /** Class B: exact look-up; the value is re-checked, because servers ignore filters they do not know. */
  findTicket?(externalId: string): Promise<RecordRef | undefined>;
  findComment?(ticketId: string, externalId: string): Promise<RecordRef | undefined>;
  updateTicket?(ticketId: string, change: { status: TicketStatus }): Promise<void>;
  /** Pure. Without it webhooks are refused, and changes must be polled. */
  verifyWebhook?(request: WebhookRequest): boolean;
  /** Changes after `cursor`; undefined starts at now. */
  listChanges?(
    cursor: string | undefined,
  ): Promise<{ events: HelpdeskEvent[]; cursor: string; more: boolean }>;
  /**
   * Streams a file of a comment to `target.path`; without it the files of replies stay in the helpdesk. More than
   * `target.maxBytes` is `rejected` with the code `too_large`, a file that is not there `not_found`; nothing partial
   * stays on disk. The type is told as the helpdesk has it, which may be wrong.
   */
  fetchAttachment?(file: AttachmentRef, target: MediaTarget): Promise<FetchedMedia>;
  /** Proves that the settings work; throws with the reason if not. Returns lines for the operator. */
  checkConnection?(): Promise<string[]>;
}

export interface ConnectorDefinition<S extends z.ZodType = z.ZodType> {
  /** Name of its folder, kebab-case. */
  name: string;
  label: string;
  /** Settings; mark secrets with `secret()`. */
  config: S;
  /** Settings as they may look, with every capability on: docs/reference/connectors.md is made with them. Nobody is called. */
  example?: z.input<S>;
  create(config: z.output<S>, tools: Tools): Connector;
}

/** Types a connector; the value is returned as it is. */
export function defineConnector<S extends z.ZodType>(
  definition: ConnectorDefinition<S>,
): ConnectorDefinition<S> {
  return definition;
}
