import { asBoolean, asList, asNumber, asObject, asText, ControlError, compact, type Json } from "../read.ts";
import type { PersonInput } from "./people.ts";

/** A message that a person is to send, as the control address takes it. */
export interface PersonMessage {
  /** Business number written to. */
  number: string;
  person: PersonInput;
  /** The webhook leaves the phone out, as Meta does for people with a user name whom we do not know. */
  hidePhone: boolean;
  type: string;
  /** Body of a text, caption of a file. */
  text?: string;
  media?: { bytes: Buffer; mimeType: string; fileName?: string; voice: boolean };
  /** The object under the type's key for everything that is neither text nor file. */
  content?: unknown;
  /** Id of the message quoted. */
  replyTo?: string;
  forwarded: boolean;
  /** An id used before makes a duplicate. */
  wamid?: string;
  /** Milliseconds since 1970; now if absent. */
  sentAt?: number;
  /** Further keys of the message object (`referral`, `errors` …). */
  extra: Json;
}

export interface PersonRequest {
  /** One webhook a message in turn, all in one webhook, or one webhook a message at once. */
  delivery: "single" | "batch" | "album";
  /** How often each webhook is posted: more than once makes duplicates. */
  repeat: number;
  /** Answer the control request only after the callback has answered. */
  wait: boolean;
  messages: PersonMessage[];
}

/** Meta puts at most this many updates into one webhook. */
const MAX_BATCH = 1000;
const mediaTypes = new Set(["image", "video", "audio", "document", "sticker"]);

/** Reads `POST /sandbox/messages`. Throws ControlError naming the field. */
export function readPersonRequest(value: unknown, defaultNumber: string | undefined): PersonRequest {
  const body = asObject(value);
  const delivery = body["delivery"] ?? "single";
  if (delivery !== "single" && delivery !== "batch" && delivery !== "album") {
    throw new ControlError("delivery: use single, batch or album");
  }
  const items = body["messages"] === undefined ? [body] : asList(body["messages"]);
  if (items.length === 0 || items.length > MAX_BATCH) {
    throw new ControlError(`messages: 1 to ${MAX_BATCH} in one request`);
  }
  const number = asText(body["number"]) ?? defaultNumber;
  const messages = items.map((item, index) => {
    try {
      return readMessage({ number, person: body["person"], ...asObject(item) });
    } catch (error) {
      throw error instanceof ControlError ? new ControlError(`messages[${index}].${error.message}`) : error;
    }
  });
  return {
    delivery,
    repeat: asNumber(body["repeat"]) ?? 1,
    wait: asBoolean(body["wait"]) ?? false,
    messages,
  };
}

function readMessage(item: Json): PersonMessage {
  const number = asText(item["number"]);
  if (!number) throw new ControlError("number: give the phoneNumberId written to");
  const type = asText(item["type"]) ?? "text";
  const media = readMedia(item["media"]);
  const text = asText(item["text"]);
  if (type === "text" && text === undefined) throw new ControlError("text: missing");
  if (mediaTypes.has(type) && !media) throw new ControlError("media: give {mimeType, base64}");
  return {
    number,
    type,
    person: readPerson(item["person"]),
    hidePhone: asBoolean(asObject(item["person"])["hidePhone"]) ?? false,
    forwarded: asBoolean(item["forwarded"]) ?? false,
    extra: asObject(item["extra"]),
    ...compact({
      text,
      media,
      content: item["content"],
      replyTo: asText(item["replyTo"]),
      wamid: asText(item["wamid"]),
      sentAt: readTime(item["sentAt"]),
    }),
  };
}

function readPerson(value: unknown): PersonInput {
  const given = asObject(value);
  const phone = asText(given["phone"]);
  if (phone !== undefined && !/^\+?\d{5,20}$/.test(phone)) {
    throw new ControlError("person.phone: digits with the country code, e.g. +447700900123");
  }
  const userId = given["userId"] === null ? null : asText(given["userId"]);
  if (!phone && !userId) throw new ControlError("person: give phone, userId or both");
  return compact({ phone, userId, name: asText(given["name"]), username: asText(given["username"]) });
}

function readMedia(value: unknown): PersonMessage["media"] {
  if (value === undefined) return undefined;
  const given = asObject(value);
  const mimeType = asText(given["mimeType"]);
  const base64 = asText(given["base64"]);
  if (!mimeType || !base64) throw new ControlError("media: give mimeType and base64");
  return {
    mimeType,
    bytes: Buffer.from(base64, "base64"),
    voice: asBoolean(given["voice"]) ?? false,
    ...compact({ fileName: asText(given["fileName"]) }),
  };
}

function readTime(value: unknown): number | undefined {
  const time = typeof value === "string" ? Date.parse(value) : asNumber(value);
  if (time !== undefined && !Number.isFinite(time))
    throw new ControlError("sentAt: ISO 8601 or milliseconds");
  return time;
}
