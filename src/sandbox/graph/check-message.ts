import { asList, asNumber, asObject, asText, compact, type Json } from "../read.ts";
import { type CheckedInteractive, checkInteractive } from "./check-interactive.ts";
import { type CheckedMedia, checkMedia } from "./check-media.ts";
import { checkTemplate } from "./check-template.ts";
import type { GraphError } from "./graph-error.ts";
import type { MediaStore } from "./media.ts";
import { mediaKinds } from "./media-kinds.ts";
import type { GraphTemplate } from "./settings.ts";
import type { Templates } from "./templates.ts";

/** What the person gets. */
export interface CheckedContent {
  type: string;
  /** What they read. */
  text: string;
  template?: GraphTemplate;
  media?: CheckedMedia;
  /** What they can tap. */
  taps?: CheckedInteractive["taps"];
  /** Id of the message that a reaction is for. */
  reactsTo?: string;
}

/** A send request that is well formed; whether the window is open is another question. */
export interface CheckedMessage extends CheckedContent {
  to: { phone?: string; userId?: string };
  /** The recipient as the caller wrote it. */
  input: string;
  callbackData?: string;
  /** Id of the message quoted. */
  replyTo?: string;
}

/** What a message can refer to. */
export interface Known {
  templates: Templates;
  media: MediaStore;
  phoneNumberId: string;
}

/** Free text of Meta's "text" message, in UTF-16 units. */
const MAX_TEXT = 4096;
const MAX_CALLBACK_DATA = 512;

type Check = (content: Json, known: Known, body: Json) => Omit<CheckedContent, "type"> | GraphError;

const missing = (field: string): GraphError => ({
  code: 131008,
  details: `The parameter ${field} is required.`,
});
const wrong = (field: string, reason: string): GraphError => ({
  code: 131009,
  details: `Parameter value is not valid: ${field} ${reason}`,
});

const checks: Record<string, Check> = {
  text: (content) => {
    const text = asText(content["body"]);
    if (!text) return missing("text.body");
    return text.length > MAX_TEXT ? wrong("text.body", `exceeds ${MAX_TEXT} characters`) : { text };
  },
  template: (content, known) => checkTemplate(content, known),
  location: (content) => {
    const isPlace = ["latitude", "longitude"].every(
      (field) => asNumber(Number(content[field] ?? Number.NaN)) !== undefined,
    );
    return isPlace ? { text: asText(content["name"]) ?? "[location]" } : missing("location.latitude");
  },
  reaction: (content) => {
    const reactsTo = asText(content["message_id"]);
    if (!reactsTo) return missing("reaction.message_id");
    return typeof content["emoji"] === "string"
      ? { text: content["emoji"], reactsTo }
      : missing("reaction.emoji");
  },
  interactive: (content) => checkInteractive(content),
  contacts: (_content, _known, body) =>
    asList(body["contacts"]).length > 0 ? { text: "[contacts]" } : missing("contacts"),
};
for (const kind of mediaKinds) {
  checks[kind] = (content, known) => {
    const media = checkMedia(kind, content, known);
    return "code" in media ? media : { text: media.caption ?? `[${kind}]`, media };
  };
}

/** Checks the body of `POST /{phone-number-id}/messages`. */
export function checkMessage(body: Json, known: Known): CheckedMessage | GraphError {
  if (body["messaging_product"] !== "whatsapp")
    return { code: 100, details: "messaging_product must be whatsapp" };
  const recipient = recipientOf(body);
  if ("code" in recipient) return recipient;
  const callbackData = asText(body["biz_opaque_callback_data"]);
  if (callbackData && callbackData.length > MAX_CALLBACK_DATA) {
    return wrong("biz_opaque_callback_data", `exceeds ${MAX_CALLBACK_DATA} characters`);
  }
  const type = asText(body["type"]) ?? "text";
  const content = checks[type]?.(asObject(body[type]), known, body) ?? {
    code: 131051,
    details: `Unsupported message type: ${type}`,
  };
  if ("code" in content) return content;
  const replyTo = asText(asObject(body["context"])["message_id"]);
  return { type, ...recipient, ...content, ...compact({ callbackData, replyTo }) };
}

/** `to` is a phone, `recipient` a user id; the phone wins when both are given (business-scoped user ids, 2026). */
function recipientOf(body: Json): Pick<CheckedMessage, "to" | "input"> | GraphError {
  const to = asText(body["to"]);
  if (to !== undefined) {
    if (!/^\+?[\d\s().-]{5,24}$/.test(to)) return wrong("to", "is not a valid WhatsApp phone number");
    return { to: { phone: `+${to.replace(/\D/g, "")}` }, input: to };
  }
  const recipient = asText(body["recipient"]);
  if (recipient === undefined) return { code: 100, details: "The parameter to is required." };
  return { to: { userId: recipient }, input: recipient };
}
