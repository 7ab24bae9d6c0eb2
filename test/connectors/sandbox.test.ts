import { Readable } from "node:stream";
import { createHttpClient, PluginError, type Tools, type WebhookRequest } from "deskferry/sdk";
import { afterEach, beforeEach, expect, test } from "vitest";
import sandbox from "../../connectors/sandbox/index.ts";
import { type Caught, eventually } from "../sandbox/callback-server.ts";
import { DESK_SECRET, DESK_TOKEN, type DeskPair, startDeskPair } from "../sandbox/desk-setup.ts";

let now: number;
let pair: DeskPair;
const clock = { now: () => now };
const log = { debug() {}, info() {}, warn() {} };
const tools: Tools = { http: (options) => createHttpClient(options, clock), log, clock };

beforeEach(async () => {
  now = Date.parse("2026-11-21T10:00:00Z");
  pair = await startDeskPair({ clock });
});
afterEach(() => pair.stop());

function connect(settings: object = {}) {
  const given = { url: pair.desk.url, token: DESK_TOKEN, webhookSecret: DESK_SECRET, ...settings };
  return sandbox.create(sandbox.config.parse(given), tools);
}

const ana = { externalId: "whatsapp:+447700900123", phone: "+447700900123", userId: "GB.1" };
const photo = {
  name: "photo.jpg",
  mimeType: "image/jpeg",
  size: 5,
  open: () => Readable.from([Buffer.from("photo")]),
};

async function openTicket(connector = connect(), externalId = "deskferry/city/a1/1") {
  const contact = await connector.upsertContact(ana, { name: "Ana" });
  const ticket = { subject: "Street light" };
  return connector.createTicket({ externalId, contactId: contact.id, ticket });
}

function comment(ticketId: string, externalId: string) {
  return { ticketId, externalId, body: "مرحبا", visibility: "public" as const, attachments: [photo] };
}

interface Ledger {
  contacts: object[];
  tickets: {
    external_id: string;
    status: string;
    comments: { body: string; attachments: { size: number }[] }[];
  }[];
}

async function ledger(): Promise<Ledger> {
  return (await pair.staff("GET", "/ledger")).body as Ledger;
}

function toRequest({ headers, body }: Caught): WebhookRequest {
  return { headers, query: {}, body };
}

const kindOf = (error: unknown) => (error instanceof PluginError ? error.kind : error);

test("a contact, a ticket and a comment with a file go over and are found again by our ids", async () => {
  const connector = connect();
  const ticket = await openTicket(connector);
  const made = await connector.addComment(comment(ticket.id, "m1"));
  expect(await connector.findTicket?.("deskferry/city/a1/1")).toEqual(ticket);
  expect(await connector.findComment?.(ticket.id, "m1")).toEqual(made);
  const held = await ledger();
  expect(held.contacts).toEqual([
    expect.objectContaining({ phone: "+447700900123", user_id: "GB.1", name: "Ana" }),
  ]);
  expect(held.tickets[0]?.comments).toEqual([
    expect.objectContaining({ body: "مرحبا", attachments: [expect.objectContaining({ size: 5 })] }),
  ]);
});

test("a ticket carries what the mapping decided of it", async () => {
  const connector = connect();
  const contact = await connector.upsertContact(ana, { name: "Ana" });
  const due = { firstAnswer: "2026-11-23T09:00:00Z", solution: "2026-11-27T17:00:00+01:00" };
  const ticket = {
    subject: "x",
    queue: "Water",
    priority: "high" as const,
    tags: ["leak"],
    skills: ["hi"],
    due,
  };
  await connector.createTicket({ externalId: "deskferry/city/a1/2", contactId: contact.id, ticket });
  expect((await ledger()).tickets).toMatchObject([
    {
      queue: "Water",
      priority: "high",
      tags: ["leak"],
      skills: ["hi"],
      due: { first_answer: due.firstAnswer, solution: due.solution },
    },
  ]);
});

test("a look-up takes no other record for ours, though the index matches from the left", async () => {
  const connector = connect();
  await openTicket(connector, "deskferry/city/a1/10");
  expect(await connector.findTicket?.("deskferry/city/a1/1")).toBeUndefined();
});

test("class A: a repeat with the same external id gives the same records", async () => {
  await pair.staff("PUT", "/settings", { externalIds: "unique" });
  const connector = connect({ idempotency: "A" });
  const first = await openTicket(connector);
  const again = await openTicket(connector);
  expect(again.id).toBe(first.id);
  const one = await connector.addComment(comment(first.id, "m1"));
  const two = await connector.addComment(comment(first.id, "m1"));
  expect(two.id).toBe(one.id);
  const held = await ledger();
  expect([held.contacts.length, held.tickets.length, held.tickets[0]?.comments.length]).toEqual([1, 1, 1]);
});

test("class B: after a reset the record is found once the index has caught up", async () => {
  await pair.staff("PUT", "/settings", { lagMs: 500 });
  const connector = connect({ idempotency: "B", settleMs: 500 });
  expect(connector.capabilities.idempotency).toEqual({ class: "B", settleMs: 500 });
  await pair.staff("POST", "/faults", { operation: "ticket.create", reset: true, when: "after" });
  await expect(openTicket(connector).catch((error) => kindOf(error))).resolves.toBe("ambiguous");
  expect(await connector.findTicket?.("deskferry/city/a1/1")).toBeUndefined();
  now += 500;
  expect(await connector.findTicket?.("deskferry/city/a1/1")).toBeDefined();
});

test.each([
  [{ status: 401 }, "auth"],
  [{ status: 404 }, "not_found"],
  [{ status: 422 }, "rejected"],
  [{ status: 429, headers: { "Retry-After": "7" } }, "throttled"],
  [{ status: 503 }, "unavailable"],
  [{ status: 500 }, "ambiguous"],
  [{ status: 200, body: "<html>" }, "ambiguous"],
  [{ status: 200, body: { id: 7 } }, "ambiguous"],
  [{ reset: true }, "ambiguous"],
])("an answer like %j is an error of kind %s", async (fault, kind) => {
  const connector = connect();
  await pair.staff("POST", "/faults", { operation: "contact.save", ...fault });
  const caught = await connector.upsertContact(ana, { name: "Ana" }).catch((error: unknown) => error);
  expect(kindOf(caught)).toBe(kind);
  expect(String(caught)).not.toContain("447700900123");
});

test("statuses go over in the helpdesk's words and come back in ours", async () => {
  const connector = connect();
  const ticket = await openTicket(connector);
  const { cursor } = (await connector.listChanges?.(undefined)) ?? { cursor: "" };
  for (const status of ["open", "pending", "solved", "closed", "new"] as const) {
    await connector.updateTicket?.(ticket.id, { status });
  }
  const page = await connector.listChanges?.(cursor);
  const moves = page?.events.map(
    (event) => event.type === "ticket.changed" && [event.from, event.to, event.author.isUs],
  );
  expect(moves).toEqual([
    ["new", "open", true],
    ["open", "pending", true],
    ["pending", "solved", true],
    ["solved", "closed", true],
    ["closed", "new", true],
  ]);
  expect(page?.events[0]?.ticket).toMatchObject({
    id: ticket.id,
    externalId: "deskferry/city/a1/1",
    queue: "Front desk",
  });
});

test("P18: our own writes are known as ours by webhook and by poll alike, with the same ids", async () => {
  const connector = connect();
  const start = (await connector.listChanges?.(undefined))?.cursor;
  const ticket = await openTicket(connector);
  await connector.addComment(comment(ticket.id, "m1"));
  await pair.staff("POST", `/tickets/${ticket.id}/comments`, { body: "We are on it" });
  await eventually(() => pair.callback.caught.length === 4 || undefined);
  const parsed = pair.callback.caught.map((caught) => connector.parseWebhook(toRequest(caught)));
  const pushed = (await Promise.all(parsed)).flat();
  const polled = (await connector.listChanges?.(start))?.events ?? [];
  const byId = (left: { id: string }, right: { id: string }) => (left.id < right.id ? -1 : 1);
  expect(pushed.sort(byId)).toEqual([...polled].sort(byId));
  expect(polled.map((event) => [event.type, event.author.isUs])).toEqual([
    ["ticket.changed", true],
    ["comment.added", true],
    ["comment.added", false],
  ]);
});

test("P19: a private note is told to be internal, a note edited to public is not told at all", async () => {
  const connector = connect();
  const ticket = await openTicket(connector);
  const start = (await connector.listChanges?.(undefined))?.cursor;
  const path = `/tickets/${ticket.id}/comments`;
  const note = await pair.staff("POST", path, { body: "secret", visibility: "internal" });
  await pair.staff("PATCH", `/comments/${(note.body as { id: string }).id}`, { visibility: "public" });
  const events = (await connector.listChanges?.(start))?.events;
  expect(events).toEqual([expect.objectContaining({ type: "comment.added", visibility: "internal" })]);
});

test("a visibility that is not understood counts as internal, and odd webhooks as nothing", async () => {
  const connector = connect();
  await openTicket(connector).then(({ id }) =>
    pair.staff("POST", `/tickets/${id}/comments`, { body: "hello" }),
  );
  await eventually(() => pair.callback.caught.length === 3 || undefined);
  const added = pair.callback.caught.find(({ body }) => body.includes("comment.added"));
  const odd = Buffer.from(added?.body.toString("utf8").replace('"public"', '"cosmic"') ?? "");
  expect(connector.parseWebhook({ headers: {}, query: {}, body: odd })).toEqual([
    expect.objectContaining({ visibility: "internal" }),
  ]);
  for (const body of ["", "{", "null", "[]", '{"type":"ticket.updated"}', '{"type":"new thing"}']) {
    expect(connector.parseWebhook({ headers: {}, query: {}, body: Buffer.from(body) })).toEqual([]);
  }
});

test("P21: a webhook is believed only with a fresh signature over its own bytes", async () => {
  const connector = connect();
  await connector.upsertContact(ana, { name: "Ana" });
  const caught = await eventually(() => pair.callback.caught[0]);
  const request = toRequest(caught);
  const verify = (overrides: Partial<WebhookRequest>) =>
    connector.verifyWebhook?.({ ...request, ...overrides });
  expect(verify({})).toBe(true);
  expect(verify({ body: Buffer.concat([request.body, Buffer.from(" ")]) })).toBe(false);
  expect(verify({ headers: { ...request.headers, "x-sandbox-signature": undefined } })).toBe(false);
  expect(verify({ headers: { ...request.headers, "x-sandbox-timestamp": "1795255201" } })).toBe(false);
  expect(connect({ webhookSecret: "other" }).verifyWebhook?.(request)).toBe(false);
  expect(connect({ webhookSecret: undefined }).verifyWebhook?.(request)).toBe(false);
  now += 5 * 60 * 1000 + 1;
  expect(verify({})).toBe(false);
});

test("checking the connection tells what is wrong with the settings", async () => {
  expect(await connect().checkConnection?.()).toContain("external ids: plain");
  const failure = (settings: object) =>
    connect(settings)
      .checkConnection?.()
      .catch((error: unknown) => kindOf(error));
  expect(await failure({ token: "wrong" })).toBe("auth");
  expect(await failure({ account: "somebody" })).toBe("config");
  expect(await failure({ idempotency: "A" })).toBe("config");
});
