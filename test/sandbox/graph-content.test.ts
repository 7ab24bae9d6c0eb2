import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "./callback-server.ts";
import { ANA, NUMBER, type Pair, startPair, TOKEN } from "./graph-setup.ts";

let pair: Pair;
let now: number;
beforeEach(async () => {
  now = Date.parse("2026-11-21T10:00:00Z");
  pair = await startPair({ clock: { now: () => now } });
  await pair.write({ text: "hello" });
});
afterEach(() => pair.stop());

const PDF = Buffer.from("%PDF-1.7 a small one");
const MB = 1024 * 1024;

async function upload(
  bytes: Buffer,
  mimeType: string,
  token = TOKEN,
): Promise<{ status: number; body: never }> {
  const form = new FormData();
  form.set("messaging_product", "whatsapp");
  form.set("type", mimeType);
  form.set("file", new Blob([new Uint8Array(bytes)], { type: mimeType }), "letter.pdf");
  const headers = { Authorization: `Bearer ${token}` };
  const address = `${pair.graph.url}/v26.0/${NUMBER}/media`;
  const answer = await fetch(address, { method: "POST", body: form, headers });
  return { status: answer.status, body: (await answer.json()) as never };
}

function say(type: string, content: object) {
  return pair.send({ messaging_product: "whatsapp", to: ANA.phone, type, [type]: content });
}

const codeOf = (answer: { body: never }) => (answer.body as { error?: { code: number } }).error?.code;
const idOf = (answer: { body: never }) => (answer.body as { id: string }).id;

interface Ledger {
  sends: Record<string, unknown>[];
  markedRead: { wamid: string; typing: boolean }[];
  messages: { wamid: string }[];
}
const ledger = async () => (await pair.control("GET", "/ledger")).body as Ledger;

test("an uploaded file is sent by its id, and the person can look at it byte for byte", async () => {
  const id = idOf(await upload(PDF, "application/pdf"));
  const answer = await say("document", { id, caption: "Your certificate", filename: "certificate.pdf" });
  expect(answer.status).toBe(200);
  expect((await ledger()).sends).toEqual([
    expect.objectContaining({
      type: "document",
      text: "Your certificate",
      media: expect.objectContaining({ id, fileName: "certificate.pdf", mimeType: "application/pdf" }),
    }),
  ]);
  const seen = await fetch(`${pair.graph.url}/sandbox/media/${id}`);
  expect(Buffer.from(await seen.arrayBuffer())).toEqual(PDF);
});

test("an upload is refused without the token, of a type that WhatsApp does not take, and over the limit", async () => {
  expect(codeOf(await upload(PDF, "application/pdf", "wrong"))).toBe(190);
  expect(codeOf(await upload(PDF, "application/zip"))).toBe(100);
  expect(codeOf(await upload(Buffer.alloc(5 * MB + 1), "image/png"))).toBe(131053);
  expect((await upload(Buffer.alloc(5 * MB), "image/png")).status).toBe(200);
});

test("an upload is gone after 30 days, and is of no use as another kind of file", async () => {
  const id = idOf(await upload(PDF, "application/pdf"));
  expect(codeOf(await say("image", { id }))).toBe(131053);
  now += 30 * 86_400_000;
  await pair.write({ text: "still there?" });
  expect(codeOf(await say("document", { id }))).toBe(131009);
});

test("a file is given by id or by address, not both, and a voice note has no caption", async () => {
  expect((await say("image", { link: "https://city.example/map.png" })).status).toBe(200);
  expect(codeOf(await say("image", {}))).toBe(131008);
  expect(codeOf(await say("image", { id: "1", link: "https://city.example/map.png" }))).toBe(131008);
  expect(codeOf(await say("image", { link: "file:///etc/passwd" }))).toBe(131009);
  const audio = { link: "https://city.example/a.ogg", caption: "listen" };
  expect(codeOf(await say("audio", audio))).toBe(131009);
});

const reply = (id: string, title: string) => ({ type: "reply", reply: { id, title } });
const buttons = (...list: object[]) => ({
  type: "button",
  body: { text: "Is it fixed?" },
  action: { buttons: list },
});
const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `row-${index}`, title: `Row ${index}` }));
const list = (...sections: object[]) => ({
  type: "list",
  body: { text: "Which ward?" },
  action: { button: "Choose", sections },
});

test.each([
  ["two buttons", buttons(reply("y", "Yes"), reply("n", "No")), ["Yes", "No"]],
  ["a list of ten rows", list({ rows: rows(10) }), rows(10).map(({ title }) => title)],
  [
    "an address to open",
    {
      type: "cta_url",
      body: { text: "See the plan" },
      action: { name: "cta_url", parameters: { display_text: "Open", url: "https://city.example/p" } },
    },
    ["Open"],
  ],
  [
    "a request for the place",
    { type: "location_request_message", body: { text: "Where?" }, action: { name: "send_location" } },
    ["Send location"],
  ],
  [
    "a request for the number",
    {
      type: "request_contact_info",
      body: { text: "Your number?" },
      action: { name: "request_contact_info" },
    },
    ["Share number"],
  ],
])(
  "a question with %s is accepted, and the ledger tells what can be tapped",
  async (_name, question, titles) => {
    expect((await say("interactive", question)).status).toBe(200);
    const [sent] = (await ledger()).sends;
    expect(sent?.["taps"]).toEqual(titles.map((title) => expect.objectContaining({ title })));
  },
);

test.each([
  ["four buttons", buttons(...["a", "b", "c", "d"].map((id) => reply(id, id)))],
  ["two buttons of one id", buttons(reply("a", "Yes"), reply("a", "No"))],
  ["a button of 21 letters", buttons(reply("a", "x".repeat(21)))],
  ["no words", { ...buttons(reply("a", "Yes")), body: {} }],
  ["words of 1,025 letters", { ...buttons(reply("a", "Yes")), body: { text: "x".repeat(1025) } }],
  ["eleven rows", list({ title: "A", rows: rows(6) }, { title: "B", rows: rows(5) })],
  ["two sections without titles", list({ rows: rows(1) }, { rows: [{ id: "z", title: "Z" }] })],
  ["no type", { body: { text: "Yes?" } }],
])("a question with %s is refused", async (_name, question) => {
  expect(codeOf(await say("interactive", question))).toBe(131009);
});

test("a reaction to the person's message arrives; one to nothing is accepted and fails by status", async () => {
  const [message] = (await ledger()).messages;
  expect((await say("reaction", { message_id: message?.wamid, emoji: "👍" })).status).toBe(200);
  expect((await say("reaction", { message_id: message?.wamid, emoji: "" })).status).toBe(200);
  expect((await say("reaction", { message_id: "wamid.none", emoji: "👍" })).status).toBe(200);
  const failed = await eventually(() =>
    pair.callback.caught.map(({ body }) => body.toString("utf8")).find((text) => text.includes('"failed"')),
  );
  expect(failed).toContain("131009");
  expect((await ledger()).sends.map(({ text, reactsTo }) => [text, reactsTo])).toEqual([
    ["👍", message?.wamid],
    ["", message?.wamid],
    ["👍", "wamid.none"],
  ]);
});

test("marking a message as read is no send, and can show that an answer is being written", async () => {
  const [message] = (await ledger()).messages;
  const read = { messaging_product: "whatsapp", status: "read", message_id: message?.wamid };
  expect((await pair.send(read)).body).toEqual({ success: true });
  const typing = { ...read, typing_indicator: { type: "text" } };
  expect((await pair.send(typing)).body).toEqual({ success: true });
  expect(codeOf(await pair.send({ ...read, message_id: "wamid.none" }))).toBe(131009);
  const { sends, markedRead } = await ledger();
  expect(sends).toHaveLength(0);
  expect(markedRead.map(({ wamid, typing: isTyping }) => [wamid, isTyping])).toEqual([
    [message?.wamid, false],
    [message?.wamid, true],
  ]);
});

test("a quotation of the person's message is kept", async () => {
  const [message] = (await ledger()).messages;
  const context = { message_id: message?.wamid };
  const text = { messaging_product: "whatsapp", to: ANA.phone, type: "text", text: { body: "yes" }, context };
  expect((await pair.send(text)).status).toBe(200);
  expect((await ledger()).sends[0]).toMatchObject({ replyTo: message?.wamid });
});
