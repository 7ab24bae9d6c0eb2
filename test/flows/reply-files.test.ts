import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestTrackerMissing, startRequestTracker } from "../../scripts/request-tracker.ts";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { createRtAgent } from "../support/rt-agent.ts";
import { jpeg, mp4, pdf } from "../support/sample-files.ts";
import { until } from "../support/until.ts";

const missing = requestTrackerMissing();
const PATIENCE = { withinMs: 60_000, everyMs: 200 };

/** A helpdesk with one ticket, made by a person's message. */
interface Desk {
  stack: Stack;
  reply(text: string, files: { name: string; mimeType: string; bytes: Buffer }[]): Promise<unknown>;
  note(text: string, files: { name: string; mimeType: string; bytes: Buffer }[]): Promise<unknown>;
  /** Texts of our notes for staff. */
  notes(): Promise<string[]>;
  stop(): Promise<void>;
}

type StaffFiles = Parameters<Desk["reply"]>[1];

async function write(stack: Stack): Promise<void> {
  const person = { phone: "+447700900123", name: "Asha Rao" };
  await stack.graph("POST", "/messages", { person, text: "Where can I park?", wait: true });
}

async function startSandbox(): Promise<Desk> {
  const stack = await startStack({ redisUrl: process.env["REDIS_URL"] ?? "", name: `files-${process.pid}` });
  await stack.start("all");
  await write(stack);
  const ticket = async () => (await stack.deskLedger()).tickets[0];
  await until("the ticket", async () => ((await ticket())?.comments.length ?? 0) > 0, PATIENCE);
  const id = (await ticket())?.id;
  const say = (body: string, visibility: string, files: StaffFiles) =>
    stack.desk("POST", `/tickets/${id}/comments`, {
      body,
      visibility,
      attachments: files.map(({ bytes, ...file }) => ({ ...file, base64: bytes.toString("base64") })),
    });
  return {
    stack,
    reply: (text, files) => say(text, "public", files),
    note: (text, files) => say(text, "internal", files),
    async notes() {
      const comments = (await ticket())?.comments ?? [];
      return comments
        .filter(({ author, visibility }) => author.kind === "api" && visibility === "internal")
        .map(({ body }) => body);
    },
    stop: () => stack.stop(),
  };
}

async function startTracker(): Promise<Desk> {
  const rt = await startRequestTracker();
  const agent = createRtAgent(rt);
  const name = `files-rt-${process.pid}`;
  const { url, queue, webhookSecret } = rt;
  const { token, name: username } = rt.connector;
  const stack = await startStack({
    redisUrl: process.env["REDIS_URL"] ?? "",
    name,
    helpdesk: {
      mapping: "request-tracker",
      connection: { use: "request-tracker", url, token, username, queue, webhookSecret },
    },
  });
  const app = await stack.start("all");
  await rt.setHook(`${app.url}/webhooks/connections/${name}`);
  await write(stack);
  const ticket = await until("the ticket", async () => (await agent.tickets())[0]?.id, PATIENCE);
  const ours = async () => (await agent.history(ticket)).filter(({ Creator }) => Creator.id === username);
  await until("the comment", async () => (await ours()).some(({ Type }) => Type === "Correspond"), PATIENCE);
  return {
    stack,
    reply: (text, files) => agent.reply(ticket, text, files),
    note: (text, files) => agent.note(ticket, text, files),
    async notes() {
      const comments = (await ours()).filter(({ Type }) => Type === "Comment");
      return Promise.all(comments.map(({ id }) => agent.textOf(id)));
    },
    async stop() {
      await stack.stop();
      await rt.stop();
    },
  };
}

const film = Buffer.concat([mp4, randomBytes(20 * 1024 * 1024)]);

describe.each([
  { name: "the sandbox helpdesk", start: startSandbox, isMissing: false },
  { name: "a real Request Tracker 5", start: startTracker, isMissing: missing !== undefined },
])("files that staff attach in $name", ({ start, isMissing }) => {
  let desk: Desk;
  beforeAll(async () => {
    if (!isMissing) desk = await start();
  }, 120_000);
  afterAll(() => desk?.stop());
  const sends = async () => (await desk.stack.graphLedger()).sends;

  it.skipIf(isMissing)(
    "reach the phone byte for byte after the words; what is too large stays, with a note",
    async () => {
      const plan = Buffer.concat([pdf, randomBytes(200_000)]);
      const photo = Buffer.concat([jpeg, randomBytes(70_000)]);
      await desk.note("PRIVATE: not for the person", [
        { name: "passport.jpg", mimeType: "image/jpeg", bytes: photo },
      ]);
      await desk.reply("Here is the plan.", [
        { name: "Plan.pdf", mimeType: "application/pdf", bytes: plan },
        { name: "film.mp4", mimeType: "video/mp4", bytes: film },
        // What the browser of staff says of it is wrong.
        { name: "car-park.jpg", mimeType: "application/pdf", bytes: photo },
      ]);
      await until("three messages", async () => (await sends()).length >= 3, PATIENCE);
      const all = await sends();
      expect(all.map(({ type }) => type)).toEqual(["text", "document", "image"]);
      expect(all[0]?.text).toBe("Here is the plan.");
      const arrived = await Promise.all(
        all.slice(1).map(({ media }) => desk.stack.graphFile(String(media && "id" in media ? media.id : ""))),
      );
      expect(arrived.map((bytes, index) => bytes.equals(index === 0 ? plan : photo))).toEqual([true, true]);
      await until("the note", async () => (await desk.notes()).length >= 1, PATIENCE);
      expect(await desk.notes()).toEqual([
        "The file “film.mp4” of the reply above was not sent to WhatsApp: it has 20.1 MB, and WhatsApp takes 16 MB of video/mp4.",
      ]);
    },
    120_000,
  );
});
