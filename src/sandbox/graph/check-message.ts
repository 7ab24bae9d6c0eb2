import { asList, asNumber, asObject, asText, compact, type Json } from "../read.ts";
import { checkTemplate } from "./check-template.ts";
import type { GraphError } from "./graph-error.ts";
import type { GraphTemplate } from "./settings.ts";
import type { Templates } from "./templates.ts";

/** A send request that is well formed; whether the window is open is another question. */
export interface CheckedMessage {
  type: string;
  text: string;
  template?: GraphTemplate;
  to: { phone?: string; userId?: string };
  /** The recipient as the caller wrote it. */
  input: string;
  callbackData?: string;
}

/** Free text of Meta's "text" message, in UTF-16 units. */
const MAX_TEXT = 4096;
const MAX_CALLBACK_DATA = 512;

type Check = (content: Json, body: Json) => string | GraphError;

const missing = (field: string): GraphError => ({
  code: 131008,
  details: `The parameter ${field} is required.`,
});
const wrong = (field: string, reason: string): GraphError => ({
  code: 131009,
  details: `Parameter value is not valid: ${field} ${reason}`,
});

/** Per type: the text that the person sees, or the refusal. */
const checks: Record<string, Check> = {
  text: (content) => {
    const body = asText(content["body"]);
    if (!body) return missing("text.body");
    return body.length > MAX_TEXT ? wrong("text.body", `exceeds ${MAX_TEXT} characters`) : body;
  },
  image: media("image"),
  video: media("video"),
  audio: media("audio"),
  document: media("document"),
  sticker: media("sticker"),
  location: (content) => {
    const found = asNumber(Number(content["latitude"])) ?? asNumber(Number(content["longitude"]));
    return found === undefined ? missing("location.latitude") : (asText(content["name"]) ?? "[location]");
  },
  reaction: (content) =>
    asText(content["message_id"]) ? String(content["emoji"] ?? "") : missing("reaction.message_id"),
  interactive: (content) => {
    if (!asText(content["type"])) return missing("interactive.type");
    return asText(asObject(content["body"])["text"]) ?? "[interactive]";
  },
  contacts: (_content, body) => (asList(body["contacts"]).length > 0 ? "[contacts]" : missing("contacts")),
};

function media(type: string): Check {
  return (content) => {
    if (!asText(content["id"]) && !asText(content["link"])) return missing(`${type}.id or ${type}.link`);
    return asText(content["caption"]) ?? `[${type}]`;
  };
}

/** Checks the body of `POST /{phone-number-id}/messages`. */
export function checkMessage(body: Json, templates: Templates): CheckedMessage | GraphError {
  if (body["messaging_product"] !== "whatsapp")
    return { code: 100, details: "messaging_product must be whatsapp" };
  const recipient = recipientOf(body);
  if ("code" in recipient) return recipient;
  const callbackData = asText(body["biz_opaque_callback_data"]);
  if (callbackData && callbackData.length > MAX_CALLBACK_DATA) {
    return wrong("biz_opaque_callback_data", `exceeds ${MAX_CALLBACK_DATA} characters`);
  }
  const content = contentOf(body, templates);
  return "code" in content ? content : { ...recipient, ...content, ...compact({ callbackData }) };
}

function contentOf(
  body: Json,
  templates: Templates,
): { type: string; text: string; template?: GraphTemplate } | GraphError {
  const type = asText(body["type"]) ?? "text";
  if (type === "template") {
    const checked = checkTemplate(asObject(body["template"]), templates);
    return "code" in checked ? checked : { type, ...checked };
  }
  const text = checks[type]?.(asObject(body[type]), body) ?? {
    code: 131051,
    details: `Unsupported message type: ${type}`,
  };
  return typeof text === "string" ? { type, text } : text;
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
