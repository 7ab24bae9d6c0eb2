import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { API_KEY, type Freshdesk, startFreshdesk } from "../connectors/freshdesk-server.ts";
import { until } from "../support/until.ts";

const PATIENCE = { withinMs: 30_000, everyMs: 100 };
const phone = "+447700900123";
const photo = randomBytes(70_000);
let freshdesk: Freshdesk;
let stack: Stack;

beforeAll(async () => {
  freshdesk = await startFreshdesk();
  stack = await startStack({
    redisUrl: process.env["REDIS_URL"] ?? "",
    name: `freshdesk-${process.pid}`,
    helpdesk: {
      mapping: "freshdesk",
      connection: { use: "freshdesk", url: freshdesk.url, apiKey: API_KEY, pollSeconds: 1 },
    },
  });
  await stack.start("all");
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  await freshdesk?.stop();
});

const notes = () => freshdesk.tickets[0]?.conversations ?? [];
const sends = async () => (await stack.graphLedger()).sends;
const sent = (count: number) =>
  until(`${count} messages sent`, async () => (await sends()).length >= count, PATIENCE);

it("a text and a photo become one contact, one ticket and two notes of the contact, the photo byte-identical", async () => {
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
  await until("two notes", () => notes().length >= 2, PATIENCE);
  expect(freshdesk.contacts).toMatchObject([{ name: "Asha Rao", mobile: phone }]);
  expect(freshdesk.tickets).toMatchObject([
    {
      subject: "The street light at 12 Mill Road is broken 💡",
      tags: ["whatsapp"],
      custom_fields: { cf_deskferry_ticket: expect.stringMatching(/^deskferry\//) },
    },
  ]);
  const user_id = freshdesk.contacts[0]?.id;
  expect(notes()).toMatchObject([
    { body: expect.stringContaining("12 Mill Road"), user_id, incoming: true, private: false },
    { body: expect.stringContaining("this one"), user_id, incoming: true, private: false },
  ]);
  expect(notes()[1]?.files[0]?.bytes.equals(photo)).toBe(true);
}, 60_000);

it("P19: a reply of staff comes back as text, a private note does not, a change of status as its template", async () => {
  freshdesk.note("1", "<div>PRIVATE: this person complained before</div>");
  freshdesk.reply("1", "<div>Thank you, a colleague will come on Tuesday.</div>");
  await sent(1);
  freshdesk.setStatus("1", 4);
  await sent(2);
  expect(await sends()).toMatchObject([
    { person: phone, type: "text", text: "Thank you, a colleague will come on Tuesday." },
    {
      person: phone,
      type: "template",
      template: { name: "ticket_solved" },
      text: expect.stringContaining("(number 1)"),
    },
  ]);
}, 60_000);

it("P27, P18: a message after the closing reopens the ticket, and nothing of our own comes back", async () => {
  await stack.graph("POST", "/messages", {
    person: { phone, name: "Asha Rao" },
    text: "It is dark again",
    wait: true,
  });
  await until("the ticket to be open", () => freshdesk.tickets[0]?.status === 2, PATIENCE);
  await until("the third message", () => notes().some(({ body }) => body.includes("dark again")), PATIENCE);
  freshdesk.reply("1", "<div>We are on our way.</div>");
  await sent(3);
  expect((await sends())[2]).toMatchObject({ text: "We are on our way." });
  expect(JSON.stringify(await sends())).not.toContain("PRIVATE");
  expect(freshdesk.tickets).toHaveLength(1);
}, 60_000);

it("a further message on an open ticket costs one call", async () => {
  freshdesk.calls.length = 0;
  await stack.graph("POST", "/messages", {
    person: { phone, name: "Asha Rao" },
    text: "Thank you",
    wait: true,
  });
  await until("the fourth message", () => notes().some(({ body }) => body.includes("Thank you<")), PATIENCE);
  // Polling goes on meanwhile, and only reads.
  const writes = freshdesk.calls.filter(({ method }) => method !== "GET");
  expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /api/v2/tickets/1/notes"]);
}, 60_000);
