import { createHttpClient } from "deskferry/sdk";
import { attachmentOf } from "deskferry/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import freshdesk from "../../connectors/freshdesk/index.ts";
import { createClock } from "../support/clock.ts";
import { key, openConnector, told } from "./connector-bench.ts";
import {
  AGENT,
  API_KEY,
  type Freshdesk,
  type FreshdeskOptions,
  GROUP,
  startFreshdesk,
} from "./freshdesk-server.ts";

const servers: Freshdesk[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function start(options: FreshdeskOptions = {}, settings: object = {}) {
  const clock = createClock("2026-11-20T09:00:00Z");
  const server = await startFreshdesk({ now: clock.now, ...options });
  servers.push(server);
  const bench = openConnector(freshdesk, { url: server.url, apiKey: API_KEY, ...settings }, clock);
  return { server, ...bench, pass: clock.advance, clock };
}

function note(ticketId: string, externalId: string, body = "Hello", more: object = {}) {
  return { ticketId, externalId, body, visibility: "public" as const, attachments: [], ...more };
}

describe("contacts in Freshdesk", () => {
  it("P02: a person who is known costs two calls, and a new one costs one", async () => {
    const { server, contact } = await start();
    await contact();
    expect(server.calls.map(({ method }) => method)).toEqual(["POST"]);
    await contact({ name: "Ann Smith" });
    expect(server.calls.map(({ method }) => method)).toEqual(["POST", "POST", "PUT"]);
    expect(server.contacts).toMatchObject([{ name: "Ann Smith", mobile: key.phone }]);
  });

  it("leaves an address out that another contact has, and tells so without naming it", async () => {
    const { server, contact, logged } = await start();
    server.contacts.push({ id: 1, name: "Other", unique_external_id: null, email: "ann@example.org" });
    await contact({ email: "ann@example.org" });
    expect(server.contacts[1]).toMatchObject({ name: "Ann", email: null });
    expect(logged.join()).toMatch(/already for another/);
    expect(logged.join()).not.toMatch(/ann@/);
  });

  it("tells once what contacts cannot have", async () => {
    const { server, contact, logged } = await start();
    for (const _ of [1, 2])
      await contact({ organisation: "City", language: "en", custom: { job_title: "Nurse" } });
    expect(server.contacts[0]).toMatchObject({ job_title: "Nurse" });
    expect(server.contacts[0]).not.toHaveProperty("language");
    expect(logged).toHaveLength(2);
  });
});

describe("tickets in Freshdesk", () => {
  it("maps every field", async () => {
    const { server, ticket } = await start({}, { fields: { skills: "cf_district" }, group: GROUP.name });
    await ticket({
      subject: "Two\nlines",
      description: "a <b>",
      priority: "urgent",
      assignee: "Ann@example.org",
      tags: ["a, b", "x".repeat(40)],
      skills: ["Swahili", "pumps"],
      due: { firstAnswer: "2026-11-23T10:00:00+01:00", solution: "2026-11-24T09:00:00.5Z" },
    });
    expect(server.tickets[0]).toMatchObject({
      subject: "Two lines",
      description: "<div>a &lt;b&gt;</div>",
      priority: 4,
      group_id: GROUP.id,
      responder_id: AGENT,
      tags: ["a b", "x".repeat(32)],
      fr_due_by: "2026-11-23T09:00:00Z",
      due_by: "2026-11-24T09:00:00Z",
      custom_fields: { cf_district: "Swahili, pumps", cf_deskferry_ticket: "deskferry/city/3f9a/1" },
    });
  });

  it("leaves out what Freshdesk cannot keep, and tells each once", async () => {
    const { server, ticket, logged } = await start();
    const record = { assignee: "ann", skills: ["pumps"], due: { solution: "2026-11-24T09:00:00Z" } };
    for (const epoch of [1, 2]) await ticket(record, `deskferry/city/3f9a/${epoch}`);
    expect(server.tickets).toHaveLength(2);
    expect(server.tickets[0]).not.toHaveProperty("due_by");
    expect(logged).toHaveLength(3);
  });

  it("names the field that Freshdesk does not have, and no value", async () => {
    const { ticket } = await start();
    const failure = ticket({ custom: { cf_colour: "secret red" } });
    await expect(failure).rejects.toMatchObject({
      kind: "rejected",
      operatorMessage: expect.stringMatching(/cf_colour \(invalid_field\)/),
    });
    await expect(failure).rejects.not.toMatchObject({ operatorMessage: expect.stringMatching(/red/) });
  });

  it("says which group there is not before anything is made", async () => {
    const { server, ticket } = await start();
    await expect(ticket({ queue: "Pumps" })).rejects.toMatchObject({
      kind: "config",
      operatorMessage: expect.stringMatching(/"Pumps"/),
    });
    expect(server.tickets).toEqual([]);
  });

  it("P01: finds a ticket of now in the list and an old one by search, which are not the same", async () => {
    const { connector, ticket, pass, server } = await start({ indexLagMs: 300_000 });
    const { id } = await ticket();
    expect((await connector.findTicket?.("deskferry/city/3f9a/1"))?.id).toBe(id);
    expect(server.calls.some(({ path }) => path.includes("search"))).toBe(false);
    pass(20 * 60_000);
    for (let epoch = 2; epoch <= 102; epoch++) await ticket({}, `deskferry/city/3f9a/${epoch}`);
    server.calls.length = 0;
    pass(20 * 60_000);
    expect((await connector.findTicket?.("deskferry/city/3f9a/1"))?.id).toBe(id);
    expect(server.calls.map(({ path }) => path)).toEqual(["/api/v2/tickets", "/api/v2/search/tickets"]);
  });

  it("takes a ticket in the bin for one that is not there", async () => {
    const { server, connector, ticket } = await start();
    const { id } = await ticket();
    for (const each of server.tickets) each.isDeleted = true;
    await expect(connector.updateTicket?.(id, { status: "open" })).rejects.toMatchObject({
      kind: "not_found",
    });
    await expect(connector.addComment(note(id, "m1"))).rejects.toMatchObject({ kind: "not_found" });
  });
});

describe("notes in Freshdesk", () => {
  it("are the contact's own where they are public, and ours where they are not", async () => {
    const { server, connector, ticket } = await start();
    const { id } = await ticket();
    const contactId = String(server.contacts[0]?.id);
    await connector.addComment(note(id, "m1", "hers", { contactId }));
    await connector.addComment(note(id, "m2", "staff's", { contactId, visibility: "internal" }));
    expect(server.tickets[0]?.conversations).toMatchObject([
      { incoming: true, private: false, user_id: Number(contactId) },
      { incoming: false, private: true },
    ]);
  });

  it("P18: are found by their mark behind a hundred others, and not by a quotation of it", async () => {
    const { server, connector, ticket } = await start();
    const { id } = await ticket();
    for (let count = 0; count < 105; count++) await connector.addComment(note(id, `m${count}`));
    const last = server.tickets[0]?.conversations.at(-1);
    const mark = /#wa-[\w-]{16}/.exec(last?.body ?? "")?.[0];
    server.note(id, `<p>the note ${mark} says so, not #wa-0123456789abcdef</p>`);
    expect((await connector.findComment?.(id, "m104"))?.id).toBe(String(last?.id));
    expect(await connector.findComment?.(id, "m105")).toBeUndefined();
  });

  it("P17: go without the files where those of the ticket reach the limit, and name them", async () => {
    const { server, connector, ticket, logged } = await start({ filesLimit: 10 });
    const { id } = await ticket();
    const attachments = [attachmentOf("big.pdf", "application/pdf", Buffer.alloc(11))];
    await connector.addComment(note(id, "m1", "see this", { attachments }));
    expect(server.tickets[0]?.conversations).toMatchObject([
      { body: expect.stringMatching(/see this<br>\(not attached.*big\.pdf\)/), files: [] },
    ]);
    expect(logged.join()).toMatch(/20 MB/);
  });

  it("fetches a file without our key, which the store refuses", async () => {
    const { server, connector, ticket } = await start();
    const { id } = await ticket();
    const content = { name: "a.txt", content_type: "text/plain", bytes: Buffer.from("hi") };
    const [file] = server.reply(id, "<p>see</p>", [content]).files;
    const path = `${process.cwd()}/.never/written`;
    // The address is asked for; only writing fails here, as there is no such folder.
    const fetched = connector.fetchAttachment?.(
      { id: String(file?.id), name: "a.txt", ticketId: id },
      { path, maxBytes: 9 },
    );
    await expect(fetched).rejects.toMatchObject({ kind: "unavailable", code: "ENOENT" });
    const stored = server.calls.filter(({ path: asked }) => asked.startsWith("/cdn/"));
    expect(stored).toHaveLength(1);
    expect(stored[0]?.headers.authorization).toBeUndefined();
  });
});

describe("files of replies in Freshdesk", () => {
  it("come from public hosts only, though one is named", async () => {
    const { server, connector, ticket } = await start();
    const { port } = new URL(server.url);
    server.isSeenAs(`http://localhost:${port}`);
    const config = freshdesk.config.parse({
      url: server.url,
      apiKey: API_KEY,
      fileHosts: [`localhost:${port}`],
    });
    const clock = { now: Date.now };
    const quiet = () => undefined;
    const named = freshdesk.create(config, {
      http: (wanted) => createHttpClient(wanted, clock),
      log: { debug: quiet, info: quiet, warn: quiet },
      clock,
    });
    const { id: ticketId } = await ticket();
    const [file] = server.reply(ticketId, "<p>see</p>", [
      { name: "a.txt", content_type: "text/plain", bytes: Buffer.from("hi") },
    ]).files;
    const ref = { id: String(file?.id), name: "a.txt", ticketId };
    const target = { path: `${process.cwd()}/.never/written`, maxBytes: 9 };
    await expect(connector.fetchAttachment?.(ref, target)).rejects.toMatchObject({
      code: "host_not_allowed",
    });
    await expect(named.fetchAttachment?.(ref, target)).rejects.toMatchObject({ code: "address_not_allowed" });
  });
});

describe("polling Freshdesk", () => {
  it("P19: sends back what agents say in public only", async () => {
    const { server, connector, ticket, poll, pass } = await start();
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    pass(5_000);
    const contactId = String(server.contacts[0]?.id);
    await connector.addComment(note(id, "m1", "hers by us", { contactId }));
    await connector.addComment(note(id, "m2", "ours", { visibility: "internal" }));
    server.note(id, "<div>hers by mail</div>", {
      incoming: true,
      private: false,
      user_id: Number(contactId),
    });
    server.note(id, "<div>public note</div>", { private: false });
    server.reply(id, "<div>reply<br>of two lines</div>");
    server.note(id, "<div>private note</div>");
    pass(2_000);
    expect(told((await poll(cursor)).events)).toEqual([
      "internal us: hers by us",
      "internal us: ours",
      "internal them: hers by mail",
      "public them: public note",
      "public them: reply",
      "internal them: private note",
    ]);
  });

  it.each([true, false])(
    "P18: tells our statuses from staff's (time of status told: %s)",
    async (tellsStatusTime) => {
      const { server, connector, ticket, poll, pass } = await start({ tellsStatusTime });
      const { id } = await ticket();
      let { cursor } = await poll(undefined);
      const next = async () => {
        pass(40_000);
        const answer = await poll(cursor);
        cursor = answer.cursor;
        return told(answer.events);
      };
      expect(await next()).toEqual([]);
      server.setStatus(id, 4);
      expect(await next()).toEqual(["open → solved by them"]);
      server.note(id, "<p>touched</p>");
      expect(await next()).toEqual(["internal them: touched"]);
      await connector.updateTicket?.(id, { status: "open" });
      expect(await next()).toEqual(["solved → open by us"]);
      server.setStatus(id, 3);
      expect(await next()).toEqual(["open → pending by them"]);
      server.setStatus(id, 2);
      expect(await next()).toEqual(["pending → open by them"]);
      server.setStatus(id, 7);
      expect(await next()).toEqual([]);
    },
  );

  it("asks for the comments of a ticket that changed, once", async () => {
    const { server, ticket, poll, pass } = await start();
    const { id } = await ticket();
    let { cursor } = await poll(undefined);
    pass(5_000);
    server.reply(id, "<p>done</p>");
    const asked: number[] = [];
    for (const _ of [1, 2, 3, 4, 5]) {
      pass(5_000);
      server.calls.length = 0;
      ({ cursor } = await poll(cursor));
      asked.push(server.calls.filter(({ path }) => path.endsWith("/conversations")).length);
    }
    expect(asked).toEqual([1, 0, 0, 0, 0]);
  });

  it("P10: passes over no ticket where staff change more than a page of them in one second", async () => {
    const { server, ticket, poll, pass } = await start();
    for (let epoch = 1; epoch <= 70; epoch++) await ticket({}, `deskferry/city/3f9a/${epoch}`);
    pass(60_000);
    let { cursor } = await poll(undefined);
    pass(5_000);
    for (const { id } of server.tickets) server.setStatus(String(id), 4);
    pass(5_000);
    const seen: string[] = [];
    for (let more = true; more; ) {
      const answer = await poll(cursor);
      ({ cursor, more } = answer);
      seen.push(...answer.events.map(({ id }) => id));
    }
    expect(new Set(seen).size).toBe(70);
    expect(seen).toHaveLength(70);
  });

  it("P10: passes over nothing on the tickets behind a page, however old it is by then", async () => {
    const { server, ticket, poll, pass } = await start();
    for (let epoch = 1; epoch <= 70; epoch++) await ticket({}, `deskferry/city/3f9a/${epoch}`);
    pass(60_000);
    let { cursor } = await poll(undefined);
    pass(60_000);
    for (const { id } of server.tickets) server.reply(String(id), `<p>first ${id}</p>`);
    pass(600_000);
    for (const { id } of server.tickets.slice(0, 35)) server.reply(String(id), `<p>second ${id}</p>`);
    pass(5_000);
    const seen: string[] = [];
    for (let more = true; more; ) {
      const answer = await poll(cursor);
      ({ cursor, more } = answer);
      seen.push(...answer.events.map(({ id }) => id));
    }
    expect(new Set(seen).size).toBe(105);
    expect(seen).toHaveLength(105);
  });

  it("leaves tickets alone that are not ours", async () => {
    const { server, ticket, poll, pass } = await start();
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    pass(5_000);
    const [made] = server.tickets;
    if (made) made.custom_fields["cf_deskferry_ticket"] = null;
    server.reply(id, "<p>to somebody else</p>");
    expect((await poll(cursor)).events).toEqual([]);
  });

  it("passes on when the minute is over", async () => {
    const { poll, server } = await start();
    server.allow(0);
    await expect(poll(undefined)).rejects.toMatchObject({ kind: "throttled", retryAfterMs: 34_000 });
  });
});

describe("checking Freshdesk", () => {
  it("names the field that is missing", async () => {
    const { connector } = await start({ ticketFields: ["cf_deskferry_ticket"] });
    await expect(connector.checkConnection?.()).rejects.toMatchObject({
      kind: "config",
      operatorMessage: expect.stringMatching(/cf_deskferry_change/),
    });
  });

  it("says what is in order", async () => {
    const { connector } = await start({}, { group: GROUP.name });
    expect((await connector.checkConnection?.())?.join("\n")).toMatch(/group Street lights/);
  });

  it("takes no webhook, which it could not verify", async () => {
    const { connector } = await start();
    expect(connector.verifyWebhook).toBeUndefined();
    expect(connector.parseWebhook({ headers: {}, query: {}, body: Buffer.from("{}") })).toEqual([]);
  });
});
