import { afterAll, beforeAll, expect, it } from "vitest";
import { ACCOUNT, DESK, FIELDS, ORGANIZATION } from "../connectors/jira-service-management-desk.ts";
import { EMAIL, type Jira, startJira, TOKEN } from "../connectors/jira-service-management-server.ts";
import { linesOf } from "../connectors/jira-service-management-shown.ts";
import { until } from "../support/until.ts";
import { type Conversation, openConversation, PATIENCE, person, photo } from "./conversation.ts";

let jira: Jira;
let talk: Conversation;

beforeAll(async () => {
  jira = await startJira({ indexLagMs: 1500 });
  talk = await openConversation("jira-service-management", {
    url: jira.url,
    email: EMAIL,
    token: TOKEN,
    accountId: ACCOUNT,
    serviceDesk: DESK,
    requestType: "WhatsApp",
    organization: ORGANIZATION,
    fields: FIELDS,
    pollSeconds: 1,
  });
}, 120_000);

afterAll(async () => {
  await talk?.stop();
  await jira?.stop();
});

const ours = () =>
  (jira.desk.issues[0]?.comments ?? [])
    .filter(({ author }) => author === ACCOUNT)
    .map(({ body }) => linesOf(body));

it("a text and a photo become one person, one request and two comments, the photo byte-identical", async () => {
  await talk.writeWithPhoto("The street light at {12} Mill Road is broken 💡");
  await until("two comments", () => ours().length >= 2, PATIENCE);
  expect([...jira.desk.properties.values()]).toMatchObject([{ name: "Asha Rao", phone: person.phone }]);
  expect(jira.desk.issues).toHaveLength(1);
  expect(jira.desk.issues[0]?.fields).toMatchObject({
    summary: "The street light at {12} Mill Road is broken 💡",
    labels: ["whatsapp"],
    [FIELDS.person]: `Asha Rao, ${person.phone}`,
    [FIELDS.ticket]: expect.stringMatching(/^deskferry\//),
  });
  expect(ours().map(({ text }) => text)).toEqual([
    expect.stringContaining("{12} Mill Road"),
    expect.stringContaining("this one"),
  ]);
  expect(jira.desk.issues[0]?.files.map(({ bytes }) => bytes.equals(photo))).toEqual([true]);
}, 60_000);

it("P19: a reply of staff comes back as text, an internal note does not, a change of status as its template", async () => {
  await jira.act.comment("WA-1", { body: "PRIVATE: she complained before", jsdPublic: false });
  await jira.act.comment("WA-1", {
    body: "[~accountid:1] Thank you, a colleague will come on h1. Tuesday\\!",
  });
  await talk.sent(1);
  await jira.act.setStatus("WA-1", "Resolved");
  await talk.sent(2);
  expect(await talk.sends()).toMatchObject([
    { person: person.phone, type: "text", text: "Thank you, a colleague will come on h1. Tuesday!" },
    {
      person: person.phone,
      type: "template",
      template: { name: "ticket_solved" },
      text: expect.stringContaining("(number WA-1)"),
    },
  ]);
}, 60_000);

it("P27, P18: a message after the solving reopens the request, and nothing of our own comes back", async () => {
  await talk.write("It is dark again");
  await until("the third comment", () => ours().some(({ text }) => text.includes("dark again")), PATIENCE);
  expect(jira.issue("WA-1").fields["status"]).toBe("Waiting for support");
  await jira.act.comment("WA-1", { body: "We are on our way." });
  await talk.sent(3);
  expect((await talk.sends())[2]).toMatchObject({ text: "We are on our way." });
  expect(JSON.stringify(await talk.sends())).not.toContain("PRIVATE");
  expect(jira.desk.issues).toHaveLength(1);
}, 60_000);

it("a further message on an open request costs one call", async () => {
  jira.calls.length = 0;
  await talk.write("Thank you");
  await until("the fourth comment", () => ours().some(({ text }) => text.includes("Thank you")), PATIENCE);
  // Polling goes on meanwhile.
  const polling = /^(POST \S+\/(search\/jql|changelog\/bulkfetch)|GET \S+\/comment)$/;
  const calls = jira.calls
    .map(({ method, path }) => `${method} ${path}`)
    .filter((call) => !polling.test(call));
  expect(calls).toEqual(["POST /rest/api/3/issue/WA-1/comment"]);
  expect(jira.problems).toEqual([]);
}, 60_000);
