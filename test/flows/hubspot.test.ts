import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { type Hubspot, startHubspot, TOKEN } from "../connectors/hubspot-server.ts";
import { until } from "../support/until.ts";

const PATIENCE = { withinMs: 30_000, everyMs: 100 };
const phone = "+447700900123";
const photo = randomBytes(70_000);
let hubspot: Hubspot;
let stack: Stack;

beforeAll(async () => {
  hubspot = await startHubspot();
  stack = await startStack({
    redisUrl: process.env["REDIS_URL"] ?? "",
    name: `hubspot-${process.pid}`,
    helpdesk: {
      mapping: "hubspot",
      connection: { use: "hubspot", apiUrl: hubspot.url, token: TOKEN, pollSeconds: 1 },
    },
  });
  await stack.start("all");
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  await hubspot?.stop();
});

const bodies = () => hubspot.notes.map(({ properties }) => properties["hs_note_body"] ?? "");
const ticketId = () => hubspot.tickets[0]?.id ?? "";
const sends = async () => (await stack.graphLedger()).sends;
const sent = (count: number) =>
  until(`${count} messages sent`, async () => (await sends()).length >= count, PATIENCE);
const writes = (text: string) =>
  stack.graph("POST", "/messages", { person: { phone, name: "Asha Rao" }, text, wait: true });

it("a text and a photo become one contact, one ticket and two notes, the photo byte-identical and private", async () => {
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
  await until("two notes", () => hubspot.notes.length >= 2, PATIENCE);
  expect(hubspot.contacts.map(({ properties }) => properties)).toMatchObject([
    { firstname: "Asha Rao", phone },
  ]);
  expect(hubspot.tickets.map(({ properties }) => properties)).toMatchObject([
    {
      subject: "The street light at 12 Mill Road is broken 💡",
      hs_pipeline_stage: "1",
      deskferry_id: expect.stringMatching(/^deskferry\//),
    },
  ]);
  expect(bodies()).toEqual([expect.stringContaining("12 Mill Road"), expect.stringContaining("this one")]);
  expect(hubspot.files[0]?.bytes.equals(photo)).toBe(true);
}, 60_000);

it("P19: a note with the marker comes back as text with its file, one without does not, a change of status as its template", async () => {
  hubspot.note([ticketId()], "<p>PRIVATE: this person complained before</p>");
  const plan = hubspot.keep("plan.pdf", "application/pdf", Buffer.from("%PDF-1.4\n%%EOF\n"));
  hubspot.note([ticketId()], "<p>[to WhatsApp] Thank you, a colleague will come on Tuesday.</p>", [plan]);
  await sent(2);
  hubspot.setStage(ticketId(), "4");
  await sent(3);
  expect(await sends()).toMatchObject([
    { person: phone, type: "text", text: "Thank you, a colleague will come on Tuesday." },
    { person: phone, type: "document" },
    {
      person: phone,
      type: "template",
      template: { name: "ticket_solved" },
      text: expect.stringContaining(`(number ${ticketId()})`),
    },
  ]);
}, 60_000);

it("P27, P18: a message after the closing reopens the ticket, and nothing of our own comes back", async () => {
  await writes("It is dark again");
  const stage = () => hubspot.tickets[0]?.properties["hs_pipeline_stage"];
  await until("the ticket to be open", () => stage() === "3", PATIENCE);
  await until("the message", () => bodies().some((body) => body.includes("dark again")), PATIENCE);
  hubspot.note([ticketId()], "<p>[to WhatsApp] We are on our way.</p>");
  await sent(4);
  expect((await sends())[3]).toMatchObject({ text: "We are on our way." });
  expect(JSON.stringify(await sends())).not.toContain("PRIVATE");
  expect(hubspot.tickets).toHaveLength(1);
}, 60_000);

it("a further message on an open ticket costs one call", async () => {
  hubspot.calls.length = 0;
  await writes("Thank you");
  await until("the message", () => bodies().some((body) => body.includes("Thank you<")), PATIENCE);
  // Polling goes on meanwhile: searches and reads of batches.
  const own = hubspot.calls.filter(({ path }) => !/\/(search|batch\/read)$/.test(path));
  expect(own.map(({ path }) => path)).toEqual(["/crm/objects/2026-09/notes"]);
}, 60_000);
