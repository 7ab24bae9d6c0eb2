import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { API_KEY, type Odoo, startOdoo } from "../connectors/odoo-server.ts";
import { until } from "../support/until.ts";

const PATIENCE = { withinMs: 30_000, everyMs: 100 };
const phone = "+447700900123";
const photo = randomBytes(70_000);
const reply = { subtype_xmlid: "mail.mt_comment" };
let odoo: Odoo;
let stack: Stack;

beforeAll(async () => {
  odoo = await startOdoo();
  stack = await startStack({
    redisUrl: process.env["REDIS_URL"] ?? "",
    name: `odoo-${process.pid}`,
    helpdesk: {
      mapping: "odoo",
      connection: {
        ...{ use: "odoo", url: odoo.url, apiKey: API_KEY },
        ...{ application: "project", queue: "WhatsApp", pollSeconds: 1 },
      },
    },
  });
  await stack.start("all");
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  await odoo?.stop();
});

const task = () => odoo.tickets()[0]?.id ?? 0;
const entries = () => odoo.written(task());
const sends = async () => (await stack.graphLedger()).sends;
const sent = (count: number) =>
  until(`${count} messages sent`, async () => (await sends()).length >= count, PATIENCE);

it("a text and a photo become one task and two entries of the contact that Odoo has already, the photo byte-identical", async () => {
  const known = odoo.insert("res.partner", { name: "Mrs Rao", phone: "+44 7700 900123" });
  const media = { mimeType: "image/jpeg", base64: photo.toString("base64") };
  await stack.graph("POST", "/messages", {
    delivery: "album",
    wait: true,
    person: { phone, name: "Asha Rao" },
    messages: [
      { text: "The street light at 12 Mill Road is broken 💡", sentAt: Date.now() - 5000 },
      { type: "image", text: "this one", media, sentAt: Date.now() - 3000 },
    ],
  });
  await until("two entries", () => entries().length >= 2, PATIENCE);
  expect(odoo.tickets()).toMatchObject([
    {
      name: "The street light at 12 Mill Road is broken 💡",
      partner_id: known.id,
      x_deskferry_id: expect.stringMatching(/^deskferry\//),
    },
  ]);
  expect(entries()).toMatchObject([
    { body: expect.stringContaining("12 Mill Road"), author_id: known.id, subtype_id: 1 },
    { body: expect.stringContaining("this one"), author_id: known.id, subtype_id: 1 },
  ]);
  const [file = 0] = (entries()[1]?.["attachment_ids"] ?? []) as number[];
  expect(odoo.records.rowOf("ir.attachment", file)["datas"]).toEqual(photo);
}, 60_000);

it("P19: a reply of staff comes back as text, a note does not, a change of stage as its template", async () => {
  odoo.post(task(), { body: "<p>PRIVATE: this person complained before</p>", subtype_xmlid: "mail.mt_note" });
  odoo.post(task(), { ...reply, body: "<p>Thank you, a colleague will come on Tuesday.</p>" });
  await sent(1);
  odoo.write(task(), { stage_id: odoo.stageOf("Cancelled") });
  odoo.write(task(), { stage_id: 4 });
  await sent(2);
  expect(await sends()).toMatchObject([
    { person: phone, type: "text", text: "Thank you, a colleague will come on Tuesday." },
    {
      person: phone,
      type: "template",
      template: { name: "ticket_solved" },
      text: expect.stringContaining(`(number ${task()})`),
    },
  ]);
}, 60_000);

it("P27, P18: a message after the closing reopens the task, and nothing of our own comes back", async () => {
  await stack.graph("POST", "/messages", {
    person: { phone, name: "Asha Rao" },
    text: "It is dark again",
    wait: true,
  });
  const isOpen = () => odoo.tickets()[0]?.["stage_id"] === odoo.stageOf("In Progress");
  await until("the task to be open", isOpen, PATIENCE);
  await until("the third message", () => entries().length >= 5, PATIENCE);
  odoo.post(task(), { ...reply, body: "<p>We are on our way.</p>" });
  await sent(3);
  expect((await sends())[2]).toMatchObject({ text: "We are on our way." });
  expect(JSON.stringify(await sends())).not.toContain("PRIVATE");
  expect(odoo.tickets()).toHaveLength(1);
}, 60_000);

it("a further message on an open task costs one call", async () => {
  odoo.calls.length = 0;
  const before = entries().length;
  await stack.graph("POST", "/messages", {
    person: { phone, name: "Asha Rao" },
    text: "Thank you",
    wait: true,
  });
  await until("the fourth message", () => entries().length > before, PATIENCE);
  // Polling goes on meanwhile, and only reads.
  const writes = odoo.calls.filter(({ method }) => !method.startsWith("search"));
  expect(writes.map(({ model, method }) => `${model} ${method}`)).toEqual(["project.task message_post"]);
}, 60_000);
