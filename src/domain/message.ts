/** Kinds of message that a person can send. Anything newer arrives as `unsupported`. */
export const messageTypes = [
  "text",
  "image",
  "video",
  "audio",
  "voice",
  "document",
  "sticker",
  "location",
  "contacts",
  "button",
  "choice",
  "form",
  "reaction",
  "order",
  "system",
  "edit",
  "deletion",
  "call_permission",
  "welcome",
  "unsupported",
] as const;

export type MessageType = (typeof messageTypes)[number];

/** A file at the provider. The id outlives the address: Meta's addresses last 5 minutes, ids 7 days. */
export interface MediaRef {
  id: string;
  mimeType: string;
  /** SHA-256 of the file, base64, as Meta sends it. */
  sha256?: string;
  fileName?: string;
  url?: string;
}

export interface Location {
  latitude: number;
  longitude: number;
  name?: string;
  address?: string;
}

/**
 * What a person wrote. `text` is always a readable rendering (body, caption, button title, place …), so that a
 * mapping which knows only `text` loses nothing; the exact content stands beside it under the key of its type.
 */
export interface Message {
  /** The provider's id (`wamid.…`). It contains the phone number: never log it. */
  id: string;
  type: MessageType;
  /** The words, the caption, the button's title, `[Image]`, `Location: …`: readable for every type. */
  text: string;
  /** ISO 8601, from the provider's timestamp: the window counts from it, not from arrival. */
  sentAt: string;
  media?: MediaRef;
  location?: Location;
  /** Provider's own object for types without a field of their own (contacts, order, form answer …). */
  content?: Record<string, unknown>;
  /** Of a form: what was filled in, by the names that the form's author gave; without `flow_token`. */
  answers?: Record<string, unknown>;
  /** Id of the message this one quotes, reacts to, edits or deletes. */
  refersTo?: string;
  forwarded?: boolean;
  /** Forwarded so often that WhatsApp marks it as viral; `forwarded` is true as well. */
  frequentlyForwarded?: boolean;
  groupId?: string;
  /** The advertisement or post that led here, as sent by the provider. */
  referral?: Record<string, unknown>;
  /** The item of the catalogue that the question is about, as sent by the provider. */
  product?: Record<string, unknown>;
}
