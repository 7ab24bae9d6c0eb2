import type { Message } from "./message.ts";
import type { ConsentScope, ConsentState } from "./opt-out.ts";
import type { Person } from "./person.ts";
import type { Receipt } from "./receipt.ts";
import type { TicketSnapshot, TicketStatus } from "./ticket.ts";

/** A person wrote. */
export interface MessageReceived {
  type: "message.received";
  /** Deduplication key, stable over the provider's repeats. */
  id: string;
  at: string;
  person: Person;
  /** Ids the same person had until now, when the message announces a new phone number or user id. */
  formerly?: Person;
  message: Message;
}

/** Messages of one person that waited together, oldest first; they become one comment. */
export interface BurstReceived {
  type: "burst.received";
  /** The first message's. */
  id: string;
  at: string;
  messages: Messages;
}

export type Messages = [MessageReceived, ...MessageReceived[]];

/** The provider tells what became of something we sent. */
export interface ReceiptUpdated {
  type: "receipt.updated";
  id: string;
  at: string;
  person: Person;
  receipt: Receipt;
}

/** A person chose in WhatsApp itself what they want of us, without writing. */
export interface ConsentChanged {
  type: "consent.changed";
  id: string;
  at: string;
  person: Person;
  scope: ConsentScope;
  state: ConsentState;
  /** As sent by the provider. */
  detail: Record<string, unknown>;
}

/** The account or a template changed; kept and counted, `detail` as sent by the provider. */
export interface AccountUpdated {
  type: "template.updated" | "account.updated";
  id: string;
  /** 1970 when the provider gave no time. */
  at: string;
  field: string;
  /** The field, or a part of it, is new to us: kept, and counted as not understood. */
  isNew?: true;
  /** Of `template.updated`, where it is about one template. */
  template?: TemplateUpdate;
  detail: Record<string, unknown>;
}

/** A template of the account about which there is news. */
export interface TemplateUpdate {
  name: string;
  language: string;
  /** How it stands from now on, as TemplateInfo says it; absent where the news is something else. */
  status?: string;
}

/** What a channel's webhook can bring. `accountId` tells several numbers behind one callback apart. */
export type ChannelEvent = (MessageReceived | ReceiptUpdated | ConsentChanged | AccountUpdated) & {
  accountId: string;
};

/** Who made a change in the helpdesk. `isUs`: our own account, i.e. an echo of our own write. */
export interface Author {
  id: string;
  name?: string;
  isUs: boolean;
}

interface HelpdeskChange {
  /** Unique within the connection and stable over repeats. */
  id: string;
  at: string;
  author: Author;
  ticket: TicketSnapshot;
}

export interface TicketChanged extends HelpdeskChange {
  type: "ticket.changed";
  from?: TicketStatus;
  to: TicketStatus;
}

export interface CommentAdded extends HelpdeskChange {
  type: "comment.added";
  commentId: string;
  /** The id we gave it, when it is ours. */
  externalId?: string;
  /** `internal` never leaves the helpdesk. Connectors answer `internal` when in doubt. */
  visibility: "public" | "internal";
  /** Plain text. */
  body: string;
  attachments: { id: string; name: string }[];
}

/** What a helpdesk's webhook or poll can bring. */
export type HelpdeskEvent = TicketChanged | CommentAdded;

/** A remark for staff, written by us onto the ticket as an internal comment (a failed delivery, say). */
export interface NoteRequested {
  type: "note.requested";
  id: string;
  at: string;
  text: string;
}

/** Everything that can wait in a mailbox. */
export type Event =
  | MessageReceived
  | BurstReceived
  | ReceiptUpdated
  | ConsentChanged
  | TicketChanged
  | CommentAdded
  | NoteRequested;

/** When an event happened at its source, in milliseconds since 1970. */
export function timeOf(event: Event): number {
  return Date.parse(event.at);
}
