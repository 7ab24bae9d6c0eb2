import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Redmine, redmineMissing, startRedmine } from "../../scripts/redmine.ts";
import { type Stack, startStack } from "../../scripts/stack.ts";
import {
  type Agent,
  createAgent,
  fieldsOf,
  redmineSettings,
  transcriptOf,
} from "../connectors/redmine-harness.ts";
import { jpeg, pdf } from "../support/sample-files.ts";
import { until } from "../support/until.ts";

const missing = redmineMissing();
if (missing) console.log(missing);

const PATIENCE = { withinMs: 60_000, everyMs: 200 };
const PEOPLE = 12;
const phoneOf = (person: number) => `+447700${900_200 + person}`;
const digestOf = (bytes: Buffer | undefined) => bytes && createHash("sha256").update(bytes).digest("hex");

describe.skipIf(missing !== undefined)("with a real Redmine 5", () => {
  const phone = "+447700900123";
  const photos = Array.from({ length: 3 }, () => Buffer.concat([jpeg, randomBytes(70_000)]));
  let redmine: Redmine;
  let stack: Stack;
  let agent: Agent;
  let ticket: string;

  beforeAll(async () => {
    redmine = await startRedmine();
    agent = createAgent(redmine);
    stack = await startStack({
      redisUrl: process.env["REDIS_URL"] ?? "",
      name: `redmine-${process.pid}`,
      helpdesk: {
        mapping: "redmine",
        connection: { use: "redmine", ...redmineSettings(redmine), pollSeconds: 1 },
      },
    });
    await stack.start("all");
  }, 120_000);

  afterAll(async () => {
    await stack?.stop();
    await redmine?.stop();
  });

  const sends = async () => (await stack.graphLedger()).sends;
  const sent = (count: number) =>
    until(`${count} messages sent`, async () => (await sends()).length >= count, PATIENCE);

  it("an album becomes one contact, one ticket and its notes in order, the photos byte-identical", async () => {
    const sentAt = Date.now() - 20_000;
    await stack.graph("POST", "/messages", {
      delivery: "album",
      wait: true,
      person: { phone, name: "Asha Rao" },
      messages: [
        { text: "The street light at 12 Mill Road is broken 💡", sentAt },
        ...photos.map((bytes, index) => ({
          type: "image",
          text: `photo ${index + 1}`,
          media: { mimeType: "image/jpeg", base64: bytes.toString("base64") },
          sentAt: sentAt + (index + 1) * 1000,
        })),
      ],
    });
    const notes = await until(
      "four notes",
      async () => {
        const [issue] = await agent.issues(redmine.project);
        ticket = String(issue?.id);
        const all = await transcriptOf(agent, ticket);
        return all.length >= 4 && all;
      },
      PATIENCE,
    );
    expect(await agent.issues(redmine.project)).toHaveLength(1);
    expect(notes.map(({ body }) => /street light|photo \d/.exec(body)?.[0])).toEqual([
      "street light",
      "photo 1",
      "photo 2",
      "photo 3",
    ]);
    const files = notes.flatMap(({ attachments }) => attachments.map(({ bytes }) => digestOf(bytes)));
    expect(files).toEqual(photos.map(digestOf));
    const [contact, ...others] = await agent.issues(redmine.contactProject);
    expect(others).toEqual([]);
    expect(contact?.subject).toBe("Asha Rao");
    expect(fieldsOf(contact ?? ({} as never))["DeskferryPhone"]).toBe(phone);
    expect(fieldsOf(await agent.issue(ticket))["DeskferryContact"]).toBe(
      `${redmine.url}/issues/${contact?.id}`,
    );
  }, 90_000);

  it("P19: a reply of staff comes back with its file, private notes and their files do not", async () => {
    const secret = { name: "passport.jpg", mimeType: "image/jpeg", bytes: photos[0] ?? jpeg };
    await agent.withFiles(ticket, { notes: "PRIVATE: complained before", private_notes: true }, [secret]);
    const plan = Buffer.concat([pdf, randomBytes(20_000)]);
    const file = { name: "plan.pdf", mimeType: "application/pdf", bytes: plan };
    await agent.withFiles(ticket, { notes: "Thank you, a colleague will come on Tuesday." }, [file]);
    await sent(2);
    const [text, document, ...more] = await sends();
    expect(more).toEqual([]);
    expect(text).toMatchObject({ person: phone, text: "Thank you, a colleague will come on Tuesday." });
    expect(document).toMatchObject({ person: phone, type: "document" });
    expect(digestOf(await stack.graphFile(document?.media?.id ?? ""))).toBe(digestOf(plan));
  }, 90_000);

  it("a change of status comes back as the right template, once", async () => {
    await agent.setStatus(ticket, "solved");
    await sent(3);
    expect((await sends())[2]).toMatchObject({
      person: phone,
      type: "template",
      template: { name: "ticket_solved", language: "en" },
      text: expect.stringContaining(`(number ${ticket})`),
    });
  }, 90_000);

  it("P27: a message after the solution reopens the ticket", async () => {
    const person = { phone, name: "Asha Rao" };
    await stack.graph("POST", "/messages", { person, text: "It is dark again", wait: true });
    const reopened = async () => (await agent.issue(ticket)).status.name === "In Progress";
    await until("the ticket to be open", reopened, PATIENCE);
    expect(await agent.issues(redmine.project)).toHaveLength(1);
  }, 90_000);

  it("P01, P18: while Redmine is stopped and started, nothing is lost and nothing doubled", async () => {
    const write = (person: number, message: number) =>
      stack.graph("POST", "/messages", {
        person: { phone: phoneOf(person), name: `Person ${person}` },
        text: `person ${person} message ${message}`,
      });
    const all = async (message: number) => {
      for (let person = 0; person < PEOPLE; person++) await write(person, message);
    };
    await all(1);
    // Killed with requests under way, of which some have had their effect.
    await until("the first tickets", async () => (await agent.issues(redmine.project)).length > 3, PATIENCE);
    await redmine.halt();
    await all(2);
    await redmine.resume();
    await all(3);
    const expected = Array.from({ length: PEOPLE }, (_, person) =>
      [1, 2, 3].map((message) => `person ${person} message ${message}`),
    );
    const written = async () => {
      const tickets = (await agent.issues(redmine.project)).filter(({ id }) => String(id) !== ticket);
      const transcripts = await Promise.all(tickets.map(({ id }) => transcriptOf(agent, String(id))));
      return transcripts.map((notes) => notes.map(({ body }) => body.trim()));
    };
    const areThere = async () => (await written()).flat().length >= PEOPLE * 3;
    await until("all messages", areThere, { withinMs: 180_000, everyMs: 1000 });
    expect((await written()).sort()).toEqual(expected.sort());
    expect(await agent.issues(redmine.contactProject)).toHaveLength(PEOPLE + 1);
  }, 240_000);

  it("P18: afterwards replies arrive once each, nothing of our own comes back and nothing private left", async () => {
    const before = (await sends()).length;
    const tickets = await agent.issues(redmine.project);
    for (const { id } of tickets) await agent.reply(String(id), `Reply on ${id}.`);
    await sent(before + tickets.length);
    await agent.reply(ticket, "The last word.");
    await sent(before + tickets.length + 1);
    const texts = (await sends()).map(({ text }) => text ?? "");
    expect(texts.slice(before).sort()).toEqual(
      [...tickets.map(({ id }) => `Reply on ${id}.`), "The last word."].sort(),
    );
    expect(texts.join("\n")).not.toContain("PRIVATE");
  }, 120_000);
});
