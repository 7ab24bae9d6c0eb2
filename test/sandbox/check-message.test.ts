import { expect, test } from "vitest";
import { readFault } from "../../src/sandbox/faults.ts";
import { checkInteractive } from "../../src/sandbox/graph/check-interactive.ts";
import { checkMessage } from "../../src/sandbox/graph/check-message.ts";
import { readPersonRequest } from "../../src/sandbox/graph/person-message.ts";
import { ANA, NUMBER, text } from "./graph-setup.ts";

const letters = (count: number) => "x".repeat(count);
const told = (problem: object | undefined) =>
  problem && "details" in problem ? String(problem.details) : "taken";

/** The details are what developers read in the answer, so each says which field it is about. */
const sends: [what: string, body: object, code: number, details: string][] = [
  ["of another product", { to: ANA.phone }, 100, "messaging_product must be whatsapp"],
  ["to nobody", { messaging_product: "whatsapp" }, 100, "The parameter to is required."],
  [
    "to a name",
    text("hi", "Ana Smith"),
    131009,
    "Parameter value is not valid: to is not a valid WhatsApp phone number",
  ],
  ["to too few digits", text("hi", "1234"), 131009, "Parameter value is not valid: to is not a valid"],
  ["of an unknown type", { ...text("hi"), type: "poll" }, 131051, "Unsupported message type: poll"],
  ["without words", { ...text(""), text: {} }, 131008, "The parameter text.body is required."],
  ["with too many words", text(letters(4097)), 131009, "text.body exceeds 4096 characters"],
  [
    "with too long a reference",
    { ...text("hi"), biz_opaque_callback_data: letters(513) },
    131009,
    "biz_opaque_callback_data exceeds 512 characters",
  ],
  [
    "of a place without latitude",
    { ...text(""), type: "location", location: { longitude: 1 } },
    131008,
    "location.latitude",
  ],
  [
    "of a place in words",
    { ...text(""), type: "location", location: { latitude: "north", longitude: 1 } },
    131008,
    "location.latitude",
  ],
  [
    "of a reaction to nothing",
    { ...text(""), type: "reaction", reaction: { emoji: "👍" } },
    131008,
    "reaction.message_id",
  ],
  [
    "of a reaction of nothing",
    { ...text(""), type: "reaction", reaction: { message_id: "1" } },
    131008,
    "reaction.emoji",
  ],
  [
    "of no contacts",
    { ...text(""), type: "contacts", contacts: [] },
    131008,
    "The parameter contacts is required.",
  ],
];

test.each(sends)("a send %s is refused with its code and field", (_what, body, code, details) => {
  const known = { templates: {}, media: {}, phoneNumberId: NUMBER } as never;
  const refusal = checkMessage({ messaging_product: undefined, ...body } as never, known);
  expect(refusal).toMatchObject({ code });
  expect(told(refusal)).toContain(details);
});

test("a send says to whom it goes, what it quotes and its sender's own reference", () => {
  const known = { templates: {}, media: {}, phoneNumberId: NUMBER } as never;
  const quoting = { ...text("hi", "+44 (7700) 900-123"), context: { message_id: "wamid.1" } };
  expect(checkMessage(quoting as never, known)).toEqual({
    type: "text",
    to: { phone: "+447700900123" },
    input: "+44 (7700) 900-123",
    text: "hi",
    callbackData: "intent-1",
    replyTo: "wamid.1",
  });
  const byUser = { messaging_product: "whatsapp", recipient: "GB.1", text: { body: "hi" } };
  expect(checkMessage(byUser as never, known)).toEqual({
    type: "text",
    to: { userId: "GB.1" },
    input: "GB.1",
    text: "hi",
  });
});

const button = (own: object = {}) => ({ type: "reply", reply: { id: "y", title: "Yes" }, ...own });
const question = (own: object) => ({
  type: "button",
  body: { text: "Fixed?" },
  action: { buttons: [button()] },
  ...own,
});
const list = (action: object) =>
  question({
    type: "list",
    action: { button: "Choose", sections: [{ rows: [{ id: "a", title: "A" }] }], ...action },
  });
const row = (own: object) => list({ sections: [{ rows: [{ id: "a", title: "A", ...own }] }] });
const link = (parameters: object, name = "cta_url") =>
  question({
    type: "cta_url",
    action: { name, parameters: { url: "https://a.example", display_text: "Open", ...parameters } },
  });
const form = (parameters: object, name = "flow") =>
  question({
    type: "flow",
    action: {
      name,
      parameters: { flow_message_version: "3", flow_id: "1", flow_cta: "Open", ...parameters },
    },
  });
const replies = (...own: object[]) =>
  question({ action: { buttons: own.map((reply) => button({ reply })) } });

/** Each limit of a question: the most that is taken, and what is said of one more. */
const questions: [fits: object, exceeds: object, details: string][] = [
  [question({}), question({ type: undefined }), "type is required"],
  [question({}), question({ type: "quiz" }), "type quiz is not supported"],
  [
    question({ body: { text: letters(1024) } }),
    question({ body: { text: letters(1025) } }),
    "body.text exceeds 1024 characters",
  ],
  [question({}), question({ body: {} }), "body.text is required"],
  [
    { ...list({}), body: { text: letters(4096) } },
    { ...list({}), body: { text: letters(4097) } },
    "body.text exceeds 4096",
  ],
  [question({ header: { type: "image" } }), question({ header: {} }), "header.type is required"],
  [
    question({ header: { type: "text", text: letters(60) } }),
    question({ header: { type: "text", text: letters(61) } }),
    "header.text exceeds 60 characters",
  ],
  [
    question({ footer: { text: letters(60) } }),
    question({ footer: { text: letters(61) } }),
    "footer.text exceeds 60 characters",
  ],
  [question({ footer: { text: "a" } }), question({ footer: {} }), "footer.text is required"],
  [question({}), question({ action: { buttons: [] } }), "action.buttons: 1 to 3 are allowed"],
  [
    replies({ id: "a", title: "A" }, { id: "b", title: "B" }, { id: "c", title: "C" }),
    replies(...["a", "b", "c", "d"].map((id) => ({ id, title: id }))),
    "action.buttons: 1 to 3 are allowed",
  ],
  [
    question({}),
    question({ action: { buttons: [button({ type: "url" })] } }),
    "action.buttons[0].type must be reply",
  ],
  [
    replies({ id: letters(256), title: "A" }),
    replies({ id: letters(257), title: "A" }),
    "action.buttons[0].reply.id exceeds 256",
  ],
  [
    replies({ id: "a", title: letters(20) }),
    replies({ id: "a", title: letters(21) }),
    "action.buttons[0].reply.title exceeds 20",
  ],
  [replies({ id: "a", title: "A" }), replies({ title: "A" }), "action.buttons[0].reply.id is required"],
  [
    replies({ id: "a", title: "A" }, { id: "b", title: "A" }),
    replies({ id: "a", title: "A" }, { id: "a", title: "B" }),
    "action.buttons: ids must differ",
  ],
  [list({ button: letters(20) }), list({ button: letters(21) }), "action.button exceeds 20 characters"],
  [list({}), list({ button: undefined }), "action.button is required"],
  [list({}), list({ sections: [] }), "action.sections: 1 to 10 rows are allowed in all"],
  [
    row({ description: letters(72) }),
    row({ description: letters(73) }),
    "action.sections.rows.description exceeds 72",
  ],
  [row({ title: letters(24) }), row({ title: letters(25) }), "action.sections.rows.title exceeds 24"],
  [row({ id: letters(200) }), row({ id: letters(201) }), "action.sections.rows.id exceeds 200"],
  [row({}), row({ id: undefined }), "action.sections.rows.id is required"],
  [
    list({ sections: [{ title: letters(24), rows: [{ id: "a", title: "A" }] }] }),
    list({ sections: [{ title: letters(25), rows: [{ id: "a", title: "A" }] }] }),
    "action.sections.title exceeds 24",
  ],
  [
    list({
      sections: [
        { title: "A", rows: [{ id: "a", title: "A" }] },
        { title: "B", rows: [{ id: "b", title: "B" }] },
      ],
    }),
    list({
      sections: [{ title: "A", rows: [{ id: "a", title: "A" }] }, { rows: [{ id: "b", title: "B" }] }],
    }),
    "action.sections.title is required",
  ],
  [
    link({ display_text: letters(20) }),
    link({ display_text: letters(21) }),
    "action.parameters.display_text exceeds 20",
  ],
  [link({}), link({ url: undefined }), "action.parameters.url is required"],
  [link({}), link({ url: "nowhere" }), "action.parameters.url is not a valid address"],
  [link({}), link({}, "open"), "action.name must be cta_url"],
  [form({ flow_cta: letters(30) }), form({ flow_cta: letters(31) }), "action.parameters.flow_cta exceeds 30"],
  [form({}), form({ flow_message_version: "2" }), "action.parameters.flow_message_version must be 3"],
  [
    form({ flow_id: undefined, flow_name: "a" }),
    form({ flow_name: "a" }),
    "action.parameters: just one of flow_id and flow_name is required",
  ],
  [form({}), form({}, "open"), "action.name must be flow"],
  [
    question({ type: "location_request_message", action: { name: "send_location" } }),
    question({ type: "location_request_message", action: { name: "send" } }),
    "action.name must be send_location",
  ],
  [
    question({ type: "request_contact_info", action: { name: "request_contact_info" } }),
    question({ type: "request_contact_info", action: {} }),
    "action.name must be request_contact_info",
  ],
];

test.each(questions.map(([fits, exceeds, details]) => ({ fits, exceeds, details })))(
  "a question is refused when $details",
  ({ fits, exceeds, details }) => {
    expect(told(checkInteractive(fits as never))).toBe("taken");
    const refusal = checkInteractive(exceeds as never);
    expect(refusal).toMatchObject({ code: 131009 });
    expect(told(refusal)).toContain(`Parameter value is not valid: interactive.${details}`);
  },
);

const ana = { number: NUMBER, person: ANA };

test.each<[what: string, body: object, message: string]>([
  [
    "another kind of delivery",
    { ...ana, text: "a", delivery: "twice" },
    "delivery: use single, batch or album",
  ],
  ["no messages", { ...ana, messages: [] }, "messages: 1 to 1000 in one request"],
  ["no number", { text: "a", person: ANA }, "messages[0].number: give the phoneNumberId written to"],
  ["no words", { ...ana }, "messages[0].text: missing"],
  ["a file without bytes", { ...ana, type: "image" }, "messages[0].media: give {mimeType, base64}"],
  ["a sticker without bytes", { ...ana, type: "sticker" }, "messages[0].media: give {mimeType, base64}"],
  [
    "bytes without a type",
    { ...ana, type: "audio", media: { base64: "AA" } },
    "messages[0].media: give mimeType and base64",
  ],
  ["nobody", { number: NUMBER, text: "a" }, "messages[0].person: give phone, userId or both"],
  [
    "a phone in words",
    { ...ana, text: "a", person: { phone: "Ana" } },
    "digits with the country code, e.g. +447700900123",
  ],
  ["a time in words", { ...ana, text: "a", sentAt: "soon" }, "messages[0].sentAt: ISO 8601 or milliseconds"],
  ["a second message without words", { ...ana, messages: [{ text: "a" }, {}] }, "messages[1].text: missing"],
])("a person's request with %s is refused by its field", (_what, body, message) => {
  expect(() => readPersonRequest(body, undefined)).toThrow(message);
});

test("a person's request is read with what it leaves out filled in", () => {
  const least = readPersonRequest({ text: "a", person: { userId: "GB.1" } }, NUMBER);
  expect(least).toEqual({
    delivery: "single",
    repeat: 1,
    wait: false,
    messages: [
      {
        number: NUMBER,
        type: "text",
        person: { userId: "GB.1" },
        hidePhone: false,
        forwarded: false,
        extra: {},
        text: "a",
      },
    ],
  });
  for (const delivery of ["single", "batch", "album"]) {
    expect(readPersonRequest({ ...ana, text: "a", delivery }, undefined).delivery).toBe(delivery);
  }
  const media = { mimeType: "audio/ogg", base64: "AAAA", fileName: "a.ogg", voice: true };
  const [whole] = readPersonRequest(
    {
      ...ana,
      person: { ...ANA, userId: null, username: "ana", hidePhone: true },
      type: "audio",
      media,
      replyTo: "wamid.1",
      wamid: "wamid.2",
      sentAt: "2026-11-21T10:00:00Z",
      forwarded: true,
      extra: { referral: {} },
    },
    "another",
  ).messages;
  expect(whole).toEqual({
    number: NUMBER,
    type: "audio",
    person: { ...ANA, userId: null, username: "ana" },
    hidePhone: true,
    media: { mimeType: "audio/ogg", bytes: Buffer.from("AAAA", "base64"), fileName: "a.ogg", voice: true },
    replyTo: "wamid.1",
    wamid: "wamid.2",
    sentAt: Date.parse("2026-11-21T10:00:00Z"),
    forwarded: true,
    extra: { referral: {} },
  });
});

test.each<[given: object, message: string]>([
  [{ operation: "sends", status: 500 }, "operation: unknown; use one of send, media"],
  [{ when: "later", status: 500 }, "when: use before or after"],
  [{}, "a fault needs delayMs, reset: true, or status"],
  [{ reset: "yes" }, "a fault needs delayMs, reset: true, or status"],
  [{ status: 199 }, "status: 200 to 599"],
  [{ status: 600 }, "status: 200 to 599"],
  [{ status: 200.5 }, "status: 200 to 599"],
])("a fault of %j is refused: %s", (given, message) => {
  expect(() => readFault(given, ["send", "media"])).toThrow(message);
});

test.each<[given: object, fault: object]>([
  [{ status: 200 }, { times: 1, when: "before", outcome: { status: 200, headers: {} } }],
  [
    { status: 599, body: "x", headers: { "Retry-After": 7 } },
    { times: 1, when: "before", outcome: { status: 599, headers: { "Retry-After": "7" }, body: "x" } },
  ],
  [
    { reset: true, when: "after", times: 3, operation: "media" },
    { times: 3, when: "after", operation: "media", outcome: "reset" },
  ],
  [{ delayMs: 5 }, { times: 1, when: "before", delayMs: 5 }],
])("a fault of %j is read as %j", (given, fault) => {
  expect(readFault(given, ["send", "media"])).toEqual(fault);
});
