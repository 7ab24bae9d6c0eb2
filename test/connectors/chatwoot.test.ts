import { mkdtemp, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpClient, type HelpdeskEvent, type WebhookRequest } from "deskferry/sdk";
import { attachmentOf } from "deskferry/sdk/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import definition from "../../connectors/chatwoot/index.ts";
import { createClock } from "../support/clock.ts";
import { failureOf } from "../support/failure-of.ts";
import {
  ACCOUNT,
  AGENT,
  type ChatwootOptions,
  INBOX,
  SECRET,
  startChatwoot,
  TOKEN,
  USER,
} from "./chatwoot-server.ts";

const key = { externalId: "whatsapp:+447700900123", phone: "+447700900123" };
const externalId = "deskferry/city/44/1";

async function setUp(options: ChatwootOptions = {}, more: Record<string, unknown> = {}) {
  const clock = createClock();
  const chatwoot = await startChatwoot({ now: clock.now, ...options });
  onTestFinished(() => chatwoot.stop());
  const warnings: unknown[] = [];
  const quiet = () => undefined;
  const settings = { url: chatwoot.url, token: TOKEN, account: ACCOUNT, user: USER, inbox: INBOX };
  const connector = definition.create(definition.config.parse({ ...settings, ...more }), {
    clock,
    http: (wanted) => createHttpClient(wanted, clock),
    log: { debug: quiet, info: quiet, warn: (line, fields) => void warnings.push([line, fields]) },
  });
  const contact = await connector.upsertContact(key, { name: "Ann", phone: key.phone });
  const create = (ticket: object = {}) =>
    connector.createTicket({
      externalId,
      contactId: contact.id,
      ticket: { subject: "Street light", ...ticket },
    });
  const poll = async (cursor: string | undefined) =>
    (await connector.listChanges?.(cursor)) ?? { events: [], cursor: "", more: false };
  return { clock, chatwoot, connector, warnings, contact, create, poll };
}

const comment = (ticketId: string, more: object = {}) => ({
  ticketId,
  externalId: "wamid.A",
  body: "It is dark",
  visibility: "public" as const,
  attachments: [],
  ...more,
});

const bodies = (events: HelpdeskEvent[]) =>
  events.map((event) => (event.type === "comment.added" ? event.body : `to ${event.to}`));

describe("conversations", () => {
  it("carry every field of the mapping that Chatwoot has a place for", async () => {
    const { chatwoot, create, contact, warnings } = await setUp();
    await create({
      description: "The lamp flickers",
      priority: "normal",
      queue: "Street Lights",
      assignee: "ANN@example.org",
      tags: ["Night shift", "água"],
      custom: { ward: 9, none: null },
    });
    expect(chatwoot.conversations[0]).toMatchObject({
      contact_id: Number(contact.id),
      source_id: externalId,
      team_id: 5,
      assignee_id: AGENT,
      priority: "medium",
      labels: ["night-shift", "água"],
      custom_attributes: { ward: 9, deskferry_id: externalId, deskferry_subject: "Street light" },
      messages: [{ content: "The lamp flickers", private: true }],
    });
    expect(warnings).toEqual([]);
    expect(chatwoot.problems).toEqual([]);
  });

  it("a team that is not there is an error of the settings, an agent only a warning", async () => {
    const { chatwoot, create, warnings } = await setUp();
    expect(await failureOf(create({ queue: "Roads" }))).toMatchObject({ kind: "config" });
    expect(chatwoot.conversations).toHaveLength(0);
    await create({ assignee: "nobody@example.org" });
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify(warnings)).not.toContain("nobody@example.org");
  });

  it("P27: an inbox locked to one conversation is named, before messages land in a resolved one", async () => {
    const { connector, contact, create } = await setUp({ isLocked: true });
    await create();
    const second = connector.createTicket({
      externalId: "deskferry/city/44/2",
      contactId: contact.id,
      ticket: { subject: "Another" },
    });
    const failure = await failureOf(second);
    expect(failure).toMatchObject({ kind: "config", message: expect.stringContaining("Lock to single") });
  });

  it("cannot be looked up without the custom attribute, and the error says what to do", async () => {
    const { connector } = await setUp({ hasAttribute: false });
    const failure = await failureOf(connector.findTicket?.(externalId) ?? Promise.resolve());
    expect(failure).toMatchObject({ message: expect.stringContaining("deskferry_id") });
  });
});

describe("messages", () => {
  it("of the person are incoming and by the person; notes are ours and private", async () => {
    const { chatwoot, connector, contact, create } = await setUp();
    const { id } = await create();
    await connector.addComment(comment(id, { contactId: contact.id }));
    await connector.addComment(comment(id, { contactId: contact.id, visibility: "internal" }));
    expect(chatwoot.conversations[0]?.messages).toMatchObject([
      { message_type: 0, private: false, sender: { type: "contact" }, source_id: "wamid.A" },
      { message_type: 1, private: true, sender: { type: "user", id: USER } },
    ]);
  });

  it("P27: open a resolved conversation again by themselves", async () => {
    const { chatwoot, connector, contact, create } = await setUp();
    const { id } = await create();
    await chatwoot.act(id, { status: "resolved" });
    await connector.addComment(comment(id, { contactId: contact.id }));
    expect(chatwoot.conversations[0]?.status).toBe("open");
  });

  it("are found behind hundreds of others, and take one call however many files they have", async () => {
    const { chatwoot, connector, create } = await setUp();
    const { id } = await create();
    const made = await connector.addComment(comment(id));
    for (let count = 0; count < 250; count++) await chatwoot.act(id, { content: `reply ${count}` });
    expect(await connector.findComment?.(id, "wamid.A")).toEqual(made);
    expect(await connector.findComment?.(id, "wamid.B")).toBeUndefined();
    const before = chatwoot.calls.length;
    const files = ["a.png", "b.png"].map((name) => attachmentOf(name, "image/png", Buffer.from(name)));
    await connector.addComment(comment(id, { externalId: "wamid.C", attachments: files }));
    expect(chatwoot.calls.length - before).toBe(1);
  });
});

describe("contacts", () => {
  it("P02: one that another inbox made for the number is taken over", async () => {
    const { chatwoot, connector } = await setUp();
    chatwoot.contacts.push({ id: 9, name: "Bea", identifier: null, phone_number: "+447700900456" });
    const wanted = { externalId: "whatsapp:+447700900456", phone: "+447700900456" };
    const { id } = await connector.upsertContact(wanted, { name: "Bea" });
    expect(id).toBe("9");
    expect(chatwoot.contacts.find((contact) => contact.id === 9)).toMatchObject({
      identifier: wanted.externalId,
    });
  });

  it("P02: a number and an address that somebody else has are left out, and nobody is overwritten", async () => {
    const { chatwoot, connector, warnings } = await setUp();
    const other = {
      id: 9,
      name: "Bea",
      identifier: "crm-7",
      phone_number: "+447700900456",
      email: "b@example.org",
    };
    chatwoot.contacts.push({ ...other });
    const wanted = { externalId: "whatsapp:GB.77", userId: "GB.77" };
    const { id } = await connector.upsertContact(wanted, {
      name: "Cai",
      phone: "+447700900456",
      email: "b@example.org",
    });
    expect(id).not.toBe("9");
    expect(chatwoot.contacts.find((contact) => contact.id === 9)).toEqual(other);
    expect(warnings).toEqual([[expect.any(String), { fields: ["phone_number", "email"] }]]);
  });

  it("that did not change are not written", async () => {
    const { chatwoot, connector } = await setUp();
    await connector.upsertContact(key, { name: "Ann", phone: key.phone });
    expect(chatwoot.calls.filter(({ method }) => method === "PUT")).toEqual([]);
  });
});

describe("polling", () => {
  it("P32: brings in order what webhooks lost, over many conversations and pages, once", async () => {
    const { chatwoot, connector, contact, poll } = await setUp();
    const ids: string[] = [];
    for (let count = 0; count < 60; count++) {
      const request = {
        externalId: `deskferry/city/${count}/1`,
        contactId: contact.id,
        ticket: { subject: "S" },
      };
      ids.push((await connector.createTicket(request)).id);
    }
    const start = await poll(undefined);
    for (const [index, id] of ids.entries()) await chatwoot.act(id, { content: `reply ${index}` });
    const first = await poll(start.cursor);
    expect(bodies(first.events)).toEqual(ids.map((_, index) => `reply ${index}`));
    await chatwoot.act(ids[0] ?? "", { content: "one more" });
    const second = await poll(first.cursor);
    expect(bodies(second.events)).toEqual(["one more"]);
    expect((await poll(second.cursor)).events).toEqual([]);
  });

  it("goes on where a page of messages ends", async () => {
    const { chatwoot, create, poll, clock } = await setUp();
    const { id } = await create();
    let { cursor } = await poll(undefined);
    for (let count = 0; count < 230; count++) await chatwoot.act(id, { content: `reply ${count}` });
    clock.advance(120_000);
    const seen: string[] = [];
    for (let round = 0; round < 4; round++) {
      const page = await poll(cursor);
      cursor = page.cursor;
      seen.push(...bodies(page.events));
      expect(page.more).toBe(round < 2);
    }
    expect(seen).toEqual(Array.from({ length: 230 }, (_, count) => `reply ${count}`));
  });

  it("brings a message that was numbered before, and seen after, the last one", async () => {
    const { chatwoot, create, poll } = await setUp();
    const { id } = await create();
    const { cursor } = await poll(undefined);
    await chatwoot.act(id, { content: "slow" });
    await chatwoot.act(id, { content: "quick" });
    const conversation = chatwoot.conversations[0];
    const [slow] = conversation?.messages.splice(0, 1) ?? [];
    const first = await poll(cursor);
    expect(bodies(first.events)).toEqual(["quick"]);
    if (slow) conversation?.messages.unshift(slow);
    expect(bodies((await poll(first.cursor)).events)).toEqual(["slow"]);
  });

  it("tells a change of status once, and none for what happened to a conversation besides", async () => {
    const { chatwoot, create, poll, clock } = await setUp();
    const { id } = await create();
    let { cursor } = await poll(undefined);
    const seen: string[] = [];
    const steps = [
      { status: "snoozed" },
      { message_type: 2 as const, content: "Assigned to Ann" },
      { status: "resolved" },
      { content: "Goodbye" },
      { status: "open" },
    ];
    for (const step of steps) {
      await chatwoot.act(id, step);
      clock.advance(1_000);
      const page = await poll(cursor);
      cursor = page.cursor;
      seen.push(...bodies(page.events));
    }
    expect(seen).toEqual(["to pending", "to solved", "Goodbye", "to open"]);
  });

  it("an idle inbox takes one call", async () => {
    const { chatwoot, create, poll, clock } = await setUp();
    await create();
    clock.advance(120_000);
    const { cursor } = await poll(undefined);
    const before = chatwoot.calls.length;
    await poll(cursor);
    expect(chatwoot.calls.length - before).toBe(1);
  });

  it("P20: greetings and surveys of Chatwoot's own never come as replies", async () => {
    const { chatwoot, create, poll } = await setUp();
    const { id } = await create();
    const { cursor } = await poll(undefined);
    await chatwoot.act(id, { message_type: 3, content: "We are closed", sender: null });
    expect((await poll(cursor)).events).toEqual([]);
  });
});

describe("webhooks", () => {
  const payload = {
    event: "message_created",
    id: 91,
    content: "We are on our way",
    message_type: "outgoing",
    private: false,
    created_at: "2026-11-02 09:00:00 UTC",
    sender: { id: AGENT, name: "Ann Agent", type: "user" },
    inbox: { id: INBOX },
    conversation: { id: 5, status: "open", custom_attributes: { deskferry_id: externalId } },
  };
  const requestOf = (given: object, headers: WebhookRequest["headers"] = {}): WebhookRequest => ({
    body: Buffer.from(JSON.stringify(given)),
    query: {},
    headers,
  });

  it("P21: of a version that does not sign are refused, secret or not", async () => {
    for (const more of [{}, { webhookSecret: SECRET }]) {
      const { connector } = await setUp({}, more);
      expect(connector.verifyWebhook?.(requestOf(payload))).toBe(false);
    }
  });

  it.each([
    ["nothing tells whether it is private", { private: undefined }],
    ["nobody knows who wrote it", { sender: null }],
    ["a contact wrote it", { sender: { id: 1, type: "contact" } }],
    ["it is private", { private: true }],
  ])("P19: a message stays inside when %s", async (_, change) => {
    const { connector } = await setUp();
    expect(connector.parseWebhook(requestOf({ ...payload, ...change }))).toMatchObject([
      { visibility: "internal" },
    ]);
  });

  it("P24: of other inboxes of the account bring nothing", async () => {
    const { connector } = await setUp();
    expect(connector.parseWebhook(requestOf(payload))).toMatchObject([
      { id: "message/91", at: "2026-11-02T09:00:00.000Z", visibility: "public", ticket: { externalId } },
    ]);
    expect(connector.parseWebhook(requestOf({ ...payload, inbox: { id: 8 } }))).toEqual([]);
  });

  it("P18: what the person wrote, written by us, is ours", async () => {
    const { connector } = await setUp();
    const incoming = { message_type: "incoming", source_id: "wamid.A", sender: { id: 1, type: "contact" } };
    expect(connector.parseWebhook(requestOf({ ...payload, ...incoming }))).toMatchObject([
      { author: { isUs: true }, externalId: "wamid.A", visibility: "internal" },
    ]);
  });
});

describe("files of replies", () => {
  it("come from a store that the settings name, without our token, and from no other", async () => {
    const seen: unknown[] = [];
    const store = createServer((request, response) => {
      seen.push(request.headers["api_access_token"]);
      response.end("bytes of the store");
    });
    await new Promise<void>((resolve) => store.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void store.close().closeAllConnections());
    const host = `127.0.0.1:${(store.address() as AddressInfo).port}`;
    const fetchWith = async (fileHosts: string[]) => {
      const { chatwoot, connector } = await setUp({ fileStore: `http://${host}` }, { fileHosts });
      const { id } = chatwoot.addFile("a.png", Buffer.from("x"));
      const path = join(await mkdtemp(join(tmpdir(), "deskferry-chatwoot-")), "file");
      await connector.fetchAttachment?.({ id, name: "a.png", ticketId: "5" }, { path, maxBytes: 100 });
      return readFile(path, "utf8");
    };
    expect(await failureOf(fetchWith([]))).toMatchObject({ kind: "config", code: 302 });
    expect(seen).toEqual([]);
    expect(await fetchWith([host])).toBe("bytes of the store");
    expect(seen).toEqual([undefined]);
  });
});

describe("the check of the connection", () => {
  it.each([
    [{}, { user: 5 }, "user:"],
    [{}, { account: 99 }, "account:"],
    [{}, { inbox: 8 }, "inbox:"],
    [{ isLocked: true }, {}, "Lock to single conversation"],
    [{ hasAttribute: false }, {}, "deskferry_id"],
  ])("names what is wrong: %o %o", async (options, more, words) => {
    const { connector } = await setUpQuietly(options, more);
    const failure = await failureOf(connector.checkConnection?.() ?? Promise.resolve());
    expect(failure).toMatchObject({ kind: "config", message: expect.stringContaining(words) });
  });

  it("is content with an account in order", async () => {
    const { connector } = await setUp();
    expect(await connector.checkConnection?.()).toHaveLength(3);
  });
});

/** Without a contact, which another account could not have. */
async function setUpQuietly(options: ChatwootOptions, more: Record<string, unknown>) {
  const clock = createClock();
  const chatwoot = await startChatwoot(options);
  onTestFinished(() => chatwoot.stop());
  const quiet = () => undefined;
  const settings = { url: chatwoot.url, token: TOKEN, account: ACCOUNT, user: USER, inbox: INBOX, ...more };
  const connector = definition.create(definition.config.parse(settings), {
    clock,
    http: (wanted) => createHttpClient(wanted, clock),
    log: { debug: quiet, info: quiet, warn: quiet },
  });
  return { connector };
}
