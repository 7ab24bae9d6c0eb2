import type { MediaRef, Message, MessageType } from "../../sdk/index.ts";
import { asFields, asId, asText, type Fields, objectsOf } from "./fields.ts";
import {
  callPermissionText,
  contactsText,
  formAnswers,
  formText,
  locationText,
  orderText,
  reactionText,
  systemText,
  unsupportedText,
} from "./message-text.ts";

/** What a message says, apart from who, when and in answer to what. */
export type Content = Pick<
  Message,
  "type" | "text" | "media" | "location" | "content" | "answers" | "refersTo"
>;

/** Takes the object under the message's type. Undefined when it lacks what the type is about. */
type Reader = (object: Fields) => Content | undefined;

const readers = new Map<string, Reader>([
  ["text", readText],
  ["image", (object) => readMedia("image", "Image", object)],
  ["video", (object) => readMedia("video", "Video", object)],
  ["audio", (object) => (object["voice"] === true ? readVoice(object) : readMedia("audio", "Audio", object))],
  ["voice", readVoice],
  ["document", (object) => readMedia("document", "Document", object)],
  ["sticker", (object) => readMedia("sticker", "Sticker", object)],
  ["location", readLocation],
  ["interactive", readInteractive],
  ["button", readButton],
  ["reaction", readReaction],
  ["order", (object) => ({ type: "order", text: orderText(object), content: object })],
  ["system", (object) => ({ type: "system", text: systemText(object), content: object })],
  ["edit", readEdit],
  ["revoke", readRevoke],
]);

/**
 * Content of a message of any type (whatsapp/webhooks/reference/messages, 2026). A type that is new, or whose object
 * is missing or lacks the essential, becomes `unsupported` with the whole message kept.
 */
export function contentOf(message: Fields): Content {
  return readKnown(message) ?? { type: "unsupported", text: unsupportedText(message), content: message };
}

function readKnown(message: Fields): Content | undefined {
  const type = asText(message["type"]) ?? "";
  if (type === "request_welcome") return { type: "welcome", text: "[Opened the chat]" };
  if (type === "contacts") return readContacts(objectsOf(message["contacts"]));
  const object = asFields(message[type]);
  return object && readers.get(type)?.(object);
}

function readText(object: Fields): Content | undefined {
  const text = asText(object["body"]);
  return text === undefined ? undefined : { type: "text", text, content: object };
}

function readVoice(object: Fields): Content | undefined {
  return readMedia("voice", "Voice message", object);
}

function readMedia(type: MessageType, label: string, object: Fields): Content | undefined {
  const media = mediaOf(object);
  if (!media) return undefined;
  const placeholder = media.fileName ? `[${label}: ${media.fileName}]` : `[${label}]`;
  return { type, text: asText(object["caption"]) ?? placeholder, media, content: object };
}

function mediaOf(object: Fields): MediaRef | undefined {
  const id = asId(object["id"]);
  if (!id) return undefined;
  const sha256 = asText(object["sha256"]);
  const fileName = fileNameOf(object["filename"]);
  const url = asText(object["url"]);
  return {
    id,
    mimeType: asText(object["mime_type"]) ?? "application/octet-stream",
    ...(sha256 ? { sha256 } : {}),
    ...(fileName ? { fileName } : {}),
    ...(url ? { url } : {}),
  };
}

/** The sender chooses the name: without folders and control characters it cannot leave its place. */
function fileNameOf(value: unknown): string | undefined {
  const name = asText(value)
    ?.split(/[\\/]/)
    .at(-1)
    ?.replace(/\p{Cc}/gu, "")
    .trim();
  return name === undefined || /^\.*$/.test(name) ? undefined : name;
}

function readLocation(object: Fields): Content | undefined {
  const { latitude, longitude } = object;
  if (typeof latitude !== "number" || typeof longitude !== "number") return undefined;
  const name = asText(object["name"]);
  const address = asText(object["address"]);
  const location = { latitude, longitude, ...(name ? { name } : {}), ...(address ? { address } : {}) };
  return { type: "location", text: locationText(object), location, content: object };
}

function readContacts(cards: Fields[]): Content | undefined {
  return cards.length === 0
    ? undefined
    : { type: "contacts", text: contactsText(cards), content: { contacts: cards } };
}

function readInteractive(object: Fields): Content | undefined {
  const reply = asFields(object[asText(object["type"]) ?? ""]);
  if (!reply) return undefined;
  switch (object["type"]) {
    case "button_reply":
    case "list_reply":
      return { type: "choice", text: asText(reply["title"]) ?? "[Choice]", content: object };
    case "nfm_reply":
      return { type: "form", text: formText(reply), content: object, ...answersOf(reply) };
    case "call_permission_reply":
      return { type: "call_permission", text: callPermissionText(reply), content: object };
    default:
      return undefined;
  }
}

function answersOf(reply: Fields): Pick<Content, "answers"> {
  const answers = formAnswers(reply);
  return answers ? { answers } : {};
}

function readButton(object: Fields): Content {
  const text = asText(object["text"]) ?? asText(object["payload"]) ?? "[Button]";
  return { type: "button", text, content: object };
}

function readReaction(object: Fields): Content {
  return {
    type: "reaction",
    text: reactionText(object),
    content: object,
    ...refersTo(object["message_id"]),
  };
}

function readEdit(object: Fields): Content | undefined {
  const edited = asFields(object["message"]);
  if (!edited) return undefined;
  const { media, location, text } = contentOf(edited);
  return {
    type: "edit",
    text: `[Edited] ${text}`,
    ...(media ? { media } : {}),
    ...(location ? { location } : {}),
    content: object,
    ...refersTo(object["original_message_id"]),
  };
}

function readRevoke(object: Fields): Content {
  return {
    type: "deletion",
    text: "[Deleted a message]",
    content: object,
    ...refersTo(object["original_message_id"]),
  };
}

function refersTo(id: unknown): { refersTo: string } | undefined {
  const messageId = asId(id);
  return messageId ? { refersTo: messageId } : undefined;
}
