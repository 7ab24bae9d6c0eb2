import { afterAll, beforeAll, expect, it } from "vitest";
import { API_KEY, type Freshdesk, startFreshdesk } from "../connectors/freshdesk-server.ts";
import { until } from "../support/until.ts";
import { type Conversation, openConversation, PATIENCE, person, photo } from "./conversation.ts";

let freshdesk: Freshdesk;
let talk: Conversation;

beforeAll(async () => {
  freshdesk = await startFreshdesk();
  talk = await openConversation("freshdesk", { url: freshdesk.url, apiKey: API_KEY, pollSeconds: 1 });
}, 120_000);

afterAll(async () => {
  await talk?.stop();
  await freshdesk?.stop();
});

const notes = () => freshdesk.tickets[0]?.conversations ?? [];

it("a text and a photo become one contact, one ticket and two notes of the contact, the photo byte-identical", async () => {
  await talk.writeWithPhoto("The street light at 12 Mill Road is broken 💡");
  await until("two notes", () => notes().length >= 2, PATIENCE);
  expect(freshdesk.contacts).toMatchObject([{ name: "Asha Rao", mobile: person.phone }]);
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
  await talk.sent(1);
  freshdesk.setStatus("1", 4);
  await talk.sent(2);
  expect(await talk.sends()).toMatchObject([
    { person: person.phone, type: "text", text: "Thank you, a colleague will come on Tuesday." },
    {
      person: person.phone,
      type: "template",
      template: { name: "ticket_solved" },
      text: expect.stringContaining("(number 1)"),
    },
  ]);
}, 60_000);

it("P27, P18: a message after the closing reopens the ticket, and nothing of our own comes back", async () => {
  await talk.write("It is dark again");
  await until("the ticket to be open", () => freshdesk.tickets[0]?.status === 2, PATIENCE);
  await until("the third message", () => notes().some(({ body }) => body.includes("dark again")), PATIENCE);
  freshdesk.reply("1", "<div>We are on our way.</div>");
  await talk.sent(3);
  expect((await talk.sends())[2]).toMatchObject({ text: "We are on our way." });
  expect(JSON.stringify(await talk.sends())).not.toContain("PRIVATE");
  expect(freshdesk.tickets).toHaveLength(1);
}, 60_000);

it("a further message on an open ticket costs one call", async () => {
  freshdesk.calls.length = 0;
  await talk.write("Thank you");
  await until("the fourth message", () => notes().some(({ body }) => body.includes("Thank you<")), PATIENCE);
  // Polling goes on meanwhile, and only reads.
  const writes = freshdesk.calls.filter(({ method }) => method !== "GET");
  expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /api/v2/tickets/1/notes"]);
}, 60_000);
