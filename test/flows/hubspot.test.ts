import { afterAll, beforeAll, expect, it } from "vitest";
import { type Hubspot, startHubspot, TOKEN } from "../connectors/hubspot-server.ts";
import { until } from "../support/until.ts";
import { type Conversation, openConversation, PATIENCE, person, photo } from "./conversation.ts";

let hubspot: Hubspot;
let talk: Conversation;

beforeAll(async () => {
  hubspot = await startHubspot();
  talk = await openConversation("hubspot", { apiUrl: hubspot.url, token: TOKEN, pollSeconds: 1 });
}, 120_000);

afterAll(async () => {
  await talk?.stop();
  await hubspot?.stop();
});

const bodies = () => hubspot.notes.map(({ properties }) => properties["hs_note_body"] ?? "");
const ticketId = () => hubspot.tickets[0]?.id ?? "";

it("a text and a photo become one contact, one ticket and two notes, the photo byte-identical and private", async () => {
  await talk.writeWithPhoto("The street light at 12 Mill Road is broken 💡");
  await until("two notes", () => hubspot.notes.length >= 2, PATIENCE);
  expect(hubspot.contacts.map(({ properties }) => properties)).toMatchObject([
    { firstname: "Asha Rao", phone: person.phone },
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
  await talk.sent(2);
  hubspot.setStage(ticketId(), "4");
  await talk.sent(3);
  expect(await talk.sends()).toMatchObject([
    { person: person.phone, type: "text", text: "Thank you, a colleague will come on Tuesday." },
    { person: person.phone, type: "document" },
    {
      person: person.phone,
      type: "template",
      template: { name: "ticket_solved" },
      text: expect.stringContaining(`(number ${ticketId()})`),
    },
  ]);
}, 60_000);

it("P27, P18: a message after the closing reopens the ticket, and nothing of our own comes back", async () => {
  await talk.write("It is dark again");
  const stage = () => hubspot.tickets[0]?.properties["hs_pipeline_stage"];
  await until("the ticket to be open", () => stage() === "3", PATIENCE);
  await until("the message", () => bodies().some((body) => body.includes("dark again")), PATIENCE);
  hubspot.note([ticketId()], "<p>[to WhatsApp] We are on our way.</p>");
  await talk.sent(4);
  expect((await talk.sends())[3]).toMatchObject({ text: "We are on our way." });
  expect(JSON.stringify(await talk.sends())).not.toContain("PRIVATE");
  expect(hubspot.tickets).toHaveLength(1);
}, 60_000);

it("a further message on an open ticket costs one call", async () => {
  hubspot.calls.length = 0;
  await talk.write("Thank you");
  await until("the message", () => bodies().some((body) => body.includes("Thank you<")), PATIENCE);
  // Polling goes on meanwhile: searches and reads of batches.
  const own = hubspot.calls.filter(({ path }) => !/\/(search|batch\/read)$/.test(path));
  expect(own.map(({ path }) => path)).toEqual(["/crm/objects/2026-09/notes"]);
}, 60_000);
