import type { TicketStatus } from "../../domain/ticket.ts";
import type { ContactKey } from "../connector.ts";
import type { Expressions } from "../expression.ts";

/** A contact as the helpdesk itself shows it. */
export interface SeenContact {
  id: string;
  name: string;
}

/** A ticket as the helpdesk itself shows it. */
export interface SeenTicket {
  id: string;
  subject: string;
  /** In our words. */
  status?: TicketStatus;
}

/** A comment as the helpdesk itself shows it. */
export interface SeenComment {
  body: string;
  visibility: "public" | "internal";
  attachments: { name: string; bytes: Buffer }[];
}

/** A file as staff attach it. */
export interface StaffFile {
  name: string;
  mimeType: string;
  bytes: Buffer;
}

/**
 * What the author of a connector brings along: the real server on loopback, or one that behaves like it, and ways
 * to look into it that do not go through the connector.
 */
export interface ConnectorHarness {
  /** Where the server listens, e.g. `http://127.0.0.1:41234`. The suite puts a proxy in front of it. */
  serverUrl: string;
  /** Settings of a connector that reaches the server at `url`. */
  settings(url: string): unknown;
  /** All contacts that carry this key, however many. */
  contactsOf(key: ContactKey): Promise<SeenContact[]>;
  /** All tickets that carry this external id, however many. */
  ticketsOf(externalId: string): Promise<SeenTicket[]>;
  /** Oldest first. May begin with the ticket's description. */
  commentsOf(ticketId: string): Promise<SeenComment[]>;
  /** An id that no ticket has. Default `999999999`. */
  missingTicketId?: string;
  /** An id that no file has. Default `999999999`. */
  missingFileId?: string;
  /** What staff do, under an account that is not the connector's. */
  staff: {
    reply(ticketId: string, text: string): Promise<void>;
    /**
     * A public reply with files; resolves with their ids, as the connector's events name them, in the same order. Only
     * asked for where the connector has `fetchAttachment`.
     */
    replyWithFiles?(ticketId: string, text: string, files: StaffFile[]): Promise<string[]>;
    /** Only asked for where the connector declares `internalComments`. */
    note?(ticketId: string, text: string): Promise<void>;
    setStatus(ticketId: string, status: TicketStatus): Promise<void>;
  };
  /** Makes the server send its webhooks there from now on. Only asked for where changes are pushed. */
  sendWebhooksTo?(url: string): Promise<void>;
  /** Only needed where the connector's settings hold JSONata. */
  expressions?: Expressions;
  stop(): Promise<void>;
}
