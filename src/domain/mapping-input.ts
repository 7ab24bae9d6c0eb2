import type { Event } from "./event.ts";
import type { Message } from "./message.ts";
import type { Person } from "./person.ts";
import type { TicketRecord } from "./records.ts";
import type { TicketSnapshot, TicketStatus } from "./ticket.ts";

/** What every mapping file sees as its input. */
interface MappingBase {
  /** Name of the channel in deskferry.yaml. */
  channel: string;
  person: Person;
}

/** Input of contact.jsonata and ticket.jsonata: a message as it came. */
export interface MessageInput extends MappingBase {
  message: Message;
}

/** Input of route.jsonata: the message that opens a ticket. */
export interface RouteInput extends MessageInput {
  /** The record that ticket.jsonata made of this message. */
  ticket: TicketRecord;
}

/** Input of comment.jsonata. `attachment` tells why a file could not be carried over, if so. */
export interface CommentInput extends MessageInput {
  attachment?: { name: string; missing?: string };
}

/** Input of confirmation.jsonata. */
export interface ConfirmationInput extends MappingBase {
  /** The change of status; `from` may be unknown, `at` is ISO 8601. */
  event: {
    type: Extract<Event["type"], "ticket.changed">;
    from?: TicketStatus;
    to: TicketStatus;
    at: string;
  };
  ticket: TicketSnapshot;
  /** `open` while free text is allowed. */
  window: "open" | "closed";
}
