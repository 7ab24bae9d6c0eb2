import { describe, expect, test } from "vitest";
import { readPayload } from "../../src/app/playground-inputs.ts";
import type { CommentInput, ConfirmationInput } from "../../src/domain/mapping-input.ts";
import { sampleMessages } from "../../src/playground/sample-messages.ts";
import { createSamples } from "../../src/playground/samples.ts";

const [messages, changes] = createSamples(readPayload);
const inputOf = (title: string): CommentInput =>
  (messages?.samples.find((sample) => sample.title === title)?.inputs["comment"] as CommentInput) ??
  expect.unreachable(title);

const replied = "wamid.HBgMMjU0NzExMjIyMzMzFQIAERgS";
const earlier = "wamid.HBgMMjU0NzExMjIyMzMzFQIAEhgg";
const media = (mimeType: string) => ({
  id: "300000000000001",
  mimeType,
  sha256: "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
});

/** What a mapping sees of each, besides the provider's own object: what somebody who writes one wants to try. */
const seen: [title: string, message: object, attachment?: RegExp][] = [
  ["text", { type: "text", text: "The water pump at the school is broken. It is urgent!" }],
  ["text in Arabic", { type: "text", text: "مرحبا، هناك تسرب ماء في الشارع رقم 7" }],
  ["text, phone number hidden", { type: "text", text: "The lamp in Mill Road is out." }],
  ["text, in answer to a message", { type: "text", text: "Yes, still.", refersTo: replied }],
  ["image", { type: "image", text: "The pothole", media: media("image/jpeg") }, /^image-\d{8}-\d{6}\.jpg$/],
  ["video", { type: "video", text: "It leaks", media: media("video/mp4") }, /^video-.*\.mp4$/],
  ["audio", { type: "audio", text: "[Audio]", media: media("audio/mpeg") }, /^audio-/],
  [
    "voice note",
    { type: "voice", text: "[Voice message]", media: media("audio/ogg; codecs=opus") },
    /^voice-/,
  ],
  [
    "document",
    { type: "document", text: "My form", media: { ...media("application/pdf"), fileName: "form 7.pdf" } },
    /^form 7\.pdf$/,
  ],
  ["sticker", { type: "sticker", text: "[Sticker]", media: media("image/webp") }, /^sticker-.*\.webp$/],
  [
    "location",
    {
      type: "location",
      text: "Location: City Hall, City Hall Way, Nairobi (-1.2864, 36.8172)",
      location: {
        latitude: -1.2864,
        longitude: 36.8172,
        name: "City Hall",
        address: "City Hall Way, Nairobi",
      },
    },
  ],
  ["contact card", { type: "contacts", text: "Contact: Grace Example, +44 7700 900456, grace@example.org" }],
  ["button of a template", { type: "button", text: "Still broken", refersTo: replied }],
  ["choice from a list", { type: "choice", text: "Water", refersTo: replied }],
  [
    "form, filled in",
    {
      type: "form",
      text: "category: Street light\nward: Ward 12\nurgent: true\nnotes: Out since Monday",
      answers: { category: "Street light", ward: "Ward 12", urgent: true, notes: "Out since Monday" },
      refersTo: replied,
    },
  ],
  ["reaction", { type: "reaction", text: "Reacted with 👍", refersTo: replied }],
  ["order", { type: "order", text: "Order:\n2 × bin-120 at 12.5 GBP\nLeave it at the door" }],
  [
    "system: a new phone number",
    { type: "system", text: "User Amina changed from 254711222333 to 254711222444" },
  ],
  [
    "edit of a text",
    { type: "edit", text: "[Edited] The water pump at number 7 is broken.", refersTo: earlier },
  ],
  ["deletion", { type: "deletion", text: "[Deleted a message]", refersTo: earlier }],
  ["permission to call", { type: "call_permission", text: "Permission to call: accept", refersTo: replied }],
  ["chat opened for the first time", { type: "welcome", text: "[Opened the chat]" }],
  [
    "a kind that WhatsApp does not pass on",
    { type: "unsupported", text: "[Unsupported message: poll_creation]" },
  ],
];

/** The provider's own objects, for mappings that reach into them. */
const contents: [title: string, content: object][] = [
  ["image", { caption: "The pothole", mime_type: "image/jpeg" }],
  ["audio", { voice: false, mime_type: "audio/mpeg" }],
  ["voice note", { voice: true }],
  ["document", { filename: "form 7.pdf" }],
  ["sticker", { animated: false }],
  [
    "contact card",
    {
      contacts: [
        {
          name: { formatted_name: "Grace Example", first_name: "Grace" },
          phones: [{ phone: "+44 7700 900456", wa_id: "447700900456", type: "CELL" }],
          emails: [{ email: "grace@example.org", type: "WORK" }],
        },
      ],
    },
  ],
  ["button of a template", { payload: "STILL_BROKEN", text: "Still broken" }],
  [
    "choice from a list",
    { type: "list_reply", list_reply: { id: "water", title: "Water", description: "Pumps and pipes" } },
  ],
  [
    "form, filled in",
    { nfm_reply: { name: "flow", body: "Sent", response_json: expect.stringContaining("flow_token") } },
  ],
  [
    "order",
    { catalog_id: "400000000000001", product_items: [{ product_retailer_id: "bin-120", quantity: 2 }] },
  ],
  [
    "system: a new phone number",
    {
      type: "user_changed_number",
      wa_id: "254711222444",
      user_id: "KE.13491208655302741918",
      previous_user_id: "KE.13491208655302741918",
    },
  ],
  ["permission to call", { call_permission_reply: { response: "accept", response_source: "user_action" } }],
  [
    "a kind that WhatsApp does not pass on",
    { unsupported: { type: "poll_creation" }, errors: [{ code: 131051, title: "Message type unknown" }] },
  ],
];

describe("a sample message", () => {
  test("stands in the list under its title, once", () => {
    expect(messages?.group).toBe("Messages");
    expect(messages?.samples.map(({ title }) => title)).toEqual(seen.map(([title]) => title));
  });

  test.each(seen)("%s is seen by a mapping as its title says", (title, message, attachment) => {
    const { message: found, attachment: file, channel } = inputOf(title);
    const { id, sentAt, content: _, ...rest } = found;
    expect(rest).toEqual(message);
    expect(id).toMatch(/^wamid\./);
    expect(sentAt).toMatch(/^2026-11-18T11:0\d:/);
    expect(channel).toBe("city");
    if (attachment) expect(file?.name).toMatch(attachment);
    else expect(file).toBeUndefined();
  });

  test.each(contents)("%s has the provider's own object with it", (title, content) => {
    expect(inputOf(title).message.content).toMatchObject(content);
  });

  test("is from Amina, from somebody who writes Arabic, or from somebody whose number is hidden", () => {
    const people = new Map(messages?.samples.map(({ title }) => [title, inputOf(title).person]));
    expect(people.get("text in Arabic")).toEqual({
      userId: "JO.30571208655302741920",
      phone: "+962790123456",
      name: "ليلى حداد",
    });
    const hidden = { userId: "GB.20571208655302741919", name: "Ana", username: "ana.f" };
    expect(people.get("text, phone number hidden")).toEqual(hidden);
    const amina = {
      userId: "KE.13491208655302741918",
      phone: "+254711222333",
      name: "Amina Otieno",
      username: "amina.o",
    };
    for (const title of ["text", "image", "order", "deletion"]) expect(people.get(title)).toEqual(amina);
  });

  test("is one that the parser takes whole, with an id and a time of its own", () => {
    for (const { title, body } of sampleMessages) expect(readPayload("meta", body).left, title).toEqual([]);
    const all = messages?.samples.map(({ title }) => inputOf(title).message) ?? [];
    expect(new Set(all.map(({ id }) => id)).size).toBe(seen.length);
    expect(new Set(all.map(({ sentAt }) => sentAt)).size).toBe(seen.length);
  });

  test("has the numbers in its envelope that Meta puts there", () => {
    expect(JSON.parse(sampleMessages[0]?.body ?? "{}")).toMatchObject({
      object: "whatsapp_business_account",
      entry: [
        {
          id: "200000000000001",
          changes: [
            {
              field: "messages",
              value: {
                messaging_product: "whatsapp",
                metadata: { display_phone_number: "442079460100", phone_number_id: "100000000000001" },
                contacts: [{ wa_id: "254711222333" }],
              },
            },
          ],
        },
      ],
    });
  });
});

describe("a sample change of a ticket", () => {
  const statuses = ["new", "open", "pending", "solved", "closed"];

  test("is there for each status, and for one after the window has closed", () => {
    expect(changes?.group).toBe("Changes of a ticket");
    expect(changes?.samples.map(({ title }) => title)).toEqual([
      ...statuses,
      "solved, 24-hour window closed",
    ]);
  });

  test("tells the ticket, what it was before, and whether the window is open", () => {
    const inputs = changes?.samples.map((sample) => sample.inputs["confirmation"] as ConfirmationInput) ?? [];
    expect(inputs.map(({ event, ticket, window }) => [event.from, event.to, ticket.status, window])).toEqual([
      [undefined, "new", "new", "open"],
      ["open", "open", "open", "open"],
      ["open", "pending", "pending", "open"],
      ["open", "solved", "solved", "open"],
      ["open", "closed", "closed", "open"],
      ["open", "solved", "solved", "closed"],
    ]);
    expect(inputs[3]).toEqual({
      channel: "city",
      person: { userId: "KE.13491208655302741918", phone: "+254711222333", name: "Amina Otieno" },
      event: { type: "ticket.changed", from: "open", to: "solved", at: "2026-11-20T14:30:00.000Z" },
      ticket: {
        id: "4711",
        externalId: "deskferry/city/9b1f0c2d/1",
        subject: "The water pump at the school is broken.",
        status: "solved",
        rawStatus: "solved",
        assignee: "maya",
        queue: "Water works",
      },
      window: "open",
    });
  });
});
