import type {
  CommentAdded,
  Event,
  MessageReceived,
  NoteRequested,
  ReceiptUpdated,
  TicketChanged,
} from "../../src/domain/event.ts";
import type { Lane } from "../../src/domain/lane.ts";
import type { Message } from "../../src/domain/message.ts";
import type { Person } from "../../src/domain/person.ts";
import type { Receipt } from "../../src/domain/receipt.ts";
import type { IntakeItem } from "../../src/store/intake-item.ts";
import type { Delivery } from "../../src/store/mailbox.ts";
import { START } from "./clock.ts";

/** Everything here is counted, not random: a failure can be run again and reads the same. */
let count = 0;

/** `message-0001`, `message-0002` … unique within a test file. */
export function nextId(kind: string): string {
  count += 1;
  return `${kind}-${String(count).padStart(4, "0")}`;
}

/** One second later each time. */
function nextTime(): string {
  return new Date(Date.parse(START) + ++count * 1000).toISOString();
}

/** Ofcom keeps +44 7700 900000 to 900999 for fiction. */
export function phone(n: number): string {
  if (!Number.isInteger(n) || n < 0 || n > 999) throw new Error(`there is no fictional phone number ${n}`);
  return `+447700900${String(n).padStart(3, "0")}`;
}

/** A business-scoped user id. */
export function userId(n: number): string {
  return `GB.${String(n).padStart(16, "0")}`;
}

/** The n-th person as a payload of 2026 shows them: user id, phone and name. */
export function person(n: number): Required<Pick<Person, "userId" | "phone" | "name">> {
  return { userId: userId(n), phone: phone(n), name: `Person ${n}` };
}

type MessageOptions = Partial<Omit<MessageReceived, "type" | "message">> & { message?: Partial<Message> };

/** A text message, unless `message` says otherwise. The event's id is the message's, as with Meta. */
export function messageReceived({ message, ...event }: MessageOptions = {}): MessageReceived {
  const id = event.id ?? message?.id ?? `wamid.${nextId("message")}`;
  const at = event.at ?? message?.sentAt ?? nextTime();
  return {
    type: "message.received",
    person: person(1),
    ...event,
    id,
    at,
    message: { id, type: "text", text: "The street light is broken", sentAt: at, ...message },
  };
}

type ReceiptOptions = Partial<Omit<ReceiptUpdated, "type" | "receipt">> & { receipt?: Partial<Receipt> };

/** A `delivered` receipt, unless `receipt` says otherwise. */
export function receiptUpdated({ receipt, ...event }: ReceiptOptions = {}): ReceiptUpdated {
  const full: Receipt = { messageId: "wamid.sent-0001", state: "delivered", ...receipt };
  const id = event.id ?? `${full.messageId}/${full.state}`;
  return {
    type: "receipt.updated",
    at: event.at ?? nextTime(),
    person: person(1),
    ...event,
    id,
    receipt: full,
  };
}

/** Staff solved ticket 1, unless told otherwise. */
export function ticketChanged(event: Partial<Omit<TicketChanged, "type">> = {}): TicketChanged {
  const to = event.to ?? "solved";
  return {
    type: "ticket.changed",
    id: event.id ?? nextId("change"),
    at: event.at ?? nextTime(),
    author: { id: "staff-1", name: "Sam Staff", isUs: false },
    ticket: { id: "1", status: to },
    from: "open",
    ...event,
    to,
  };
}

/** A public reply of staff on ticket 1, unless told otherwise. */
export function commentAdded(event: Partial<Omit<CommentAdded, "type">> = {}): CommentAdded {
  const id = event.id ?? nextId("comment");
  return {
    type: "comment.added",
    at: event.at ?? nextTime(),
    author: { id: "staff-1", name: "Sam Staff", isUs: false },
    ticket: { id: "1", status: "open" },
    commentId: id,
    visibility: "public",
    body: "We are on our way",
    attachments: [],
    ...event,
    id,
  };
}

export function noteRequested(event: Partial<Omit<NoteRequested, "type">> = {}): NoteRequested {
  return { type: "note.requested", id: nextId("note"), at: nextTime(), text: "For staff", ...event };
}

const laneOf: Record<Event["type"], Lane> = {
  "message.received": "in",
  "burst.received": "in",
  "consent.changed": "in",
  "note.requested": "in",
  "ticket.changed": "out",
  "comment.added": "out",
  "receipt.updated": "receipt",
};

/** An event on its way into its lane; for whom the event shows, or `to` when it shows nobody. */
export function delivery(channel: string, event: Event, to?: Delivery["person"]): IntakeItem {
  const shown = "person" in event ? { seen: event.person } : undefined;
  const whom = to ?? shown;
  if (!whom) throw new Error(`a ${event.type} shows nobody: say whom it is for`);
  return { deliver: { channel, lane: laneOf[event.type], event, person: whom } };
}
