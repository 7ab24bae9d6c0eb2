import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { StoredMedia } from "../../src/sandbox/graph/media.ts";
import {
  contactOf,
  messageOf,
  messagesValue,
  storeMedia,
  toEnvelope,
} from "../../src/sandbox/graph/payload.ts";
import type { PersonMessage } from "../../src/sandbox/graph/person-message.ts";
import { number } from "./graph-setup.ts";
import { quietWorld } from "./graph-world.ts";

const ana = {
  key: "+447700900123",
  phone: "+447700900123",
  userId: "GB.1",
  name: "Ana",
  lastMessageAt: new Map<string, number>(),
};

function message(own: Partial<PersonMessage>): PersonMessage {
  return { number: "1", person: {}, hidePhone: false, forwarded: false, type: "text", extra: {}, ...own };
}

function shown(own: Partial<PersonMessage>, media?: { stored: StoredMedia; url: string }) {
  const parts = {
    message: message(own),
    person: ana,
    wamid: "wamid.1",
    sentAt: 1_999,
    ...(media && { media }),
  };
  return messageOf(parts);
}

const head = { from: "447700900123", from_user_id: "GB.1", id: "wamid.1", timestamp: "1" };

test.each<[what: string, own: Partial<PersonMessage>, rest: object]>([
  ["a text", { text: "hi" }, { type: "text", text: { body: "hi" } }],
  [
    "a forwarded text",
    { text: "hi", forwarded: true, replyTo: "wamid.0" },
    { type: "text", text: { body: "hi" }, context: { forwarded: true } },
  ],
  [
    "an answer",
    { text: "hi", replyTo: "wamid.0" },
    { type: "text", text: { body: "hi" }, context: { from: "1", id: "wamid.0" } },
  ],
  ["a tap", { type: "button", content: { payload: "y" } }, { type: "button", button: { payload: "y" } }],
  ["an unknown kind", { type: "poll", text: "hi" }, { type: "poll" }],
  [
    "an advertisement's",
    { text: "hi", extra: { referral: { a: 1 } } },
    { type: "text", text: { body: "hi" }, referral: { a: 1 } },
  ],
])("the webhook shows %s", (_what, own, rest) => {
  expect(shown(own)).toEqual({ ...head, ...rest });
});

test("a hidden phone is in neither message nor contact", () => {
  const { from: _left, ...rest } = head;
  expect(shown({ text: "hi", hidePhone: true })).toEqual({ ...rest, type: "text", text: { body: "hi" } });
  expect(contactOf(ana, true)).toEqual({ profile: { name: "Ana" }, user_id: "GB.1" });
  const named = { ...ana, username: "ana" };
  const profile = { name: "Ana", username: "ana" };
  expect(contactOf(named, false)).toEqual({ profile, wa_id: "447700900123", user_id: "GB.1" });
});

const bytes = Buffer.from("bytes");
const sha256 = createHash("sha256").update(bytes).digest("base64");

test.each<[type: string, own: Partial<PersonMessage>, fileName: string | undefined, rest: object]>([
  ["image", { text: "Look" }, "a.png", { caption: "Look" }],
  ["document", {}, "a.pdf", { filename: "a.pdf" }],
  ["document", {}, undefined, { filename: "document" }],
  ["sticker", {}, undefined, { animated: false }],
  ["audio", { media: { bytes, mimeType: "m", voice: true } }, undefined, { voice: true }],
  ["audio", { media: { bytes, mimeType: "m", voice: false } }, undefined, { voice: false }],
  ["video", { media: { bytes, mimeType: "m", voice: true } }, "a.mp4", {}],
])("a file in a message of the type %s (%j, called %s) carries %j", (type, own, fileName, rest) => {
  const stored: StoredMedia = {
    id: "7",
    phoneNumberId: "1",
    mimeType: "m",
    bytes,
    from: "person",
    createdAt: 0,
    ...(fileName && { fileName }),
  };
  const content = { mime_type: "m", sha256, id: "7", url: "http://graph.test/7", ...rest };
  const expected = { ...head, type, [type]: content };
  expect(shown({ type, ...own }, { stored, url: "http://graph.test/7" })).toEqual(expected);
});

test("a person's file is kept for the number written to, under an address below ours", () => {
  const { world, dice } = quietWorld();
  expect(storeMedia(message({}), world.media, "http://graph.test")).toBeUndefined();
  const media = { bytes, mimeType: "image/png", fileName: "a.png", voice: false };
  const kept = storeMedia(message({ media }), world.media, "http://graph.test");
  expect(kept?.stored).toEqual({
    id: expect.stringMatching(/^\d{16}$/),
    phoneNumberId: "1",
    bytes,
    mimeType: "image/png",
    fileName: "a.png",
    from: "person",
    createdAt: dice.now,
  });
  expect(kept?.url).toMatch(/^http:\/\/graph\.test\/whatsapp_business\/attachments\/\?mid=/);
  const nameless = storeMedia(message({ media: { bytes, mimeType: "m", voice: false } }), world.media, "");
  expect(nameless?.stored).not.toHaveProperty("fileName");
});

test("changes of one account share an entry, in Meta's envelope", () => {
  const change = (wabaId: string, a: number) => ({ wabaId, field: `f${a}`, value: { a } });
  expect(toEnvelope([change("w1", 1), change("w2", 2), change("w1", 3)])).toEqual({
    object: "whatsapp_business_account",
    entry: [
      {
        id: "w1",
        changes: [
          { field: "f1", value: { a: 1 } },
          { field: "f3", value: { a: 3 } },
        ],
      },
      { id: "w2", changes: [{ field: "f2", value: { a: 2 } }] },
    ],
  });
});

test("a value names the number by its digits and its id", () => {
  expect(messagesValue(number(), { statuses: [] })).toEqual({
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "441632960961", phone_number_id: "106540352242922" },
    statuses: [],
  });
});
