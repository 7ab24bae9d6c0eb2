import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { API_KEY, type Espocrm, startEspocrm } from "../connectors/espocrm-server.ts";
import { until } from "../support/until.ts";

const PATIENCE = { withinMs: 30_000, everyMs: 100 };
const person = { phone: "+447700900123", name: "Asha Rao" };
const photo = randomBytes(70_000);
let espocrm: Espocrm;
let stack: Stack;

beforeAll(async () => {
  espocrm = await startEspocrm({ namePattern: true });
  stack = await startStack({
    redisUrl: process.env["REDIS_URL"] ?? "",
    name: `espocrm-${process.pid}`,
    helpdesk: {
      mapping: "espocrm",
      connection: { use: "espocrm", url: espocrm.url, apiKey: API_KEY, pollSeconds: 1 },
    },
  });
  await stack.start("all");
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  await espocrm?.stop();
});

const posts = () => (espocrm.tables["Note"] ?? []).filter(({ type }) => type === "Post");
const caseId = () => espocrm.tables["Case"]?.[0]?.id ?? "";
const sends = async () => (await stack.graphLedger()).sends;
const sent = (count: number) =>
  until(`${count} messages sent`, async () => (await sends()).length >= count, PATIENCE);

it("a text and a photo become one contact, one case and two posts, the photo byte-identical", async () => {
  const media = { mimeType: "image/jpeg", base64: photo.toString("base64") };
  await stack.graph("POST", "/messages", {
    delivery: "album",
    wait: true,
    person,
    messages: [
      { text: "The lamp at <12 Mill Road> is broken 💡", sentAt: Date.now() - 5000 },
      { type: "image", text: "this one", media, sentAt: Date.now() - 3000 },
    ],
  });
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
  await sent(1);
  espocrm.setStatus(caseId(), "Closed");
  await sent(2);
  expect(await sends()).toMatchObject([
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
  await stack.graph("POST", "/messages", { person, text: "It is dark again", wait: true });
  const status = () => espocrm.tables["Case"]?.[0]?.["status"];
  await until("the case to be open", () => status() === "Assigned", PATIENCE);
  const isThere = () => posts().some(({ post }) => String(post).includes("dark again"));
  await until("the third message", isThere, PATIENCE);
  espocrm.post(caseId(), "We are on our way.");
  await sent(3);
  expect((await sends())[2]).toMatchObject({ text: "We are on our way." });
  expect(JSON.stringify(await sends())).not.toMatch(/PRIVATE|#wa-/);
  expect(espocrm.tables["Case"]).toHaveLength(1);
}, 60_000);
