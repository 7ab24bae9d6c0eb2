import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type RequestTracker,
  requestTrackerMissing,
  startRequestTracker,
} from "../../scripts/request-tracker.ts";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { createRtAgent } from "../support/rt-agent.ts";
import { jpeg } from "../support/sample-files.ts";
import { until } from "../support/until.ts";

const missing = requestTrackerMissing();
if (missing) console.log(missing);

const PATIENCE = { withinMs: 30_000, everyMs: 200 };
const photo = Buffer.concat([jpeg, randomBytes(70_000)]);

describe.skipIf(missing !== undefined).each([
  ["by webhook", { push: true, poll: false }],
  ["by polling", { push: false, poll: true }],
  ["by both at once", { push: true, poll: true }],
])("with a real Request Tracker 5, changes arriving %s", (_how, { push, poll }) => {
  const phone = "+447700900123";
  let rt: RequestTracker;
  let stack: Stack;
  let agent: ReturnType<typeof createRtAgent>;
  let ticket: string;

  beforeAll(async () => {
    rt = await startRequestTracker();
    agent = createRtAgent(rt);
    const name = `rt-${process.pid}-${push ? "push" : ""}${poll ? "poll" : ""}`;
    stack = await startStack({
      redisUrl: process.env["REDIS_URL"] ?? "",
      name,
      helpdesk: {
        mapping: "request-tracker",
        connection: {
          use: "request-tracker",
          url: rt.url,
          token: rt.connector.token,
          username: rt.connector.name,
          queue: rt.queue,
          ...(push ? { webhookSecret: rt.webhookSecret } : {}),
          ...(poll ? { pollSeconds: 1 } : {}),
        },
      },
    });
    const app = await stack.start("all");
    if (push) await rt.setHook(`${app.url}/webhooks/connections/${name}`);
  }, 120_000);

  afterAll(async () => {
    await stack?.stop();
    await rt?.stop();
  });

  const sends = async () => (await stack.graphLedger()).sends;
  const sent = (count: number) =>
    until(`${count} messages sent`, async () => (await sends()).length >= count, PATIENCE);

  it("a text and a photo become one contact, one ticket and two comments in order, the photo byte-identical", async () => {
    const photoMedia = { mimeType: "image/jpeg", base64: photo.toString("base64") };
    await stack.graph("POST", "/messages", {
      delivery: "album",
      wait: true,
      person: { phone, name: "Asha Rao" },
      messages: [
        { text: "The street light at 12 Mill Road is broken 💡", sentAt: Date.now() - 5000 },
        { type: "image", text: "this one", media: photoMedia, sentAt: Date.now() - 3000 },
      ],
    });
    const comments = await until(
      "two comments",
      async () => {
        [ticket] = (await agent.tickets()).map(({ id }) => id) as [string];
        const all = (await agent.history(ticket)).filter(({ Type }) => Type === "Correspond");
        return all.length >= 2 && all;
      },
      PATIENCE,
    );

    expect(await agent.tickets()).toHaveLength(1);
    const { Requestor, CustomFields } = await agent.ticket(ticket);
    const contact = await agent.user(Requestor[0]?.id ?? "");
    expect(contact.RealName).toBe("Asha Rao");
    expect(contact.CustomFields).toContainEqual(
      expect.objectContaining({ name: "DeskferryPhone", values: [phone] }),
    );
    expect(CustomFields).toContainEqual(
      expect.objectContaining({ name: "DeskferryTicket", values: [expect.stringMatching(/^deskferry\//)] }),
    );
    expect(comments).toHaveLength(2);
    expect(await agent.textOf(comments[0]?.id ?? "")).toContain(
      "The street light at 12 Mill Road is broken 💡",
    );
    expect(await agent.textOf(comments[1]?.id ?? "")).toContain("this one");
    const files = (await agent.attachmentsOf(comments[1]?.id ?? "")).filter(({ name }) => name !== "");
    expect(files).toHaveLength(1);
    expect(files[0]?.bytes.equals(photo)).toBe(true);
  }, 60_000);

  it("P19: a reply of staff comes back as text, a private note does not", async () => {
    await agent.note(ticket, "PRIVATE: this person complained before");
    await agent.reply(ticket, "Thank you, a colleague will come on Tuesday.");
    await sent(1);
    expect(await sends()).toMatchObject([
      { person: phone, type: "text", text: "Thank you, a colleague will come on Tuesday." },
    ]);
  }, 60_000);

  it("a change of status comes back as the right template, once", async () => {
    await agent.setStatus(ticket, "resolved");
    await sent(2);
    expect((await sends())[1]).toMatchObject({
      person: phone,
      type: "template",
      template: { name: "ticket_solved", language: "en" },
      text: expect.stringContaining(`(number ${ticket})`),
    });
  }, 60_000);

  it("P27: a message after the closing reopens the ticket", async () => {
    await stack.graph("POST", "/messages", {
      person: { phone, name: "Asha Rao" },
      text: "It is dark again",
      wait: true,
    });
    await until(
      "the ticket to be open",
      async () => (await agent.ticket(ticket)).Status === "open",
      PATIENCE,
    );
    expect(await agent.tickets()).toHaveLength(1);
  }, 60_000);

  it("P18: nothing of our own came back as a message, and nothing private left", async () => {
    await agent.reply(ticket, "We are on our way.");
    await sent(3);
    const texts = (await sends()).map(({ text }) => text);
    expect(texts).toHaveLength(3);
    expect(texts[2]).toBe("We are on our way.");
    expect(texts.join("\n")).not.toContain("PRIVATE");
    const ours = async () => {
      const history = await agent.history(ticket);
      return history.filter(({ Creator, Type }) => Creator.id === rt.connector.name && /^Co/.test(Type));
    };
    await until("the third message of the person", async () => (await ours()).length >= 3, PATIENCE);
    expect((await ours()).map(({ Type }) => Type)).toEqual(["Correspond", "Correspond", "Correspond"]);
  }, 60_000);
});
