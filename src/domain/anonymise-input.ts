import { anonymiseAnswers, anonymiseContent, mediaType } from "./anonymise-content.ts";
import type { CommentInput, ConfirmationInput, MessageInput } from "./mapping-input.ts";
import type { Message } from "./message.ts";
import type { Person } from "./person.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import type { TicketSnapshot } from "./ticket.ts";

/** What mapping files see, as far as it is recorded. */
export type RecordedInput = MessageInput | CommentInput | ConfirmationInput;

/**
 * The input with nothing left in it that a person has written or is known by. Built field by field: what is not named
 * here does not come along.
 */
export function anonymiseInput(input: RecordedInput, names: Pseudonyms): RecordedInput {
  const base = { channel: input.channel, person: person(input.person, names) };
  if ("event" in input) {
    const { type, from, to, at } = input.event;
    const event = { type, ...(from ? { from } : {}), to, at: minute(at) };
    return { ...base, event, ticket: ticket(input.ticket, names), window: input.window };
  }
  const attachment = "attachment" in input && input.attachment;
  return {
    ...base,
    message: message(input.message, names),
    ...(attachment ? { attachment: texts(attachment, ["name", "missing"], names) } : {}),
  };
}

function person({ userId, phone, name, username }: Person, names: Pseudonyms): Person {
  return {
    ...(userId ? { userId: names.userId(userId) } : {}),
    ...(phone ? { phone: names.phone(phone) } : {}),
    ...(name ? { name: names.text(name) } : {}),
    ...(username ? { username: names.text(username) } : {}),
  };
}

/** Renderings of ours at the beginning of a text; mappings may look for them. */
const LABEL =
  /^(\[(Image|Video|Audio|Voice message|Document|Sticker|Choice|Button|Form|Edited|Deleted a message|Opened the chat|Reaction removed|Changed phone number|Changed WhatsApp user id|Unsupported message|Notice from WhatsApp)(?=[\]:])|(Location|Contact|Order|Permission to call):|Reacted with )/;

function message(from: Message, names: Pseudonyms): Message {
  const { media, location, forwarded, frequentlyForwarded } = from;
  const label = from.type === "text" ? "" : (LABEL.exec(from.text)?.[0] ?? "");
  return {
    id: names.id(from.id),
    type: from.type,
    text: label + names.text(from.text.slice(label.length)),
    sentAt: minute(from.sentAt),
    ...(media ? { media: mediaOf(media, names) } : {}),
    ...(location
      ? {
          location: {
            ...names.place(location.latitude, location.longitude),
            ...texts(location, ["name", "address"], names),
          },
        }
      : {}),
    ...(from.content ? { content: content(from.content, names) } : {}),
    ...(from.answers ? { answers: anonymiseAnswers(from.answers, names) } : {}),
    ...(from.refersTo ? { refersTo: names.id(from.refersTo) } : {}),
    ...(forwarded === true ? { forwarded } : {}),
    ...(frequentlyForwarded === true ? { frequentlyForwarded } : {}),
    ...(from.groupId ? { groupId: names.id(from.groupId) } : {}),
    ...(from.referral ? { referral: anonymiseContent(from.referral, names) } : {}),
    ...(from.product ? { product: anonymiseContent(from.product, names) } : {}),
  };
}

function content(from: Record<string, unknown>, names: Pseudonyms): Record<string, unknown> {
  const { latitude, longitude } = from;
  const place =
    typeof latitude === "number" && typeof longitude === "number" && names.place(latitude, longitude);
  return { ...anonymiseContent(from, names), ...(place || {}) };
}

function mediaOf(from: NonNullable<Message["media"]>, names: Pseudonyms): NonNullable<Message["media"]> {
  return {
    id: names.id(from.id),
    mimeType: mediaType(from.mimeType),
    ...(from.sha256 ? { sha256: names.id(from.sha256) } : {}),
    ...(from.fileName ? { fileName: names.text(from.fileName) } : {}),
    ...(from.url ? { url: names.url(from.url) } : {}),
  };
}

/** Statuses are words of ours; the rest is the helpdesk's, and people's. */
function ticket(from: TicketSnapshot, names: Pseudonyms): TicketSnapshot {
  return {
    id: names.text(from.id),
    ...(from.status ? { status: from.status } : {}),
    ...(from.externalId ? { externalId: names.id(from.externalId) } : {}),
    ...texts(from, ["number", "subject", "rawStatus", "assignee", "queue"], names),
  };
}

function texts<T extends object, K extends keyof T>(from: T, keys: K[], names: Pseudonyms): Pick<T, K> {
  const known = keys.flatMap((key) => {
    const value = from[key];
    return typeof value === "string" ? [[key, names.text(value)] as const] : [];
  });
  return Object.fromEntries(known) as Pick<T, K>;
}

/** To the minute: mappings ask for the hour and the day. */
function minute(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time)
    ? "1970-01-01T00:00:00.000Z"
    : `${new Date(time).toISOString().slice(0, 16)}:00.000Z`;
}
