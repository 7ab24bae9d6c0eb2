import { afterAll, beforeAll, expect, it } from "vitest";
import { API_KEY, type Espocrm, startEspocrm } from "../connectors/espocrm-server.ts";
import { until } from "../support/until.ts";
import { type Conversation, openConversation, PATIENCE, person, photo } from "./conversation.ts";

let espocrm: Espocrm;
let talk: Conversation;

beforeAll(async () => {
  espocrm = await startEspocrm({ namePattern: true });
  talk = await openConversation("espocrm", { url: espocrm.url, apiKey: API_KEY, pollSeconds: 1 });
}, 120_000);

afterAll(async () => {
  await talk?.stop();
  await espocrm?.stop();
});

const posts = () => (espocrm.tables["Note"] ?? []).filter(({ type }) => type === "Post");
const caseId = () => espocrm.tables["Case"]?.[0]?.id ?? "";

it("a text and a photo become one contact, one case and two posts, the photo byte-identical", async () => {
  await talk.writeWithPhoto("The lamp at <12 Mill Road> is broken 💡");
  await until("two posts", () => posts().length >= 2, PATIENCE);
  expect(espocrm.tables["Contact"]).toMatchObject([{ name: person.name, phoneNumber: person.phone }]);
  expect(espocrm.tables["Case"]).toMatchObject([
    {
      name: "The lamp at ＜12 Mill Road＞ is broken 💡",
      cDeskferryId: expect.stringMatching(/^deskferry\//),
    },
  ]);
  expect([...espocrm.files.values()].map(({ bytes }) => bytes.equals(photo))).toEqual([true]);
  expect(posts()[1]).toMatchObject({ attachmentsIds: [...espocrm.files.keys()] });
}, 60_000);

it("P19: a post of staff comes back as text, an internal one does not, a closed case as its template", async () => {
  espocrm.post(caseId(), "PRIVATE: this person complained before", { isInternal: true });
  espocrm.post(caseId(), "Thank you, a colleague will come on Tuesday.");
  await talk.sent(1);
  espocrm.setStatus(caseId(), "Closed");
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

it("P27, P18: a message after the closing reopens the case, and nothing of our own comes back", async () => {
  await talk.write("It is dark again");
  const status = () => espocrm.tables["Case"]?.[0]?.["status"];
  await until("the case to be open", () => status() === "Assigned", PATIENCE);
  const isThere = () => posts().some(({ post }) => String(post).includes("dark again"));
  await until("the third message", isThere, PATIENCE);
  espocrm.post(caseId(), "We are on our way.");
  await talk.sent(3);
  expect((await talk.sends())[2]).toMatchObject({ text: "We are on our way." });
  expect(JSON.stringify(await talk.sends())).not.toMatch(/PRIVATE|#wa-/);
  expect(espocrm.tables["Case"]).toHaveLength(1);
}, 60_000);
