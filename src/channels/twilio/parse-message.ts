import type { MediaRef, Message, MessageReceived, MessageType } from "../../sdk/index.ts";
import { formAnswers, formText, locationText } from "../cloud-api/message-text.ts";
import { personOf } from "./address.ts";
import type { Item, Outcome } from "./item.ts";

type Content = Pick<Message, "type" | "text" | "media" | "location" | "answers">;

/**
 * A message of a person. A second file and more become messages of their own with ids derived from the first's, in
 * order, so that a repeat gives the same. Stable apart from the time, which is that of the arrival.
 */
export function parseMessage({ id, form, arrival, accountId }: Item): Outcome {
  const person = personOf(form, "From");
  if (!person) return { reason: "message without a sender" };
  const events = contentsOf(form).map((content, index): MessageReceived & { accountId: string } => {
    const messageId = index === 0 ? id : `${id}/${index}`;
    const message = {
      id: messageId,
      sentAt: arrival.receivedAt,
      ...content,
      content: Object.fromEntries(form),
      ...contextOf(form),
    };
    return { type: "message.received", id: messageId, at: arrival.receivedAt, accountId, person, message };
  });
  return { events };
}

function contentsOf(form: ReadonlyMap<string, string>): Content[] {
  const files = filesOf(form);
  const [first, ...others] = files;
  if (first) return [captioned(first, form), ...others];
  return [locationOf(form) ?? replyOf(form) ?? textOf(form) ?? unsupported(form)];
}

/** WhatsApp has one file a message today; Twilio numbers them. A file without a readable address is none. */
function filesOf(form: ReadonlyMap<string, string>): Content[] {
  const files: Content[] = [];
  for (let index = 0; form.has(`MediaUrl${index}`); index += 1) {
    const media = mediaOf(form.get(`MediaUrl${index}`) ?? "", form.get(`MediaContentType${index}`));
    if (media) files.push({ ...labelOf(media.mimeType), media });
  }
  return files;
}

const MEDIA_PATH = /\/Messages\/([A-Z]{2}[0-9a-zA-Z]{1,64})\/Media\/(ME[0-9a-zA-Z]{1,64})$/;

function mediaOf(url: string, mimeType: string | undefined): MediaRef | undefined {
  const ids = URL.canParse(url) ? MEDIA_PATH.exec(new URL(url).pathname) : null;
  return ids
    ? { id: `${ids[1]}/${ids[2]}`, mimeType: mimeType || "application/octet-stream", url }
    : undefined;
}

/** Of images WhatsApp sends only stickers as WebP; contact cards come as vCards; voice is not told from audio. */
function labelOf(mimeType: string): { type: MessageType; text: string } {
  const [kind] = mimeType.split("/");
  if (mimeType === "image/webp") return { type: "sticker", text: "[Sticker]" };
  if (/^text\/(x-)?vcard$/.test(mimeType)) return { type: "contacts", text: "[Contact card]" };
  if (kind === "image") return { type: "image", text: "[Image]" };
  if (kind === "video") return { type: "video", text: "[Video]" };
  return kind === "audio" ? { type: "audio", text: "[Audio]" } : { type: "document", text: "[Document]" };
}

function captioned(content: Content, form: ReadonlyMap<string, string>): Content {
  const caption = form.get("Body")?.trim();
  return caption ? { ...content, text: form.get("Body") ?? caption } : content;
}

function locationOf(form: ReadonlyMap<string, string>): Content | undefined {
  const latitude = Number(form.get("Latitude") || Number.NaN);
  const longitude = Number(form.get("Longitude") || Number.NaN);
  if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return undefined;
  const name = form.get("Label")?.trim();
  const address = form.get("Address")?.trim();
  const location = { latitude, longitude, ...(name ? { name } : {}), ...(address ? { address } : {}) };
  return { type: "location", text: locationText(location), location };
}

/**
 * What was tapped or filled in. `InteractiveData` of a filled-in form is unverified (no page of Twilio's that was found
 * names it, 2026); under another name the form comes as its text, and its fields are in the event's content all the same.
 */
function replyOf(form: ReadonlyMap<string, string>): Content | undefined {
  const data = form.get("InteractiveData");
  if (data) return formOf({ response_json: data, body: form.get("Body") });
  const title =
    form.get("ButtonText") || form.get("ListTitle") || form.get("ButtonPayload") || form.get("ListId");
  if (!title) return undefined;
  return { type: form.get("MessageType") === "button" ? "button" : "choice", text: title };
}

function formOf(reply: Record<string, unknown>): Content {
  const answers = formAnswers(reply);
  return { type: "form", text: formText(reply), ...(answers ? { answers } : {}) };
}

function textOf(form: ReadonlyMap<string, string>): Content | undefined {
  const text = form.get("Body");
  return text?.trim() ? { type: "text", text } : undefined;
}

function unsupported(form: ReadonlyMap<string, string>): Content {
  const kind = form.get("MessageType");
  const isWord = kind !== undefined && /^[a-z_]{1,40}$/.test(kind) && kind !== "unsupported";
  return { type: "unsupported", text: isWord ? `[Unsupported message: ${kind}]` : "[Unsupported message]" };
}

/** `ReferralNumMedia=0` comes with every message and says nothing. */
const referralKey = /^Referral(?!NumMedia$)/;

function contextOf(form: ReadonlyMap<string, string>): Partial<Message> {
  const quoted = form.get("OriginalRepliedMessageSid");
  const referral = Object.fromEntries([...form].filter(([key, value]) => referralKey.test(key) && value));
  const isForwarded = form.get("Forwarded") === "true" || form.get("FrequentlyForwarded") === "true";
  return {
    ...(quoted ? { refersTo: quoted } : {}),
    ...(isForwarded ? { forwarded: true } : {}),
    ...(Object.keys(referral).length > 0 ? { referral } : {}),
  };
}
