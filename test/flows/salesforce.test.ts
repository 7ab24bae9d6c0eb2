import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stack, startStack } from "../../scripts/stack.ts";
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type Salesforce,
  startSalesforce,
} from "../connectors/salesforce-server.ts";
import { until } from "../support/until.ts";

const PATIENCE = { withinMs: 30_000, everyMs: 100 };
const phone = "+447700900123";
const photo = randomBytes(70_000);
let server: Salesforce;
let stack: Stack;

beforeAll(async () => {
  server = await startSalesforce();
  stack = await startStack({
    redisUrl: process.env["REDIS_URL"] ?? "",
    name: `salesforce-${process.pid}`,
    helpdesk: {
      mapping: "salesforce",
      connection: {
        use: "salesforce",
        url: server.url,
        clientId: CLIENT_ID,
        clientSecret: CLIENT_SECRET,
        queue: "Street_Lights",
        pollSeconds: 1,
      },
    },
  });
  await stack.start("all");
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  await server?.stop();
});

const rows = (object: string) => server.org.table(object);
const caseId = () => String(rows("Case")[0]?.["Id"]);
const texts = () => rows("CaseComment").map((row) => String(row["CommentBody"]));
const sends = async () => (await stack.graphLedger()).sends;
const sent = (count: number) =>
  until(`${count} messages sent`, async () => (await sends()).length >= count, PATIENCE);
const write = (text: string) =>
  stack.graph("POST", "/messages", { person: { phone, name: "Asha Rao" }, text, wait: true });

it("a text and a photo become one person, one case and two comments, the photo byte-identical", async () => {
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
  await until("two comments", () => texts().length >= 2, PATIENCE);
  expect(rows("Contact")).toMatchObject([{ FirstName: "Asha", LastName: "Rao", MobilePhone: phone }]);
  expect(rows("Case")).toMatchObject([{ Subject: "The street light at 12 Mill Road is broken 💡" }]);
  expect(texts()).toEqual([expect.stringContaining("12 Mill Road"), expect.stringContaining("this one")]);
  expect(rows("ContentDocumentLink")).toMatchObject([{ LinkedEntityId: caseId() }]);
  expect(rows("ContentVersion").map((row) => (row["bytes"] as Buffer).equals(photo))).toEqual([true]);
}, 60_000);

it("P19: a reply of staff comes back with the file that it names, a comment inside does not", async () => {
  server.comment(caseId(), "PRIVATE: she complained before", { isPublished: false });
  server.addFile(caseId(), "plan.pdf", Buffer.from("%PDF-1.4\n%%EOF\n"));
  server.comment(caseId(), "Thank you, a colleague will come on Tuesday.\n(file: plan.pdf)");
  await sent(2);
  expect(await sends()).toMatchObject([
    { person: phone, type: "text", text: "Thank you, a colleague will come on Tuesday." },
    { person: phone, type: "document" },
  ]);
}, 60_000);

it("P27, P18: solved is told by template, the next message reopens, and nothing of our own comes back", async () => {
  server.setStatus(caseId(), "Closed");
  await sent(3);
  expect((await sends())[2]).toMatchObject({ type: "template", template: { name: "ticket_solved" } });
  await write("It is dark again");
  await until("the third comment", () => texts().some((text) => text.includes("dark again")), PATIENCE);
  expect(rows("Case")).toMatchObject([{ Status: "Working" }]);
  server.comment(caseId(), "We are on our way.");
  await sent(4);
  expect((await sends())[3]).toMatchObject({ text: "We are on our way." });
  expect(JSON.stringify(await sends())).not.toContain("PRIVATE");
}, 60_000);

it("P22: a session that ended is renewed on the way, and a further message costs one call", async () => {
  server.endSessions();
  await write("Are you there?");
  await until("the fourth comment", () => texts().some((text) => text.includes("Are you")), PATIENCE);
  server.calls.length = 0;
  await write("Many thanks");
  await until("the fifth comment", () => texts().some((text) => text.includes("Many thanks")), PATIENCE);
  // Polling goes on meanwhile.
  const calls = server.calls.map(({ method, path }) => `${method} ${path.replace(/^.*v62\.0/, "")}`);
  expect(calls.filter((call) => call !== "POST /composite")).toEqual(["POST /composite/sobjects"]);
  expect(rows("Case")).toHaveLength(1);
  expect(rows("Deskferry_Message__c")).toHaveLength(5);
}, 60_000);
