import { compact, groupBy, type Json } from "../read.ts";
import { type MediaStore, type StoredMedia, sha256Of } from "./media.ts";
import type { SandboxPerson } from "./people.ts";
import type { PersonMessage } from "./person-message.ts";
import type { GraphNumber } from "./settings.ts";

/** One entry of a webhook: which account, which field, what. */
export interface Change {
  wabaId: string;
  field: string;
  value: Json;
}

/** The body of one webhook; changes of one account share an entry, as Meta batches them. */
export function toEnvelope(changes: Change[]): Json {
  const byAccount = groupBy(changes, (change) => change.wabaId);
  const entry = [...byAccount].map(([id, list]) => ({
    id,
    changes: list.map(({ field, value }) => ({ field, value })),
  }));
  return { object: "whatsapp_business_account", entry };
}

/** What stands in every value of the `messages` field. */
export function messagesValue(number: GraphNumber, rest: Json): Json {
  const metadata = {
    display_phone_number: number.displayPhoneNumber.replace(/\D/g, ""),
    phone_number_id: number.phoneNumberId,
  };
  return { messaging_product: "whatsapp", metadata, ...rest };
}

/** The `contacts` entry of a person. */
export function contactOf(person: SandboxPerson, hidePhone: boolean): Json {
  return compact({
    profile: compact({ name: person.name, username: person.username }),
    wa_id: hidePhone ? undefined : person.phone?.slice(1),
    user_id: person.userId,
  });
}

export interface MessageParts {
  message: PersonMessage;
  person: SandboxPerson;
  wamid: string;
  sentAt: number;
  media?: { stored: StoredMedia; url: string };
}

/** The `messages` entry of a person's message. */
export function messageOf(parts: MessageParts): Json {
  const { message, person } = parts;
  return compact({
    from: message.hidePhone ? undefined : person.phone?.slice(1),
    from_user_id: person.userId,
    id: parts.wamid,
    timestamp: String(Math.floor(parts.sentAt / 1000)),
    type: message.type,
    context: contextOf(message),
    [message.type]: contentOf(parts),
    ...message.extra,
  });
}

function contextOf(message: PersonMessage): Json | undefined {
  if (message.forwarded) return { forwarded: true };
  return message.replyTo ? { from: message.number, id: message.replyTo } : undefined;
}

function contentOf({ message, media }: MessageParts): unknown {
  if (message.type === "text") return { body: message.text };
  if (!media) return message.content;
  return compact({
    caption: message.text,
    filename: message.type === "document" ? (media.stored.fileName ?? "document") : undefined,
    mime_type: media.stored.mimeType,
    sha256: sha256Of(media.stored, "base64"),
    id: media.stored.id,
    url: media.url,
    voice: message.type === "audio" ? message.media?.voice : undefined,
    animated: message.type === "sticker" ? false : undefined,
  });
}

/** Stores the message's file, if any. */
export function storeMedia(
  message: PersonMessage,
  store: MediaStore,
  base: string,
): MessageParts["media"] | undefined {
  if (!message.media) return undefined;
  const { bytes, mimeType, fileName } = message.media;
  const stored = store.add({
    phoneNumberId: message.number,
    bytes,
    mimeType,
    from: "person",
    ...compact({ fileName }),
  });
  return { stored, url: store.addressOf(stored, base) };
}
