import type { Pseudonyms } from "./pseudonyms.ts";

type Treatment = "text" | "id" | "phone" | "url" | "word" | "answers" | "inside";

/** Fields of the provider's own objects that are understood. All others are dropped, whatever they hold. */
const treatments = new Map<string, Treatment>([
  ...fields(
    "text",
    "body caption title description text payload filename city street state zip country address",
  ),
  ...fields(
    "text",
    "formatted_name first_name last_name middle_name prefix suffix company department headline",
  ),
  ...fields("text", "product_retailer_id item_price currency quantity email response name emoji"),
  ...fields("id", "id sha256 message_id original_message_id catalog_id source_id ctwa_clid identity"),
  ...fields("phone", "phone wa_id new_wa_id"),
  ...fields("url", "url source_url media_url image_url thumbnail_url link"),
  ...fields("word", "type mime_type source_type media_type voice animated"),
  ...fields("answers", "response_json"),
  ...fields(
    "inside",
    "contacts phones emails urls addresses org message image video audio voice_message document",
  ),
  ...fields("inside", "sticker button_reply list_reply nfm_reply call_permission_reply product_items"),
]);

function fields(treatment: Treatment, names: string): [string, Treatment][] {
  return names.split(" ").map((name) => [name, treatment]);
}

/** Words of the provider's that stand for a kind, never for a person. */
const KNOWN_WORD =
  /^(button_reply|list_reply|nfm_reply|call_permission_reply|text|image|video|audio|document|sticker|ad|post|HOME|WORK|CELL|user_changed_number|customer_changed_number|user_changed_user_id|customer_identity_changed)$/;
const KNOWN_MEDIA =
  /^(image\/(jpeg|png|webp|gif)|video\/(mp4|3gpp)|audio\/(ogg|mpeg|aac|amr|mp4)(; ?codecs=opus)?|application\/(pdf|msword|zip|json|vnd\.ms-excel|vnd\.ms-powerpoint)|text\/(plain|csv))$/;
const ANSWER = /^[a-z][a-z0-9_]{0,60}$/;
const MAX_DEPTH = 6;

/** The provider's object with everything replaced that a person may have written, and all that is unknown left out. */
export function anonymiseContent(content: unknown, names: Pseudonyms, depth = 0): Record<string, unknown> {
  if (typeof content !== "object" || content === null || depth > MAX_DEPTH) return {};
  const known = Object.entries(content).flatMap(([key, value]) => {
    const treatment = treatments.get(key);
    return treatment ? [[key, treat(value, treatment, names, depth)] as const] : [];
  });
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}

function treat(value: unknown, how: Treatment, names: Pseudonyms, depth: number): unknown {
  if (how === "answers") return answers(value, names);
  if (Array.isArray(value)) return value.map((item) => treat(item, how, names, depth + 1));
  if (typeof value === "object" && value !== null) return anonymiseContent(value, names, depth + 1);
  if (typeof value === "number") return names.number(value);
  if (typeof value !== "string") return value;
  switch (how) {
    case "id":
      return names.id(value);
    case "phone":
      return names.phone(value);
    case "url":
      return names.url(value);
    case "word":
      return KNOWN_WORD.test(value) || KNOWN_MEDIA.test(value) ? value : names.text(value);
    default:
      return names.text(value);
  }
}

/** What is not among the usual types could have been chosen by the person. */
export function mediaType(type: string): string {
  return KNOWN_MEDIA.test(type) ? type : "application/octet-stream";
}

/** A form's answers as the provider sends them, in a text. */
function answers(value: unknown, names: Pseudonyms): unknown {
  if (typeof value !== "string") return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
    return JSON.stringify(anonymiseAnswers(parsed, names));
  } catch {
    return undefined;
  }
}

/** Names of answers are those of the form, which the organisation has made. */
export function anonymiseAnswers(answers: object, names: Pseudonyms): Record<string, unknown> {
  const known = Object.entries(answers).filter(([key]) => ANSWER.test(key) && key !== "flow_token");
  return Object.fromEntries(known.map(([key, answer]) => [key, plainAnswer(answer, names)]));
}

function plainAnswer(value: unknown, names: Pseudonyms): unknown {
  if (typeof value === "string") return names.text(value);
  if (typeof value === "number") return names.number(value);
  if (Array.isArray(value))
    return value.map((item) => (typeof item === "object" ? null : plainAnswer(item, names)));
  return typeof value === "boolean" ? value : null;
}
