/** Webhook bodies as Meta sends them (Cloud API, field `messages`), one for each type of message. */

interface MetaMessage {
  title: string;
  /** What differs from message to message. */
  message: Record<string, unknown>;
  /** Someone else than usual. */
  from?: { phone?: string; userId: string; profile: Record<string, string> };
}

const amina = {
  phone: "254711222333",
  userId: "KE.13491208655302741918",
  profile: { name: "Amina Otieno", username: "amina.o" },
};
/** Since 2026 people with a user name may hide their number. */
const hidden = { userId: "GB.20571208655302741919", profile: { name: "Ana", username: "ana.f" } };
const layla = { phone: "962790123456", userId: "JO.30571208655302741920", profile: { name: "ليلى حداد" } };

const replied = { from: "442079460100", id: "wamid.HBgMMjU0NzExMjIyMzMzFQIAERgS" };
const sha256 = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=";

const messages: MetaMessage[] = [
  { title: "text", message: text("The water pump at the school is broken. It is urgent!") },
  { title: "text in Arabic", message: text("مرحبا، هناك تسرب ماء في الشارع رقم 7"), from: layla },
  { title: "text, phone number hidden", message: text("The lamp in Mill Road is out."), from: hidden },
  { title: "text, in answer to a message", message: { ...text("Yes, still."), context: replied } },
  { title: "image", message: file("image", { caption: "The pothole", mime_type: "image/jpeg" }) },
  { title: "video", message: file("video", { caption: "It leaks", mime_type: "video/mp4" }) },
  { title: "audio", message: file("audio", { mime_type: "audio/mpeg", voice: false }) },
  { title: "voice note", message: file("audio", { mime_type: "audio/ogg; codecs=opus", voice: true }) },
  {
    title: "document",
    message: file("document", { caption: "My form", filename: "form 7.pdf", mime_type: "application/pdf" }),
  },
  { title: "sticker", message: file("sticker", { mime_type: "image/webp", animated: false }) },
  {
    title: "location",
    message: {
      type: "location",
      location: {
        latitude: -1.2864,
        longitude: 36.8172,
        name: "City Hall",
        address: "City Hall Way, Nairobi",
      },
    },
  },
  {
    title: "contact card",
    message: {
      type: "contacts",
      contacts: [
        {
          name: { formatted_name: "Grace Example", first_name: "Grace" },
          phones: [{ phone: "+44 7700 900456", wa_id: "447700900456", type: "CELL" }],
          emails: [{ email: "grace@example.org", type: "WORK" }],
        },
      ],
    },
  },
  {
    title: "button of a template",
    message: { type: "button", button: { payload: "STILL_BROKEN", text: "Still broken" }, context: replied },
  },
  {
    title: "choice from a list",
    message: interactive("list_reply", { id: "water", title: "Water", description: "Pumps and pipes" }),
  },
  {
    title: "form, filled in",
    message: interactive("nfm_reply", {
      name: "flow",
      body: "Sent",
      response_json: JSON.stringify({
        category: "Street light",
        ward: "Ward 12",
        urgent: true,
        notes: "Out since Monday",
        flow_token: "unused",
      }),
    }),
  },
  {
    title: "reaction",
    message: { type: "reaction", reaction: { message_id: replied.id, emoji: "👍" } },
  },
  {
    title: "order",
    message: {
      type: "order",
      order: {
        catalog_id: "400000000000001",
        text: "Leave it at the door",
        product_items: [{ product_retailer_id: "bin-120", quantity: 2, item_price: 12.5, currency: "GBP" }],
      },
    },
  },
  {
    title: "system: a new phone number",
    message: {
      type: "system",
      system: {
        body: "User Amina changed from 254711222333 to 254711222444",
        type: "user_changed_number",
        wa_id: "254711222444",
        user_id: amina.userId,
        previous_user_id: amina.userId,
      },
    },
  },
  {
    title: "edit of a text",
    message: {
      type: "edit",
      edit: {
        original_message_id: "wamid.HBgMMjU0NzExMjIyMzMzFQIAEhgg",
        message: { type: "text", text: { body: "The water pump at number 7 is broken." } },
      },
    },
  },
  {
    title: "deletion",
    message: { type: "revoke", revoke: { original_message_id: "wamid.HBgMMjU0NzExMjIyMzMzFQIAEhgg" } },
  },
  {
    title: "permission to call",
    message: interactive("call_permission_reply", { response: "accept", response_source: "user_action" }),
  },
  { title: "chat opened for the first time", message: { type: "request_welcome" } },
  {
    title: "a kind that WhatsApp does not pass on",
    message: {
      type: "unsupported",
      unsupported: { type: "poll_creation" },
      errors: [{ code: 131051, title: "Message type unknown", message: "Message type unknown" }],
    },
  },
];

/** Title and raw body of each. */
export const sampleMessages = messages.map(({ title, message, from = amina }, index) => ({
  title,
  body: JSON.stringify(webhookOf(message, from, index)),
}));

function webhookOf(message: MetaMessage["message"], from: NonNullable<MetaMessage["from"]>, index: number) {
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "442079460100", phone_number_id: "100000000000001" },
    contacts: [{ profile: from.profile, user_id: from.userId, ...(from.phone ? { wa_id: from.phone } : {}) }],
    messages: [
      {
        ...(from.phone ? { from: from.phone } : {}),
        from_user_id: from.userId,
        id: `wamid.HBgMMjU0NzExMjIyMzMzFQIAEhgg${String(index).padStart(4, "0")}`,
        timestamp: String(1_795_000_000 + index),
        ...message,
      },
    ],
  };
  const changes = [{ field: "messages", value }];
  return { object: "whatsapp_business_account", entry: [{ id: "200000000000001", changes }] };
}

function text(body: string) {
  return { type: "text", text: { body } };
}

function file(type: string, content: Record<string, unknown>) {
  return { type, [type]: { ...content, sha256, id: "300000000000001" } };
}

function interactive(type: string, content: Record<string, unknown>) {
  return { type: "interactive", context: replied, interactive: { type, [type]: content } };
}
