/**
 * What Meta's webhooks can hold, row by row, as its reference and changelog tell (state: August 2026). Each entry is a
 * place in a payload as meta-coverage.test.ts writes it down: `field.path.to.key`, `=value` after it for closed lists,
 * `!key` for a key that may be missing, and the type of a message in brackets.
 */
export interface Row {
  row: string;
  places: string[];
}

export function under(prefix: string, keys: string): string[] {
  return keys.split(" ").map((key) => `${prefix}.${key}`);
}

/** Each of the values of one key. */
export function each(place: string, values: string): string[] {
  return values.split(" ").map((value) => `${place}=${value}`);
}

/** A message's own object, on `messages`. */
function message(type: string, keys: string): string[] {
  return under(`messages.messages[${type}].${type}`, keys);
}

const media = "mime_type sha256 id url !url";
const message0 = "messages.messages[text]";
const interactive = "messages.messages[interactive].interactive";
const status = "messages.statuses[]";

export const envelope: Row[] = [
  { row: "number", places: under("messages.metadata", "display_phone_number phone_number_id") },
  { row: "sender with everything", places: under("messages.contacts[]", "wa_id user_id parent_user_id") },
  { row: "sender without a phone number", places: ["messages.contacts[].!wa_id", `${message0}.!from`] },
  { row: "profile", places: under("messages.contacts[]", "profile.name profile.username identity_key_hash") },
  {
    row: "errors of the account",
    places: under("messages.errors[]", "code title message error_data.details href"),
  },
  { row: "user actions", places: ["messages.user_actions[]"] },
];

export const messageParts: Row[] = [
  {
    row: "who and when",
    places: under(message0, "from from_user_id from_parent_user_id id timestamp group_id"),
  },
  { row: "quoting", places: under(`${message0}.context`, "from id") },
  { row: "forwarded", places: under(`${message0}.context`, "forwarded frequently_forwarded") },
  {
    row: "about a product",
    places: under(`${message0}.context.referred_product`, "catalog_id product_retailer_id"),
  },
  {
    row: "from an advertisement",
    places: [
      ...under(`${message0}.referral`, "source_url source_id body headline media_type image_url video_url"),
      ...under(`${message0}.referral`, "thumbnail_url ctwa_clid !ctwa_clid welcome_message.text"),
      ...each(`${message0}.referral.source_type`, "ad post"),
    ],
  },
];

const unsupportedKinds =
  "errors gif group_invite hsm image interactive keep_in_chat link_preview list location media_placeholder order pin " +
  "poll_creation poll_update product reaction edit";

export const messageTypes: Row[] = [
  { row: "text", places: message("text", "body") },
  { row: "image", places: message("image", `caption !caption ${media}`) },
  { row: "video", places: message("video", `caption ${media}`) },
  {
    row: "audio",
    places: [...message("audio", media), ...each("messages.messages[audio].audio.voice", "true false")],
  },
  { row: "voice (old)", places: message("voice", "mime_type sha256 id") },
  { row: "document", places: message("document", `caption filename ${media}`) },
  {
    row: "sticker",
    places: [
      ...message("sticker", media),
      ...each("messages.messages[sticker].sticker.animated", "true false"),
    ],
  },
  { row: "location", places: message("location", "latitude longitude name !name address url") },
  {
    row: "contacts",
    places: [
      ...under("messages.messages[contacts].contacts[].name", "formatted_name first_name last_name"),
      ...under("messages.messages[contacts].contacts[].phones[]", "phone wa_id type"),
      ...under(
        "messages.messages[contacts].contacts[]",
        "emails[] addresses[] org urls[] birthday vcard !name",
      ),
      ...each("messages.messages[contacts].contacts[].origin", "contact_request other"),
      "messages.messages[contacts].origin=contact_request",
    ],
  },
  { row: "button chosen", places: under(`${interactive}.button_reply`, "id title") },
  { row: "list row chosen", places: under(`${interactive}.list_reply`, "id title description !description") },
  { row: "form", places: under(`${interactive}.nfm_reply`, "name body response_json") },
  {
    row: "call permission",
    places: [
      ...each(`${interactive}.call_permission_reply.response`, "accept reject"),
      ...under(
        `${interactive}.call_permission_reply`,
        "expiration_timestamp !expiration_timestamp response_source",
      ),
    ],
  },
  { row: "interactive without its object", places: ["messages.messages[interactive].!interactive"] },
  { row: "button", places: [...message("button", "payload text"), "messages.messages[button].!context"] },
  {
    row: "reaction",
    places: [
      ...message("reaction", "message_id emoji !emoji"),
      "messages.messages[reaction].reaction.emoji=",
    ],
  },
  {
    row: "order",
    places: [
      ...message("order", "catalog_id text"),
      ...message("order", "product_items[].product_retailer_id product_items[].quantity"),
      ...message("order", "product_items[].item_price product_items[].currency"),
    ],
  },
  {
    row: "system",
    places: [
      ...each(
        "messages.messages[system].system.type",
        "user_changed_number user_changed_user_id customer_identity_changed",
      ),
      ...message("system", "body wa_id user_id previous_user_id parent_user_id previous_parent_user_id"),
      ...message("system", "identity customer"),
      "messages.messages[system].!from",
    ],
  },
  {
    row: "unsupported",
    places: [
      ...each("messages.messages[unsupported].errors[].code", "131051 131060"),
      ...each("messages.messages[unsupported].unsupported.type", unsupportedKinds),
    ],
  },
  {
    row: "edit",
    places: [
      ...message("edit", "original_message_id"),
      ...each("messages.messages[edit].edit.message.type", "text image"),
    ],
  },
  { row: "revoke", places: message("revoke", "original_message_id") },
  { row: "request_welcome", places: ["messages.messages[request_welcome].id"] },
  { row: "unknown", places: ["messages.messages[hologram].id"] },
];

export const statuses: Row[] = [
  { row: "states", places: each(`${status}.status`, "sent delivered read played failed deleted warning") },
  { row: "of an unknown kind", places: each(`${status}.status`, "teleported") },
  {
    row: "to whom",
    places: under(status, "recipient_id !recipient_id recipient_user_id recipient_parent_user_id"),
  },
  {
    row: "in a group",
    places: [
      `${status}.recipient_type=group`,
      ...under(
        status,
        "recipient_participant_id recipient_participant_user_id recipient_participant_parent_user_id",
      ),
    ],
  },
  {
    row: "what we gave along",
    places: under(status, "biz_opaque_callback_data recipient_identity_key_hash"),
  },
  {
    row: "conversation",
    places: under(
      status,
      "conversation.id conversation.expiration_timestamp conversation.origin.type !conversation",
    ),
  },
  {
    row: "pricing",
    places: [
      `${status}.!pricing`,
      `${status}.pricing.!billable`,
      ...each(`${status}.pricing.billable`, "true false"),
      ...each(`${status}.pricing.pricing_model`, "PMP CBP"),
      ...each(`${status}.pricing.type`, "regular free_customer_service free_entry_point"),
      ...each(
        `${status}.pricing.category`,
        "authentication authentication-international marketing marketing_lite",
      ),
      ...each(
        `${status}.pricing.category`,
        "authentication_international referral_conversion service utility",
      ),
    ],
  },
  { row: "errors", places: under(`${status}.errors[]`, "code title message error_data.details href") },
  { row: "of payments and calls", places: each(`${status}.type`, "payment") },
];
