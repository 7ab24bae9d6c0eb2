import { afterAll, beforeAll, expect, it } from "vitest";
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type Salesforce,
  startSalesforce,
} from "../connectors/salesforce-server.ts";
import { until } from "../support/until.ts";
import { type Conversation, openConversation, PATIENCE, person, photo } from "./conversation.ts";

let server: Salesforce;
let talk: Conversation;

beforeAll(async () => {
  server = await startSalesforce();
  talk = await openConversation("salesforce", {
    url: server.url,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    queue: "Street_Lights",
    pollSeconds: 1,
  });
}, 120_000);

afterAll(async () => {
  await talk?.stop();
  await server?.stop();
});

const rows = (object: string) => server.org.table(object);
const caseId = () => String(rows("Case")[0]?.["Id"]);
const texts = () => rows("CaseComment").map((row) => String(row["CommentBody"]));

it("a text and a photo become one person, one case and two comments, the photo byte-identical", async () => {
  await talk.writeWithPhoto("The street light at 12 Mill Road is broken 💡");
  await until("two comments", () => texts().length >= 2, PATIENCE);
  expect(rows("Contact")).toMatchObject([{ FirstName: "Asha", LastName: "Rao", MobilePhone: person.phone }]);
  expect(rows("Case")).toMatchObject([{ Subject: "The street light at 12 Mill Road is broken 💡" }]);
  expect(texts()).toEqual([expect.stringContaining("12 Mill Road"), expect.stringContaining("this one")]);
  expect(rows("ContentDocumentLink")).toMatchObject([{ LinkedEntityId: caseId() }]);
  expect(rows("ContentVersion").map((row) => (row["bytes"] as Buffer).equals(photo))).toEqual([true]);
}, 60_000);

it("P19: a reply of staff comes back with the file that it names, a comment inside does not", async () => {
  server.comment(caseId(), "PRIVATE: she complained before", { isPublished: false });
  server.addFile(caseId(), "plan.pdf", Buffer.from("%PDF-1.4\n%%EOF\n"));
  server.comment(caseId(), "Thank you, a colleague will come on Tuesday.\n(file: plan.pdf)");
  await talk.sent(2);
  expect(await talk.sends()).toMatchObject([
    { person: person.phone, type: "text", text: "Thank you, a colleague will come on Tuesday." },
    { person: person.phone, type: "document" },
  ]);
}, 60_000);

it("P27, P18: solved is told by template, the next message reopens, and nothing of our own comes back", async () => {
  server.setStatus(caseId(), "Closed");
  await talk.sent(3);
  expect((await talk.sends())[2]).toMatchObject({ type: "template", template: { name: "ticket_solved" } });
  await talk.write("It is dark again");
  await until("the third comment", () => texts().some((text) => text.includes("dark again")), PATIENCE);
  expect(rows("Case")).toMatchObject([{ Status: "Working" }]);
  server.comment(caseId(), "We are on our way.");
  await talk.sent(4);
  expect((await talk.sends())[3]).toMatchObject({ text: "We are on our way." });
  expect(JSON.stringify(await talk.sends())).not.toContain("PRIVATE");
}, 60_000);

it("P22: a session that ended is renewed on the way, and a further message costs one call", async () => {
  server.endSessions();
  await talk.write("Are you there?");
  await until("the fourth comment", () => texts().some((text) => text.includes("Are you")), PATIENCE);
  server.calls.length = 0;
  await talk.write("Many thanks");
  await until("the fifth comment", () => texts().some((text) => text.includes("Many thanks")), PATIENCE);
  // Polling goes on meanwhile.
  const calls = server.calls.map(({ method, path }) => `${method} ${path.replace(/^.*v62\.0/, "")}`);
  expect(calls.filter((call) => call !== "POST /composite")).toEqual(["POST /composite/sobjects"]);
  expect(rows("Case")).toHaveLength(1);
  expect(rows("Deskferry_Message__c")).toHaveLength(5);
}, 60_000);
