import { afterEach, beforeEach, expect, test } from "vitest";
import { startGraph } from "../../src/sandbox/graph/server.ts";
import { call, eventually } from "./callback-server.ts";
import {
  ANA,
  NUMBER,
  number,
  type Pair,
  startPair,
  TOKEN,
  template,
  text,
  ticketUpdate,
} from "./graph-setup.ts";

const ACCOUNT = "102290129340398";
let pair: Pair;
beforeEach(async () => {
  pair = await startPair();
});
afterEach(() => pair.stop());

const codeOf = (answer: { body: never }) => (answer.body as { error?: { code: number } }).error?.code;
const errorOf = (answer: { body: never }) => (answer.body as { error: string }).error;
const say = (type: string, content: unknown, more: object = {}) =>
  pair.send({ messaging_product: "whatsapp", to: ANA.phone, type, [type]: content, ...more });

test.each([
  ["the number", NUMBER],
  ["the templates", `${ACCOUNT}/message_templates`],
  ["the subscriptions", `${ACCOUNT}/subscribed_apps`],
])(
  "%s cannot be read with a wrong token, and an id of somebody else's does not exist",
  async (_name, path) => {
    expect(codeOf(await pair.get(path, "wrong"))).toBe(190);
    expect(codeOf(await pair.get(path.replace(/^\d+/, "1")))).toBe(100);
  },
);

test("a send from a number that the token may not use, and a path that is not there, are refused", async () => {
  const send = await call(`${pair.graph.url}/v26.0/1/messages`, { json: text("hi"), token: TOKEN });
  expect(codeOf(send)).toBe(100);
  expect(codeOf(await pair.get(`${NUMBER}/nothing/here`))).toBe(100);
});

test("a file's id is of no use with a wrong token, nor under another number", async () => {
  await pair.write({ type: "image", media: { mimeType: "image/jpeg", base64: "AAAA" } });
  const id = /"id":"(\d{16})"/.exec(pair.callback.caught[0]?.body.toString("utf8") ?? "")?.[1] ?? "";
  expect(codeOf(await pair.get(id, "wrong"))).toBe(190);
  expect(codeOf(await pair.get(`${id}?phone_number_id=1`))).toBe(100);
});

test("an upload without a file, of no form and of no bytes is refused", async () => {
  const address = `${pair.graph.url}/v26.0/${NUMBER}/media`;
  const upload = async (body: FormData | string, headers: Record<string, string> = {}) => {
    const init = { method: "POST", body, headers: { Authorization: `Bearer ${TOKEN}`, ...headers } };
    return codeOf({ body: (await (await fetch(address, init)).json()) as never });
  };
  const form = new FormData();
  form.set("messaging_product", "whatsapp");
  expect(await upload(form)).toBe(100);
  expect(await upload("not a form", { "Content-Type": "multipart/form-data; boundary=x" })).toBe(100);
  form.set("file", new Blob([], { type: "image/png" }), "empty.png");
  expect(await upload(form)).toBe(131053);
});

test("templates are listed by status, and an account without a callback has no subscribed app", async () => {
  const pending = await pair.get(`${ACCOUNT}/message_templates?status=PENDING`);
  expect((pending.body as { data: { name: string }[] }).data.map(({ name }) => name)).toEqual(["waiting"]);
  const quiet = await startGraph({ templates: [], numbers: [number()] });
  const apps = await call(`${quiet.url}/v26.0/${ACCOUNT}/subscribed_apps`, { token: TOKEN });
  expect(apps.body).toEqual({ data: [] });
  const json = { text: "hello", person: ANA, wait: true };
  expect((await call(`${quiet.url}/sandbox/messages`, { json })).status).toBe(200);
  const verified = await call(`${quiet.url}/sandbox/handshake`, { json: {} });
  expect(verified.body).toEqual({ verified: false });
  await quiet.stop();
});

const flow = (parameters: object) => ({
  type: "flow",
  body: { text: "Form" },
  action: { name: "flow", parameters: { flow_message_version: "3", flow_cta: "Open", ...parameters } },
});
const link = (url: string) => ({
  type: "cta_url",
  body: { text: "See" },
  action: { name: "cta_url", parameters: { display_text: "Open", url } },
});

test.each([
  ["a type of question that is not known", "interactive", { type: "quiz", body: { text: "?" } }, 131009],
  ["a form of an older version", "interactive", flow({ flow_message_version: "2" }), 131009],
  ["a form without its id", "interactive", flow({}), 131009],
  ["a button to an address that is none", "interactive", link("nowhere"), 131009],
  [
    "a button of another kind",
    "interactive",
    { type: "button", body: { text: "?" }, action: { buttons: [{ type: "url" }] } },
    131009,
  ],
  ["a place without its length", "location", { latitude: 53 }, 131008],
  ["a reaction without its message", "reaction", { emoji: "👍" }, 131008],
  ["a reaction without its sign", "reaction", { message_id: "wamid.1" }, 131008],
  ["a text without words", "text", {}, 131008],
  ["no contact", "contacts", [], 131008],
  [
    "a caption over 1,024 letters",
    "image",
    { link: "https://a.example/b.png", caption: "x".repeat(1025) },
    131009,
  ],
  ["a template without its language", "template", { name: "ticket_update" }, 131008],
])("a send with %s is refused", async (_name, type, content, code) => {
  await pair.write({ text: "hello" });
  expect(codeOf(await say(type, content))).toBe(code);
});

test("a reference of the sender's own over 512 letters is refused", async () => {
  await pair.write({ text: "hello" });
  const reference = { biz_opaque_callback_data: "x".repeat(513) };
  expect(codeOf(await say("text", { body: "hi" }, reference))).toBe(131009);
});

test("a place, a contact, a form and a question under a picture arrive", async () => {
  await pair.write({ text: "hello" });
  const pictured = {
    type: "button",
    header: { type: "image", image: { link: "https://a.example/b.png" } },
    body: { text: "Fixed?" },
    footer: { text: "City" },
    action: { buttons: [{ type: "reply", reply: { id: "y", title: "Yes" } }] },
  };
  await say("location", { latitude: 53.35, longitude: -6.26 });
  await say("location", { latitude: 53.35, longitude: -6.26, name: "Dublin" });
  await say("contacts", [{ name: { formatted_name: "Desk" } }]);
  await say("interactive", flow({ flow_id: "1" }));
  await say("interactive", pictured);
  const { sends } = (await pair.control("GET", "/ledger")).body as { sends: { text: string }[] };
  expect(sends.map((send) => send.text)).toEqual([
    "[location]",
    "Dublin",
    "[contacts]",
    "Form",
    "[image]\nFixed?\nCity",
  ]);
});

test("somebody known by user id alone is answered by it, and the answer names no phone", async () => {
  await pair.write({ text: "hello", person: { userId: "IN.9", name: "Asha" } });
  const json = { messaging_product: "whatsapp", recipient: "IN.9", text: { body: "hi" } };
  const answer = await pair.send(json);
  expect((answer.body as { contacts: object[] }).contacts).toEqual([{ input: "IN.9", user_id: "IN.9" }]);
});

test("marking as read is refused without a message, and with a sign of writing that is not known", async () => {
  const { wamids } = (await pair.write({ text: "hello" })).body as { wamids: string[] };
  const read = { messaging_product: "whatsapp", status: "read" };
  expect(codeOf(await pair.send(read))).toBe(131008);
  const typing = { ...read, message_id: wamids[0], typing_indicator: { type: "voice" } };
  expect(codeOf(await pair.send(typing))).toBe(131009);
});

test("P15: a disabled template is refused, and the reason of a rejection is told", async () => {
  const change = (status: string) =>
    pair.control("PATCH", "/templates", { name: "ticket_update", language: "en", status });
  await change("DISABLED");
  expect(codeOf(await pair.send(ticketUpdate("Ana", "7")))).toBe(132016);
  await change("REJECTED");
  expect(codeOf(await pair.send(ticketUpdate("Ana", "7")))).toBe(132001);
  expect(pair.callback.caught.at(-1)?.body.toString("utf8")).toContain("INVALID_FORMAT");
});

const money = (fallback?: string) => ({
  type: "currency",
  currency: { fallback_value: fallback, code: "EUR", amount_1000: 1000 },
});

test("P14: money and dates show their fallback; other kinds and buttons that are not there are refused", async () => {
  const fill = (first: object, button: object = {}) => {
    const components = ticketUpdate("Ana", "7").template.components as Record<string, unknown>[];
    const [header, , last] = components;
    const body = {
      type: "body",
      parameters: [first, { type: "date_time", date_time: { fallback_value: "Monday" } }],
    };
    return pair.send(template("ticket_update", "en", [{ ...header }, body, { ...last, ...button }]));
  };
  expect((await fill(money("€1"))).status).toBe(200);
  const { sends } = (await pair.control("GET", "/ledger")).body as { sends: { text: string }[] };
  expect(sends[0]?.text).toContain("Hello €1, your report Monday is");
  expect(codeOf(await fill(money()))).toBe(132012);
  expect(codeOf(await fill({ type: "image", image: { id: "1" } }))).toBe(132012);
  expect(codeOf(await fill(money("€1"), { index: "4" }))).toBe(132012);
  expect(codeOf(await fill(money("€1"), { sub_type: "quick_reply" }))).toBe(132012);
});

test("P14: a header that is a place wants one, and its absence is told", async () => {
  const header = { type: "HEADER", format: "LOCATION" };
  const data = [{ name: "where", language: "en", components: [header, { type: "BODY", text: "Here" }] }];
  expect((await pair.control("PUT", "/templates", { data })).body).toEqual({ templates: 1 });
  expect(codeOf(await pair.send(template("where", "en", [])))).toBe(132012);
  const location = { latitude: 53.35, longitude: -6.26 };
  const parameters = [{ type: "location", location }];
  expect((await pair.send(template("where", "en", [{ type: "header", parameters }]))).status).toBe(200);
  const { sends } = (await pair.control("GET", "/ledger")).body as { sends: { text: string }[] };
  expect(sends[0]?.text).toBe("[location]\nHere");
});

test("P13: a failure under a code that we do not know is told with that code", async () => {
  await pair.write({ text: "hello" });
  await pair.control("POST", "/faults", { code: 999_999, details: "strange" });
  const refused = await pair.send(text("one"));
  expect([refused.status, codeOf(refused)]).toEqual([400, 999_999]);
  await pair.control("PUT", "/statuses", { delaysMs: { delivered: 0 } });
  await pair.control("POST", "/faults", { code: 131026, delivery: "status", times: 2 });
  await pair.control("DELETE", "/faults");
  await pair.control("POST", "/faults", { code: 131026, delivery: "status" });
  await pair.send(text("two"));
  await pair.send(text("three"));
  const states = async () => {
    const { statuses } = (await pair.control("GET", "/ledger")).body as { statuses: { state: string }[] };
    return statuses.length === 2 ? statuses.map(({ state }) => state).sort() : undefined;
  };
  expect(await eventually(states)).toEqual(["delivered", "failed"]);
});

test.each([
  ["PUT", "/callback", {}, "url"],
  ["PUT", "/callback", { url: "nowhere" }, "url"],
  ["PUT", "/callback", { url: "http://127.0.0.1:9", number: "1" }, "number"],
  ["PUT", "/secrets", {}, "accessToken"],
  ["PUT", "/templates", [{ name: "a" }], "templates[0]"],
  ["PUT", "/templates", { data: [{ language: "en" }] }, "templates[0]"],
  ["PATCH", "/templates", {}, "status"],
  ["PATCH", "/templates", { status: "PAUSED" }, "name"],
  ["POST", "/clock", {}, "advanceMs"],
  ["POST", "/changes", { number: "1" }, "number"],
] as const)("%s %s with %j is refused by name", async (method, path, json, field) => {
  const answer = await pair.control(method, path, json);
  expect(answer.status).toBe(400);
  expect(errorOf(answer)).toContain(field);
});
