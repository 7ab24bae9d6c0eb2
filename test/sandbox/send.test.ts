import type { Request } from "express";
import { expect, test } from "vitest";
import { WINDOW_MS } from "../../src/domain/window.ts";
import { handleSend } from "../../src/sandbox/graph/send.ts";
import { ANA, NUMBER, number, text, ticketUpdate } from "./graph-setup.ts";
import { quietWorld } from "./graph-world.ts";

function setUp() {
  const { world, posted, dice } = quietWorld({ statuses: { delaysMs: {} } });
  const person = world.people.meet(ANA);
  person.lastMessageAt.set(NUMBER, dice.now);
  world.wrote.add("wamid.theirs");
  const send = (body: object) => handleSend(world, number(), { body } as Request);
  const noted = () => world.journal.since(0).map(({ seq: _seq, at: _at, ...entry }) => entry);
  return { world, posted, dice, person, send, noted };
}

const read = (own: object = {}) => ({ status: "read", message_id: "wamid.theirs", ...own });

test("a text in the window is accepted, noted, and its answer names the recipient", async () => {
  const { send, noted, person } = setUp();
  const answer = await send({ ...text("hi"), context: { message_id: "wamid.theirs" } });
  const id = expect.stringMatching(/^wamid\./);
  expect(answer).toEqual({
    status: 200,
    body: {
      messaging_product: "whatsapp",
      contacts: [{ input: ANA.phone, wa_id: "447700900123", user_id: person.userId }],
      messages: [{ id }],
    },
  });
  expect(noted()).toEqual([
    {
      kind: "send",
      number: NUMBER,
      person: ANA.phone,
      wamid: id,
      type: "text",
      text: "hi",
      replyTo: "wamid.theirs",
      callbackData: "intent-1",
    },
  ]);
});

test("an answer to a user id names no phone, also of somebody whose phone we know", async () => {
  const { send, person } = setUp();
  const { to: _left, ...rest } = text("hi");
  const answer = await send({ ...rest, recipient: person.userId });
  expect(answer.body).toMatchObject({ contacts: [{ input: person.userId, user_id: person.userId }] });
  expect(JSON.stringify(answer.body)).not.toContain("wa_id");
});

test.each([
  [WINDOW_MS - 1, 200],
  [WINDOW_MS, 400],
])("a text %i ms after the person's message is answered with %i", async (ms, status) => {
  const { send, dice, noted } = setUp();
  dice.now += ms;
  const answer = await send(text("hi"));
  expect(answer.status).toBe(status);
  if (status === 200) return;
  const details =
    "Message failed to send because more than 24 hours have passed since the customer last replied to this number.";
  expect(answer.body).toMatchObject({ error: { code: 131047, error_data: { details } } });
  expect(noted()).toEqual([
    { kind: "refused", number: NUMBER, code: 131047, details, person: ANA.phone, callbackData: "intent-1" },
  ]);
});

test("somebody who never wrote gets a template, and nothing else", async () => {
  const { send, noted } = setUp();
  expect((await send(text("hi", "+447700900199"))).status).toBe(400);
  expect((await send({ ...ticketUpdate("Ana", "7"), to: "+447700900199" })).status).toBe(200);
  expect(noted()[1]).toMatchObject({
    type: "template",
    person: "+447700900199",
    template: { name: "ticket_update", language: "en" },
  });
  expect(Object.keys(Object(Object(noted()[1]).template))).toEqual(["name", "language"]);
});

test("a malformed message is refused and noted without a person", async () => {
  const { send, noted } = setUp();
  const answer = await send({ ...text("hi"), type: "poll" });
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 131051 } } });
  const details = "Unsupported message type: poll";
  const refusal = { kind: "refused", number: NUMBER, code: 131051, details };
  expect(noted()).toEqual([{ ...refusal, callbackData: "intent-1" }]);
});

test("what is tapped, shown and reacted to is noted with the message", async () => {
  const { send, noted } = setUp();
  const to = { messaging_product: "whatsapp", to: ANA.phone };
  const buttons = [{ type: "reply", reply: { id: "y", title: "Yes" } }];
  const interactive = { type: "button", body: { text: "Fixed?" }, action: { buttons } };
  await send({ ...to, type: "interactive", interactive });
  await send({ ...to, type: "image", image: { link: "https://a.example/i.png" } });
  await send({ ...to, type: "reaction", reaction: { message_id: "wamid.theirs", emoji: "👍" } });
  expect(noted()).toMatchObject([
    { type: "interactive", text: "Fixed?", taps: [{ id: "y", title: "Yes" }] },
    { type: "image", text: "[image]", media: { kind: "image", link: "https://a.example/i.png" } },
    { type: "reaction", text: "👍", reactsTo: "wamid.theirs" },
  ]);
});

test("a message is marked as read, with a sign of writing or without", async () => {
  const { send, noted } = setUp();
  expect(await send(read())).toEqual({ status: 200, body: { success: true } });
  expect((await send(read({ typing_indicator: { type: "text" } }))).status).toBe(200);
  const marked = { kind: "marked-read", number: NUMBER, wamid: "wamid.theirs" };
  expect(noted()).toEqual([
    { ...marked, typing: false },
    { ...marked, typing: true },
  ]);
});

test.each([
  [{ message_id: "" }, 131008, "The parameter message_id is required."],
  [{ message_id: "wamid.ours" }, 131009, "message_id is no message that a person sent."],
  [{ typing_indicator: { type: "audio" } }, 131009, "typing_indicator.type must be text."],
  [{ typing_indicator: null }, 131009, "typing_indicator.type must be text."],
])("marking as read with %j is refused with %i: %s", async (own, code, details) => {
  const { send, noted } = setUp();
  const answer = await send(read(own));
  expect(answer).toMatchObject({ status: 400, body: { error: { code, error_data: { details } } } });
  expect(noted()).toEqual([]);
});
