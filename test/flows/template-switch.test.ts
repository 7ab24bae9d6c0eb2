import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { mappings } from "../../scripts/sandbox-settings.ts";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { sampleTemplates } from "../../src/sandbox/graph/sample-templates.ts";
import { redisUrl } from "../support/redis.ts";
import { until } from "../support/until.ts";

let stack: Stack;
let folder: string;
let people = 0;
const [solved] = sampleTemplates;

/** What the sandbox's mapping sends, with a text to fall back on for who is waiting. */
const confirmation = `
  event.to = "solved" ? { "template": { "name": "ticket_solved", "language": "en", "body": ["Light", ticket.id] } }
  : event.to = "pending" ? {
    "template": { "name": "ticket_waiting", "language": "en", "body": ["Light", ticket.id] },
    "fallback": { "text": "We have a question." }
  }`;

beforeAll(async () => {
  stack = await startStack({ redisUrl: redisUrl(), name: `switch-${process.pid}`, sendNotes: "templates" });
  folder = await mkdtemp(path.join(tmpdir(), "deskferry-switch-"));
  await cp(path.join(mappings, "sandbox"), folder, { recursive: true });
  await writeFile(path.join(folder, "confirmation.jsonata"), confirmation);
  const settings = JSON.parse(await readFile(stack.config, "utf8"));
  settings.routes[0].mapping = folder;
  await writeFile(stack.config, JSON.stringify(settings));
  await stack.start("all");
}, 60_000);
beforeEach(() => putTemplates(sampleTemplates));
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Without a word to us, as a review at Meta begins. */
const putTemplates = (templates: unknown) => stack.graph("PUT", "/templates", templates);
/** With a webhook, as a review ends. */
const setStatus = (name: string, status: string) =>
  stack.graph("PATCH", "/templates", { name, language: "en", status });

/** Somebody writes; resolves with the id of their ticket. */
async function openTicket(): Promise<string> {
  const { tickets: before } = await stack.deskLedger();
  const phone = `+44770090018${people++}`;
  await stack.graph("POST", "/messages", { person: { phone }, text: "No light", wait: true });
  const { tickets } = await until("the ticket", async () => {
    const ledger = await stack.deskLedger();
    return ledger.tickets.length > before.length && ledger;
  });
  return tickets.at(-1)?.id ?? "none";
}

const set = (ticket: string, status: string) => stack.desk("PATCH", `/tickets/${ticket}`, { status });
const sends = async () => (await stack.graphLedger()).sends;
const notes = async (ticket: string) => {
  const { tickets } = await stack.deskLedger();
  const comments = tickets.find(({ id }) => id === ticket)?.comments ?? [];
  return comments.filter(({ visibility }) => visibility !== "public").map(({ body }) => body);
};

it("P14, P15: a new version takes over during traffic; no confirmation is lost, refused or sent twice", async () => {
  const ticket = await openTicket();
  const before = (await sends()).length;
  let asked = 0;
  const solve = async () => {
    asked++;
    await set(ticket, "resolved");
    await set(ticket, "in_progress");
  };
  await solve();
  await putTemplates([...sampleTemplates, { ...solved, name: "ticket_solved_v2", status: "PENDING" }]);
  for (let n = 0; n < 3; n++) await solve();
  await until("what went out before", async () => (await sends()).length === before + asked);
  await setStatus("ticket_solved_v2", "APPROVED");
  for (let n = 0; n < 3; n++) await solve();
  // What is decided before the pause and sent after it would be refused, and go out as the new version.
  await until("what went out before", async () => (await sends()).length === before + asked);
  await setStatus("ticket_solved", "PAUSED");
  for (let n = 0; n < 3; n++) await solve();

  await until("all confirmations", async () => (await sends()).length >= before + asked, {
    withinMs: 60_000,
  });
  const names = (await sends()).slice(before).map(({ template }) => template?.name);
  expect(names).toHaveLength(asked);
  expect(new Set(names.slice(0, 4))).toEqual(new Set(["ticket_solved"]));
  expect(new Set(names.slice(-3))).toEqual(new Set(["ticket_solved_v2"]));
  expect((await stack.graphLedger()).refused).toEqual([]);
  const told = await until("the notes", async () => {
    const all = await notes(ticket);
    return all.length === asked && all;
  });
  expect(told[0]).toBe(
    "The confirmation of this change was sent to WhatsApp as the template ticket_solved (en): the mapping names a template. Cost: charged by WhatsApp as utility.",
  );
}, 90_000);

it("P15: a paused template has its fallback sent instead, with a note", async () => {
  const ticket = await openTicket();
  await setStatus("ticket_waiting", "PAUSED");
  const before = (await sends()).length;
  await set(ticket, "waiting");
  await until("the text", async () => (await sends()).length === before + 1, { withinMs: 30_000 });
  expect((await sends()).at(-1)).toMatchObject({ type: "text", text: "We have a question." });
  const told = await until("the note", async () => {
    const all = await notes(ticket);
    return all.length > 0 && all;
  });
  expect(told).toEqual([
    expect.stringMatching(
      /was sent to WhatsApp as text: the mapping's fallback: .*ticket_waiting \(en\) is PAUSED/,
    ),
  ]);
}, 60_000);

it("P15: the webhook that a template is approved again lifts the stop that its refusal made", async () => {
  const ticket = await openTicket();
  const paused = { ...solved, status: "PAUSED" };
  await putTemplates([paused, { ...paused, name: "ticket_solved_v2" }]);
  await set(ticket, "resolved");
  const [told] = await until(
    "the note",
    async () => {
      const all = await notes(ticket);
      return all.length > 0 && all;
    },
    { withinMs: 30_000 },
  );
  expect(told).toMatch(/was not sent to WhatsApp: .*template/);
  await setStatus("ticket_solved_v2", "APPROVED");
  const before = (await sends()).length;
  await set(ticket, "in_progress");
  await set(ticket, "resolved");
  await until("the confirmation", async () => (await sends()).length === before + 1, { withinMs: 30_000 });
}, 60_000);
