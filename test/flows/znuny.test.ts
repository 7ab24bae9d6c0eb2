import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { startZnuny, type Znuny, znunyMissing } from "../../scripts/znuny.ts";
import { articlesOf, createZnunyAgent, customersOf, znunySettings } from "../connectors/znuny-harness.ts";
import { jpeg } from "../support/sample-files.ts";
import { until } from "../support/until.ts";

const missing = znunyMissing();
if (missing) console.log(missing);

const PATIENCE = { withinMs: 25_000, everyMs: 300 };
const photo = Buffer.concat([jpeg, randomBytes(70_000)]);

describe.skipIf(missing !== undefined).each([
  ["by webhook", { push: true, poll: false }],
  ["by polling", { push: false, poll: true }],
  ["by both at once", { push: true, poll: true }],
])("with a real Znuny 6.5, changes arriving %s", (_how, { push, poll }) => {
  const phone = "+447700900123";
  const person = { phone, name: "Asha Rao" };
  let znuny: Znuny;
  let stack: Stack;
  let agent: ReturnType<typeof createZnunyAgent>;
  let ticket: string;

  beforeAll(async () => {
    znuny = await startZnuny();
    agent = createZnunyAgent(znuny);
    const name = `znuny-${process.pid}-${push ? "push" : ""}${poll ? "poll" : ""}`;
    const { webhookSecret, ...settings } = znunySettings(znuny);
    stack = await startStack({
      redisUrl: process.env["REDIS_URL"] ?? "",
      name,
      helpdesk: {
        mapping: "znuny",
        connection: {
          use: "znuny",
          ...settings,
          ...(push ? { webhookSecret } : {}),
          ...(poll ? { pollSeconds: 1 } : {}),
        },
      },
    });
    const app = await stack.start("all");
    if (push) await znuny.setHook(`${app.url}/webhooks/connections/${name}`);
  }, 180_000);

  afterAll(async () => {
    await stack?.stop();
    await znuny?.stop();
  });

  const sends = async () => (await stack.graphLedger()).sends;
  const sent = (count: number) =>
    until(`${count} messages sent`, async () => (await sends()).length >= count, PATIENCE);
  const ours = () => agent.tickets({ DynamicField_DeskferryTicket: { Like: "deskferry/*" } });
  const ofPerson = async () =>
    (await articlesOf(agent, ticket)).filter(({ senderType }) => senderType === "customer");

  it("an album of a text and a photo becomes one customer user, one ticket and two articles in order, the photo byte-identical", async () => {
    const photoMedia = { mimeType: "image/jpeg", base64: photo.toString("base64") };
    await stack.graph("POST", "/messages", {
      delivery: "album",
      wait: true,
      person,
      messages: [
        { text: "The street light at 12 Mill Road is broken 💡", sentAt: Date.now() - 5000 },
        { type: "image", text: "this one", media: photoMedia, sentAt: Date.now() - 3000 },
      ],
    });
    const articles = await until(
      "two articles, the second with its file, which Znuny writes after the article",
      async () => {
        const [first] = await ours();
        if (!first) return false;
        ticket = `${first.TicketID}`;
        const all = await ofPerson();
        return all[1]?.attachments.length && all;
      },
      PATIENCE,
    );

    const tickets = await ours();
    expect(tickets).toHaveLength(1);
    expect(tickets[0]?.DynamicField).toContainEqual({
      Name: "DeskferryTicket",
      Value: expect.stringMatching(/^deskferry\//),
    });
    const login = tickets[0]?.CustomerUserID ?? "";
    expect(login).toMatch(/^whatsapp:/);
    expect(await customersOf(znuny, { externalId: login, phone })).toEqual([{ id: login, name: "Asha Rao" }]);
    expect(articles.map(({ body, visibility }) => [body, visibility])).toEqual([
      ["The street light at 12 Mill Road is broken 💡", "public"],
      ["this one", "public"],
    ]);
    expect(articles[1]?.attachments).toHaveLength(1);
    expect(articles[1]?.attachments[0]?.bytes.equals(photo)).toBe(true);
  });

  it("P19: a reply of staff comes back as text, a private note does not", async () => {
    await agent.note(ticket, "PRIVATE: this person complained before");
    await agent.reply(ticket, "Thank you, a colleague will come on Tuesday.");
    await sent(1);
    expect(await sends()).toMatchObject([
      { person: phone, type: "text", text: "Thank you, a colleague will come on Tuesday." },
    ]);
  });

  it("a change of state comes back as the right template, once", async () => {
    await agent.setState(ticket, "closed successful");
    await sent(2);
    expect((await sends())[1]).toMatchObject({
      person: phone,
      type: "template",
      template: { name: "ticket_solved", language: "en" },
      text: expect.stringContaining(`(number ${ticket})`),
    });
  });

  it("P27: messages while Znuny is down wait, reopen the ticket and stand there once each, in their order", async () => {
    await znuny.halt();
    const texts = ["It is dark again", "Since Monday", "Please come"];
    for (const text of texts) await stack.graph("POST", "/messages", { person, text, wait: true });
    await znuny.resume();
    await until("five articles of the person", async () => (await ofPerson()).length >= 5, {
      withinMs: 50_000,
      everyMs: 500,
    });
    expect((await ofPerson()).slice(2).map(({ body }) => body)).toEqual(texts);
    expect(await ours()).toMatchObject([{ TicketID: expect.anything(), State: "open" }]);
  });

  it("P18: nothing of our own came back as a message, nothing private left, nothing was sent or written twice", async () => {
    await agent.reply(ticket, "We are on our way.");
    await sent(3);
    // When a change that was made later has arrived, all earlier ones have.
    await agent.reply(ticket, "We are there.");
    await sent(4);
    expect((await sends()).map(({ text }) => text)).toEqual([
      "Thank you, a colleague will come on Tuesday.",
      expect.stringContaining(`(number ${ticket})`),
      "We are on our way.",
      "We are there.",
    ]);
    expect(await ofPerson()).toHaveLength(5);
    expect(await ours()).toHaveLength(1);
  });
});
