import { afterAll, beforeAll, expect, it } from "vitest";
import { API_KEY, type Odoo, startOdoo } from "../connectors/odoo-server.ts";
import { until } from "../support/until.ts";
import { type Conversation, openConversation, PATIENCE, person, photo } from "./conversation.ts";

const reply = { subtype_xmlid: "mail.mt_comment" };
let odoo: Odoo;
let talk: Conversation;

beforeAll(async () => {
  odoo = await startOdoo();
  talk = await openConversation("odoo", {
    ...{ url: odoo.url, apiKey: API_KEY },
    ...{ application: "project", queue: "WhatsApp", pollSeconds: 1 },
  });
}, 120_000);

afterAll(async () => {
  await talk?.stop();
  await odoo?.stop();
});

const task = () => odoo.tickets()[0]?.id ?? 0;
const entries = () => odoo.written(task());

it("a text and a photo become one task and two entries of the contact that Odoo has already, the photo byte-identical", async () => {
  const known = odoo.insert("res.partner", { name: "Mrs Rao", phone: "+44 7700 900123" });
  await talk.writeWithPhoto("The street light at 12 Mill Road is broken 💡");
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
  await talk.sent(1);
  odoo.write(task(), { stage_id: odoo.stageOf("Cancelled") });
  odoo.write(task(), { stage_id: 4 });
  await talk.sent(2);
  expect(await talk.sends()).toMatchObject([
    { person: person.phone, type: "text", text: "Thank you, a colleague will come on Tuesday." },
    {
      person: person.phone,
      type: "template",
      template: { name: "ticket_solved" },
      text: expect.stringContaining(`(number ${task()})`),
    },
  ]);
}, 60_000);

it("P27, P18: a message after the closing reopens the task, and nothing of our own comes back", async () => {
  await talk.write("It is dark again");
  const isOpen = () => odoo.tickets()[0]?.["stage_id"] === odoo.stageOf("In Progress");
  await until("the task to be open", isOpen, PATIENCE);
  await until("the third message", () => entries().length >= 5, PATIENCE);
  odoo.post(task(), { ...reply, body: "<p>We are on our way.</p>" });
  await talk.sent(3);
  expect((await talk.sends())[2]).toMatchObject({ text: "We are on our way." });
  expect(JSON.stringify(await talk.sends())).not.toContain("PRIVATE");
  expect(odoo.tickets()).toHaveLength(1);
}, 60_000);

it("a further message on an open task costs one call", async () => {
  odoo.calls.length = 0;
  const before = entries().length;
  await talk.write("Thank you");
  await until("the fourth message", () => entries().length > before, PATIENCE);
  // Polling goes on meanwhile, and only reads.
  const writes = odoo.calls.filter(({ method }) => !method.startsWith("search"));
  expect(writes.map(({ model, method }) => `${model} ${method}`)).toEqual(["project.task message_post"]);
}, 60_000);
