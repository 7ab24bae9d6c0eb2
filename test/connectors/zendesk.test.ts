import { mkdtemp, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpClient, hmac, type WebhookRequest } from "deskferry/sdk";
import { attachmentOf } from "deskferry/sdk/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import definition from "../../connectors/zendesk/index.ts";
import { createClock } from "../support/clock.ts";
import { failureOf } from "../support/failure-of.ts";
import {
  ACCOUNT,
  AGENT,
  EMAIL,
  FIELD,
  GROUP,
  SECRET,
  startZendesk,
  TOKEN,
  type ZendeskOptions,
} from "./zendesk-server.ts";

const key = { externalId: "whatsapp:+447700900123", phone: "+447700900123" };
const ticketId = "deskferry/city/44/1";

async function setUp(options: ZendeskOptions = {}, more: Record<string, unknown> = {}) {
  const clock = createClock();
  const zendesk = await startZendesk({ now: clock.now, ...options });
  onTestFinished(() => zendesk.stop());
  const warnings: string[] = [];
  const quiet = () => undefined;
  const settings = { url: zendesk.url, email: EMAIL, token: TOKEN, accountId: String(ACCOUNT) };
  const connector = definition.create(
    definition.config.parse({ ...settings, webhookSecret: SECRET, ...more }),
    {
      clock,
      http: (wanted) => createHttpClient(wanted, clock),
      log: { debug: quiet, info: quiet, warn: (line) => void warnings.push(line) },
    },
  );
  const contact = await connector.upsertContact(key, { name: "Ann", phone: key.phone });
  const create = (ticket: object = {}) =>
    connector.createTicket({
      externalId: ticketId,
      contactId: contact.id,
      ticket: { subject: "Street light", ...ticket },
    });
  return { clock, zendesk, connector, warnings, contact, create };
}

const comment = (id: string, more: object = {}) => ({
  ticketId: id,
  externalId: "wamid.A",
  body: "It is dark",
  visibility: "public" as const,
  attachments: [],
  ...more,
});

describe("tickets", () => {
  it("P01: the idempotency key alone keeps a repeated create from making a second ticket", async () => {
    const { zendesk, create } = await setUp();
    const first = await create();
    expect(await create()).toEqual(first);
    expect(zendesk.tickets).toHaveLength(1);
    const posts = zendesk.calls.filter(
      ({ path, method }) => method === "POST" && path === "/api/v2/tickets.json",
    );
    expect(posts.map(({ headers }) => headers["idempotency-key"])).toEqual([ticketId, ticketId]);
  });

  it("the same key with other contents is a conflict, which the core looks into", async () => {
    const { create, connector } = await setUp();
    const first = await create();
    expect(await failureOf(create({ subject: "Another" }))).toMatchObject({ kind: "conflict" });
    expect(await connector.findTicket?.(ticketId)).toEqual(first);
  });

  it("carry every field of the mapping", async () => {
    const { zendesk, connector, create, warnings, contact } = await setUp(
      {},
      { group: "street LIGHTS", fields: { skills: String(FIELD.id) } },
    );
    await create({
      description: "The lamp flickers",
      priority: "urgent",
      assignee: "ann@example.org",
      tags: ["Night shift", "water"],
      skills: ["es", "pt"],
      custom: { [FIELD.title]: "North" },
    });
    expect(zendesk.tickets[0]).toMatchObject({
      group_id: GROUP.id,
      priority: "urgent",
      assignee_email: "ann@example.org",
      tags: ["deskferry", "night_shift", "water"],
      requester_id: Number(contact.id),
      submitter_id: Number(contact.id),
      custom_fields: [
        { id: FIELD.id, value: "North" },
        { id: FIELD.id, value: "es, pt" },
      ],
    });
    expect(connector.capabilities.unsupportedTicketFields).toEqual(["due"]);
    expect(warnings).toEqual([]);
  });

  it("what Zendesk has no place for is left out with one warning, however often it comes", async () => {
    const { connector, contact, warnings } = await setUp();
    for (const externalId of ["a/1", "a/2"]) {
      await connector.createTicket({
        externalId,
        contactId: contact.id,
        ticket: {
          subject: "S",
          assignee: "ann",
          skills: ["es"],
          due: { firstAnswer: "2026-11-23T09:00:00Z", solution: "2026-11-24T09:00:00Z" },
          custom: { Ward: "9", "4711": "no such field" },
        },
      });
    }
    expect(connector.capabilities.unsupportedTicketFields).toEqual(["skills", "due"]);
    expect(warnings).toHaveLength(6);
    for (const word of ["assignee", "skills", "firstAnswer", "solution", '"Ward"', "4711"])
      expect(warnings.filter((line) => line.includes(word))).toHaveLength(1);
  });

  it("a group that is not there is an error of the settings, before anything is made", async () => {
    const { zendesk, create } = await setUp();
    expect(await failureOf(create({ queue: "Roads" }))).toMatchObject({ kind: "config" });
    expect(zendesk.tickets).toHaveLength(0);
  });

  it("a ticket without a description begins with a note that the person never sees", async () => {
    const { zendesk, create } = await setUp();
    await create();
    expect(zendesk.tickets[0]?.audits[0]?.events[0]).toMatchObject({ body: "Street light", public: false });
  });

  it("a closed ticket counts as gone, so that a new message opens another", async () => {
    const { connector, create } = await setUp();
    const { id } = await create();
    await connector.updateTicket?.(id, { status: "closed" });
    expect(await failureOf(connector.addComment(comment(id)))).toMatchObject({ kind: "not_found" });
    expect(
      await failureOf(connector.updateTicket?.(id, { status: "open" }) ?? Promise.resolve()),
    ).toMatchObject({
      kind: "not_found",
    });
  });

  it("P25: more than thirty updates of one ticket in ten minutes are throttled, with the time to wait", async () => {
    const { connector, create, clock } = await setUp();
    const { id } = await create();
    for (let count = 0; count < 30; count++) {
      await connector.addComment(comment(id, { externalId: `wamid.${count}` }));
    }
    expect(await failureOf(connector.addComment(comment(id)))).toMatchObject({
      kind: "throttled",
      retryAfterMs: 93_000,
    });
    clock.advance(600_000);
    await connector.addComment(comment(id));
  });
});

describe("comments", () => {
  it("are the person's own where we know who it is, and ours where they are notes", async () => {
    const { zendesk, connector, contact, create } = await setUp();
    const { id } = await create();
    await connector.addComment(comment(id, { contactId: contact.id }));
    await connector.addComment(comment(id, { contactId: contact.id, visibility: "internal" }));
    const [, said, noted] =
      zendesk.tickets[0]?.audits.flatMap(({ events }) => events.filter(({ type }) => type === "Comment")) ??
      [];
    expect(said).toMatchObject({ author_id: Number(contact.id), public: true });
    expect(noted).toMatchObject({ author_id: ACCOUNT, public: false });
  });

  it("are found behind many pages of audits", async () => {
    const { connector, create } = await setUp({ auditsAPage: 2 });
    const { id } = await create();
    const made = [];
    for (let count = 0; count < 7; count++) {
      made.push(await connector.addComment(comment(id, { externalId: `wamid.${count}` })));
    }
    expect(await connector.findComment?.(id, "wamid.6")).toEqual(made[6]);
    expect(await connector.findComment?.(id, "wamid.7")).toBeUndefined();
  });

  it("take one call without files, and one more for each file", async () => {
    const { zendesk, connector, create } = await setUp();
    const { id } = await create();
    const before = zendesk.calls.length;
    await connector.addComment(comment(id));
    expect(zendesk.calls.length - before).toBe(1);
    const files = ["a.png", "b.png"].map((name) => attachmentOf(name, "image/png", Buffer.from(name)));
    await connector.addComment(comment(id, { externalId: "wamid.B", attachments: files }));
    expect(zendesk.calls.length - before).toBe(4);
  });

  it("an empty file is named in the text, because there is nothing to upload", async () => {
    const { zendesk, connector, create } = await setUp();
    const { id } = await create();
    const empty = attachmentOf("empty.txt", "text/plain", Buffer.alloc(0));
    await connector.addComment(comment(id, { attachments: [empty] }));
    expect(zendesk.tickets[0]?.audits[1]?.events[0]).toMatchObject({
      body: "It is dark\n(empty file: empty.txt)",
      files: [],
    });
  });
});

describe("contacts", () => {
  it("staff who write from their own phones stay staff, and no e-mail address is sent", async () => {
    const { zendesk, connector, warnings } = await setUp();
    zendesk.users.push({ id: 7, name: "Sam", role: "agent", external_id: key.externalId + 1, phone: null });
    const found = await connector.upsertContact(
      { externalId: `${key.externalId}1` },
      { name: "Sam", email: "sam@example.org" },
    );
    expect(found.id).toBe("7");
    expect(zendesk.users.find(({ id }) => id === 7)).toMatchObject({ role: "agent" });
    expect(zendesk.users.find(({ id }) => id === 7)).not.toHaveProperty("email");
    expect(warnings).toHaveLength(1);
  });
});

describe("polling", () => {
  it("gets what the export holds back for a minute, once, however the seconds fall", async () => {
    const { zendesk, connector, create, clock } = await setUp();
    const { id } = await create();
    clock.advance(120_000);
    let cursor = String(clock.now() / 1000);
    const bodies: string[] = [];
    const poll = async () => {
      const page = await connector.listChanges?.(cursor);
      cursor = page?.cursor ?? "";
      bodies.push(...(page?.events ?? []).map((event) => ("body" in event ? event.body : event.type)));
    };
    for (let minute = 0; minute < 6; minute++) {
      for (const part of ["a", "b"]) await zendesk.act(id, { comment: { body: `${minute}${part}` } });
      clock.advance(20_000);
      await poll();
    }
    clock.advance(200_000);
    await poll();
    await poll();
    expect(bodies).toEqual([0, 1, 2, 3, 4, 5].flatMap((minute) => [`${minute}a`, `${minute}b`]));
  });

  it("P19: what a person writes by mail or in the help centre never goes to WhatsApp", async () => {
    const { zendesk, connector, contact, create, clock } = await setUp({ exportLagMs: 0 });
    const { id } = await create();
    const start = String(clock.now() / 1000 + 1);
    clock.advance(60_000);
    await zendesk.act(id, { comment: { body: "by mail", public: true } }, Number(contact.id));
    await zendesk.act(id, { comment: { body: "by staff", public: true } });
    await zendesk.act(id, { comment: { body: "of nobody known", public: true } }, 123);
    const { events = [] } = (await connector.listChanges?.(start)) ?? {};
    expect(events.map((event) => event.type === "comment.added" && [event.body, event.visibility])).toEqual([
      ["by mail", "internal"],
      ["by staff", "public"],
      ["of nobody known", "internal"],
    ]);
  });

  it("tickets that are not ours are left out, and quiet polls take one call", async () => {
    const { zendesk, connector, create, clock } = await setUp({ exportLagMs: 0 });
    const { id } = await create();
    const ticket = zendesk.tickets[0];
    if (ticket) ticket.external_id = null;
    const start = String(clock.now() / 1000 + 1);
    clock.advance(60_000);
    await zendesk.act(id, { comment: { body: "elsewhere" } });
    const page = await connector.listChanges?.(start);
    expect(page?.events).toEqual([]);
    const before = zendesk.calls.length;
    await connector.listChanges?.(page?.cursor);
    expect(zendesk.calls.length - before).toBe(1);
  });

  it("on hold is pending, and from hold to pending nothing changed", async () => {
    const { zendesk, connector, create, clock } = await setUp({ exportLagMs: 0 });
    const { id } = await create();
    const start = String(clock.now() / 1000 + 1);
    for (const status of ["hold", "pending", "solved"]) {
      clock.advance(60_000);
      await zendesk.act(id, { status });
    }
    const { events = [] } = (await connector.listChanges?.(start)) ?? {};
    expect(events).toMatchObject([
      { to: "pending", from: "new", ticket: { rawStatus: "hold" } },
      { to: "solved", from: "pending" },
    ]);
  });
});

describe("webhooks", () => {
  const payload = {
    deskferry: "comment",
    at: "2026-11-02T09:00Z",
    actor: String(AGENT),
    ticket: "5",
    external_id: ticketId,
    requester: "77",
    comment: "91",
    author: String(AGENT),
    public: "true",
    body: "We are on our way",
    files: "https://acme.zendesk.com/attachments/token/aB3-_x/?name=plan%20b.pdf https://evil.example.org/x ",
  };
  const requestOf = (given: object, timestamp = "2026-11-02T09:00:00Z"): WebhookRequest => {
    const body = Buffer.from(JSON.stringify(given));
    const signature = hmac(SECRET, Buffer.concat([Buffer.from(timestamp), body]), {
      algorithm: "sha256",
      encoding: "base64",
    });
    return {
      body,
      query: {},
      headers: {
        "x-zendesk-webhook-signature": signature,
        "x-zendesk-webhook-signature-timestamp": timestamp,
      },
    };
  };

  it("name the files of a reply by what is in their addresses, and nothing else", async () => {
    const { connector } = await setUp();
    expect(connector.parseWebhook(requestOf(payload))).toMatchObject([
      {
        id: "comment/91",
        visibility: "public",
        author: { isUs: false },
        attachments: [{ id: "aB3-_x", name: "plan b.pdf" }],
      },
    ]);
  });

  it("P19: a note stays inside", async () => {
    const { connector } = await setUp();
    expect(connector.parseWebhook(requestOf({ ...payload, public: "false" }))).toMatchObject([
      { visibility: "internal" },
    ]);
  });

  it.each([
    ["the person wrote it", { actor: "77", author: "77" }],
    ["the latest comment is another's", { author: "12" }],
    ["Zendesk left a placeholder empty", { public: "" }],
    ["Zendesk left the comment's number empty", { comment: "" }],
  ])("P19: a comment is left to polling when %s", async (_, change) => {
    const { connector } = await setUp();
    expect(connector.parseWebhook(requestOf({ ...payload, ...change }))).toEqual([]);
  });

  it("of tickets that are not ours bring nothing", async () => {
    const { connector } = await setUp();
    expect(connector.parseWebhook(requestOf({ ...payload, external_id: "" }))).toEqual([]);
  });

  it("P21: signed by either of two secrets are taken while they change, and no time is no excuse", async () => {
    const { connector } = await setUp({}, { webhookSecret: ["new-secret", SECRET] });
    expect(connector.verifyWebhook?.(requestOf(payload))).toBe(true);
    expect(connector.verifyWebhook?.(requestOf(payload, "some day"))).toBe(false);
    expect(connector.verifyWebhook?.(requestOf(payload, ""))).toBe(false);
  });
});

describe("files of replies", () => {
  async function startStore() {
    const seen: unknown[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end("bytes of the store");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close().closeAllConnections());
    return { seen, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  it("come from the store that Zendesk names, without our credentials", async () => {
    const store = await startStore();
    const options = { fileStore: `http://${store.host}` };
    const { zendesk, connector } = await setUp(options, { fileHosts: [store.host] });
    const { token } = zendesk.addFile("a.png", Buffer.from("x"));
    const path = join(await mkdtemp(join(tmpdir(), "deskferry-zendesk-")), "file");
    await connector.fetchAttachment?.({ id: token, name: "a.png", ticketId: "5" }, { path, maxBytes: 100 });
    expect(await readFile(path, "utf8")).toBe("bytes of the store");
    expect(store.seen).toEqual([undefined]);
  });

  it("are not fetched from a host that the settings do not name", async () => {
    const store = await startStore();
    const { zendesk, connector } = await setUp({ fileStore: `http://${store.host}` });
    const { token } = zendesk.addFile("a.png", Buffer.from("x"));
    const target = { path: join(tmpdir(), "never-written"), maxBytes: 100 };
    const fetching = connector.fetchAttachment?.({ id: token, name: "a.png", ticketId: "5" }, target);
    expect(await failureOf(fetching ?? Promise.resolve())).toMatchObject({ kind: "config", code: 302 });
    expect(store.seen).toEqual([]);
  });
});

describe("the check of the connection", () => {
  it("P22: sees that Zendesk takes a wrong token for nobody, with 200", async () => {
    const { zendesk } = await setUp();
    const { connector } = await setUp({}, { url: zendesk.url });
    expect(await connector.checkConnection?.()).toContainEqual(expect.stringContaining("administrator"));
    const clock = createClock();
    const quiet = () => undefined;
    const stranger = definition.create(
      definition.config.parse({ url: zendesk.url, email: EMAIL, token: "wrong", accountId: "1" }),
      {
        clock,
        http: (wanted) => createHttpClient(wanted, clock),
        log: { debug: quiet, info: quiet, warn: quiet },
      },
    );
    expect(await failureOf(stranger.checkConnection?.() ?? Promise.resolve())).toMatchObject({
      kind: "auth",
    });
  });

  it("names another account's number, because our own writes would be taken for those of staff", async () => {
    const { connector } = await setUp({}, { accountId: "5" });
    const failure = await failureOf(connector.checkConnection?.() ?? Promise.resolve());
    expect(failure).toMatchObject({ kind: "config", message: expect.stringContaining(String(ACCOUNT)) });
  });
});
