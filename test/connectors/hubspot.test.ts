import type { NewComment } from "deskferry/sdk";
import { attachmentOf } from "deskferry/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import hubspot from "../../connectors/hubspot/index.ts";
import { replyIn } from "../../connectors/hubspot/replies.ts";
import { createClock } from "../support/clock.ts";
import { key, openConnector, told } from "./connector-bench.ts";
import { type Hubspot, type HubspotOptions, OTHER, OWNER, startHubspot, TOKEN } from "./hubspot-server.ts";

const servers: Hubspot[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function start(options: HubspotOptions = {}, settings: object = {}) {
  const clock = createClock("2026-11-20T09:00:00Z");
  const server = await startHubspot({ now: clock.now, indexLagMs: 0, ...options });
  servers.push(server);
  const bench = openConnector(hubspot, { apiUrl: server.url, token: TOKEN, ...settings }, clock);
  return { server, ...bench, pass: clock.advance, clock };
}

function comment(ticketId: string, externalId: string, more: Partial<NewComment> = {}): NewComment {
  return { ticketId, externalId, body: "Hello", visibility: "public", attachments: [], ...more };
}

describe("contacts in HubSpot", () => {
  it("P02: cost one call, whether they are new or known", async () => {
    const { server, contact } = await start();
    await contact();
    await contact({ name: "Ann Smith", organisation: "City", custom: { lastname: "Smith" } });
    expect(server.calls.map(({ path }) => path)).toEqual([
      "/crm/objects/2026-09/contacts/batch/upsert",
      "/crm/objects/2026-09/contacts/batch/upsert",
    ]);
    expect(server.contacts.map(({ properties }) => properties)).toMatchObject([
      { firstname: "Ann Smith", lastname: "Smith", company: "City", phone: key.phone },
    ]);
  });

  it("have no e-mail address, by which HubSpot would refuse them, and that is told without naming it", async () => {
    const { server, contact, logged } = await start();
    for (const _ of [1, 2]) await contact({ email: "ann@example.org", language: "en" });
    expect(server.contacts[0]?.properties).not.toHaveProperty("email");
    expect(logged).toHaveLength(2);
    expect(logged.join()).not.toMatch(/ann@/);
  });
});

describe("tickets in HubSpot", () => {
  it("have every field in its place", async () => {
    const fields = {
      tags: "district",
      skills: "skills",
      firstAnswer: "answer_until",
      solution: "solve_until",
    };
    const names = ["deskferry_id", "deskferry_change", ...Object.values(fields)];
    const properties = names.map((name) => ({ name, hasUniqueValue: name === "deskferry_id" }));
    const { server, ticket } = await start({ properties }, { fields });
    await ticket({
      subject: "Two\nlines",
      description: "a <b>",
      priority: "urgent",
      assignee: "Ann@example.org",
      queue: "street LIGHTS",
      tags: ["a", "b"],
      skills: ["Swahili", "pumps"],
      due: { firstAnswer: "2026-11-23T10:00:00+01:00", solution: "2026-11-24T09:00:00.5Z" },
    });
    expect(server.tickets[0]?.properties).toMatchObject({
      subject: "Two lines",
      content: "a <b>",
      hs_ticket_priority: "HIGH",
      hubspot_owner_id: OWNER.id,
      hs_pipeline: OTHER.id,
      hs_pipeline_stage: OTHER.stage,
      district: "a, b",
      skills: "Swahili, pumps",
      answer_until: "2026-11-23T09:00:00.000Z",
      solve_until: "2026-11-24T09:00:00.500Z",
      deskferry_id: "deskferry/city/3f9a/1",
    });
    expect(server.tickets[0]?.associated["contacts"]).toEqual([server.contacts[0]?.id]);
  });

  it("lack what no property is named for, which is declared, or told where it is a part", async () => {
    const bare = await start();
    expect(bare.connector.capabilities.unsupportedTicketFields).toEqual(["tags", "skills", "due"]);
    const { ticket, logged, connector } = await start({}, { fields: { solution: "district" } });
    expect(connector.capabilities.unsupportedTicketFields).toEqual(["tags", "skills"]);
    await ticket({ due: { firstAnswer: "2026-11-23T09:00:00Z" }, assignee: "ann" });
    expect(logged.join("\n")).toMatch(/assignee[\s\S]*firstAnswer/);
  });

  it("P01: are refused a second time, and found at once while searches do not know them", async () => {
    const { server, connector, ticket } = await start({ indexLagMs: 60_000 });
    const { id } = await ticket();
    await expect(ticket()).rejects.toMatchObject({ kind: "conflict" });
    expect((await connector.findTicket?.("deskferry/city/3f9a/1"))?.id).toBe(id);
    expect(server.tickets).toHaveLength(1);
    expect(server.calls.some(({ path }) => path.endsWith("/search"))).toBe(false);
  });

  it("name the property that HubSpot refuses and its id of the call, and no value", async () => {
    const { ticket } = await start();
    const failure = ticket({ custom: { colour: "secret red" } });
    await expect(failure).rejects.toMatchObject({
      kind: "rejected",
      operatorMessage:
        "create ticket: HubSpot refused it: colour PROPERTY_DOESNT_EXIST (correlationId a43683b0-5717-4ceb-80b4-104d02915d8c)",
    });
  });

  it("say which pipeline there is not before anything is made", async () => {
    const { server, ticket } = await start();
    await expect(ticket({ queue: "Pumps" })).rejects.toMatchObject({
      kind: "config",
      operatorMessage: expect.stringMatching(/"Pumps"/),
    });
    expect(server.tickets).toEqual([]);
  });

  it("are opened again in the pipeline that staff moved them to", async () => {
    const { server, connector, ticket } = await start();
    const { id } = await ticket({ queue: OTHER.id });
    server.setStage(id, "7702");
    await connector.updateTicket?.(id, { status: "open" });
    expect(server.tickets[0]?.properties["hs_pipeline_stage"]).toBe(OTHER.stage);
    await expect(connector.updateTicket?.(id, { status: "pending" })).rejects.toMatchObject({
      kind: "config",
      operatorMessage: expect.stringMatching(/setting statuses/),
    });
  });

  it("are shown under the address of the account", async () => {
    const { ticket } = await start({}, { portalUrl: "https://app-eu1.hubspot.com/contacts/42" });
    const { id, address } = await ticket();
    expect(address).toBe(`https://app-eu1.hubspot.com/contacts/42/record/0-5/${id}`);
  });
});

describe("notes in HubSpot", () => {
  it("cost one call each, and stand with the ticket and the contact", async () => {
    const { server, connector, ticket } = await start();
    const { id } = await ticket();
    server.calls.length = 0;
    await connector.addComment(comment(id, "m1", { contactId: server.contacts[0]?.id ?? "" }));
    expect(server.calls.map(({ path }) => path)).toEqual(["/crm/objects/2026-09/notes"]);
    expect(server.notes[0]?.associated).toEqual({ tickets: [id], contacts: [server.contacts[0]?.id] });
  });

  it("P18: are found by their mark among hundreds, and not by a quotation of it", async () => {
    const { server, connector, ticket } = await start();
    const { id } = await ticket();
    for (let count = 0; count < 105; count++) await connector.addComment(comment(id, `m${count}`));
    const first = server.notes[0];
    const mark = /#wa-[\w-]{16}/.exec(first?.properties["hs_note_body"] ?? "")?.[0];
    server.note([id], `<p>the note ${mark} says so, not #wa-0123456789abcdef</p>`);
    expect((await connector.findComment?.(id, "m0"))?.id).toBe(first?.id);
    expect(await connector.findComment?.(id, "m105")).toBeUndefined();
  });

  it("P28: are cut where HubSpot's limit is, and say so", async () => {
    const { server, connector, ticket, logged } = await start();
    const { id } = await ticket();
    const bodies = ["😀&".repeat(20_000), "😀".repeat(40_000), `a${"😀".repeat(40_000)}`];
    for (const [index, body] of bodies.entries()) {
      await connector.addComment(comment(id, `m${index}`, { body }));
      const html = server.notes[index]?.properties["hs_note_body"] ?? "";
      expect(html.length).toBeLessThanOrEqual(65_536);
      expect(html.length).toBeGreaterThan(60_000);
      expect(html).toMatch(/<br>\(cut here[^<]*<\/p><p>WhatsApp #wa-[\w-]{16}<\/p>$/);
      expect(html.isWellFormed()).toBe(true);
    }
    expect(logged).toHaveLength(1);
  });

  it("P17: carry files that nobody outside can open, and name the empty ones", async () => {
    const { server, connector, ticket } = await start();
    const { id } = await ticket();
    const attachments = [
      attachmentOf("a/b.png", "image/png", Buffer.from("png")),
      attachmentOf("nothing.txt", "text/plain", Buffer.alloc(0)),
    ];
    await connector.addComment(comment(id, "m1", { attachments }));
    expect(server.files.map(({ name }) => name)).toEqual(["a_b.png"]);
    expect(server.notes[0]?.properties).toMatchObject({
      hs_attachment_ids: server.files[0]?.id,
      hs_note_body: expect.stringContaining("(empty file: nothing.txt)"),
    });
  });

  it("on a ticket that staff deleted are refused as not found", async () => {
    const { server, connector, ticket } = await start();
    const { id } = await ticket();
    for (const each of server.tickets) each.isArchived = true;
    await expect(connector.addComment(comment(id, "m1"))).rejects.toMatchObject({ kind: "not_found" });
    expect(server.notes).toEqual([]);
  });
});

describe("replies in HubSpot", () => {
  it("P19: are notes that begin with the marker, and nothing else leaves", async () => {
    const { server, connector, ticket, poll, pass } = await start();
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    const notes = [
      "<p>[to WhatsApp] We come on Tuesday.</p><p>Bring the key.</p>",
      "<div><strong>[To&nbsp;whatsapp]</strong><br>Thank you</div>",
      "<p>\u200b[to WhatsApp]No blank</p>",
      "<p>She is difficult. [to WhatsApp] no</p>",
      "<p>to WhatsApp: no</p>",
      "<p>[to What</p><p>sApp] no</p>",
      "<blockquote><p>&gt; [to WhatsApp] quoted</p></blockquote>",
      "<!-- [to WhatsApp] -->hidden",
      "",
    ];
    for (const html of notes) {
      pass(1_000);
      server.note([id], html);
    }
    await connector.addComment(comment(id, "m1", { body: "[to WhatsApp] by the person" }));
    const { events } = await poll(cursor);
    expect(told(events)).toEqual([
      "public them: We come on Tuesday.",
      "public them: Thank you",
      "public them: No blank",
      "internal them: She is difficult. [to WhatsApp] no",
      "internal them: to WhatsApp: no",
      "internal them: [to What",
      "internal them: > [to WhatsApp] quoted",
      "internal them: hidden",
      "internal them: ",
    ]);
    expect(events[0]).toMatchObject({ body: "We come on Tuesday.\n\nBring the key." });
  });

  it("P19: stay where a note stands on two of our tickets; one of others beside ours does not matter", async () => {
    const { server, ticket, poll, pass, logged } = await start();
    const { id } = await ticket();
    const { id: another } = await ticket({}, "deskferry/city/77aa/1");
    const { id: others } = await ticket({}, "deskferry/city/77aa/2");
    delete server.tickets[2]?.properties["deskferry_id"];
    const { cursor } = await poll(undefined);
    pass(1_000);
    server.note([id, another], "<p>[to WhatsApp] Hello Ann</p>");
    server.note([others, id], "<p>[to WhatsApp] Hello Asha</p>");
    const { events } = await poll(cursor);
    expect(told(events)).toEqual(["internal them: Hello Ann", "public them: Hello Asha"]);
    expect(events[1]?.ticket.id).toBe(id);
    expect(logged.join()).toMatch(/several of our tickets/);
  });

  it("P19: stay where the marker came later", async () => {
    const { server, ticket, poll, pass } = await start();
    const { id } = await ticket();
    let { cursor } = await poll(undefined);
    pass(1_000);
    const note = server.note([id], "<p>She is difficult</p>");
    const first = await poll(cursor);
    ({ cursor } = first);
    note.properties["hs_note_body"] = "<p>[to WhatsApp] She is difficult</p>";
    pass(1_000);
    expect(told(first.events)).toEqual(["internal them: She is difficult"]);
    expect((await poll(cursor)).events).toEqual([]);
  });

  it("may quote what the person wrote, whose mark is not sent", async () => {
    const { server, connector, ticket, poll, pass } = await start();
    const { id } = await ticket();
    await connector.addComment(comment(id, "m1", { body: "is it mended?" }));
    const { cursor } = await poll(undefined);
    pass(1_000);
    const quoted = server.notes[0]?.properties["hs_note_body"];
    server.note([id], `<p>[to WhatsApp] Yes.</p><blockquote>${quoted}</blockquote>`);
    expect((await poll(cursor)).events).toMatchObject([
      { visibility: "public", author: { isUs: false }, body: "Yes.\n\nis it mended?" },
    ]);
  });

  it("take another marker, but none that a sentence could begin with", async () => {
    expect(hubspot.config.safeParse({ token: "x", replyMarker: "WhatsApp" }).success).toBe(false);
    const { server, ticket, poll, pass } = await start({}, { replyMarker: ">> to $1" });
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    pass(1_000);
    server.note([id], "<p>&gt;&gt;  to $1 yes</p>");
    server.note([id], "<p>[to WhatsApp] no</p>");
    expect(told((await poll(cursor)).events)).toEqual([
      "public them: yes",
      "internal them: [to WhatsApp] no",
    ]);
  });

  it("take a marker of any signs as it is written", () => {
    const signs = [..."!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~→"];
    for (const sign of signs) {
      const marker = `${sign}${sign}wa ${sign}`;
      expect(replyIn(`${marker} yes`, marker)).toBe("yes");
      expect(replyIn(`${sign}wa yes`, marker)).toBeUndefined();
    }
  });

  it("name their files with the endings, also one that is gone", async () => {
    const { server, ticket, poll, pass } = await start();
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    pass(1_000);
    const plan = server.keep("plan.v2.pdf", "application/pdf", Buffer.from("%PDF"));
    const gone = { ...plan, id: "999" };
    server.note([id], "<p>[to WhatsApp]</p>", [plan, gone]);
    server.note([id], "<p>for us</p>", [plan]);
    const { events } = await poll(cursor);
    expect(events).toMatchObject([
      {
        attachments: [
          { id: plan.id, name: "plan.v2.pdf" },
          { id: "999", name: "file" },
        ],
      },
      { attachments: [] },
    ]);
  });
});

describe("files of replies in HubSpot", () => {
  const target = { path: `${process.cwd()}/.never/written`, maxBytes: 9 };

  it("are fetched without our key, which the store refuses", async () => {
    const { server, connector } = await start();
    const { id } = server.keep("a.txt", "text/plain", Buffer.from("hi"));
    // The address is asked for; only writing fails here, as there is no such folder.
    const fetched = connector.fetchAttachment?.({ id, name: "a.txt", ticketId: "1" }, target);
    await expect(fetched).rejects.toMatchObject({ kind: "unavailable", code: "ENOENT" });
    const stored = server.calls.filter(({ path }) => path.startsWith("/hubfs/"));
    expect(stored).toHaveLength(1);
    expect(stored[0]?.headers.authorization).toBeUndefined();
  });

  it("are fetched from named hosts only, and those must be public", async () => {
    const server = await startHubspot();
    servers.push(server);
    const { port } = new URL(server.url);
    const { id } = server.keep("a.txt", "text/plain", Buffer.from("hi"));
    server.isSeenAs(`http://localhost:${port}`);
    const fetchFrom = async (fileHosts: string[]) => {
      const { connector } = await start({}, { apiUrl: server.url, fileHosts });
      return connector.fetchAttachment?.({ id, name: "a.txt", ticketId: "1" }, target);
    };
    await expect(fetchFrom(["hubspot.net"])).rejects.toMatchObject({ code: "host_not_allowed" });
    await expect(fetchFrom([`localhost:${port}`])).rejects.toMatchObject({ code: "address_not_allowed" });
    expect(server.calls.some(({ path }) => path.startsWith("/hubfs/"))).toBe(false);
  });
});

describe("polling HubSpot", () => {
  it("P18: tells our statuses from staff's, each change in between, and none of one word", async () => {
    const { server, connector, ticket, poll, pass } = await start();
    const { id } = await ticket();
    let { cursor } = await poll(undefined);
    const next = async () => {
      const answer = await poll(cursor);
      cursor = answer.cursor;
      return told(answer.events);
    };
    pass(40_000);
    expect(await next()).toEqual([]);
    for (const stage of ["3", "2", "4"]) {
      server.setStage(id, stage);
      pass(3_000);
    }
    expect(await next()).toEqual([
      "new → open by them",
      "open → pending by them",
      "pending → solved by them",
    ]);
    await connector.updateTicket?.(id, { status: "open" });
    pass(3_000);
    for (const stage of ["4", "3", "4"]) {
      server.setStage(id, stage);
      pass(3_000);
    }
    server.setStage(id, "5");
    expect(await next()).toEqual([
      "solved → open by us",
      "open → solved by them",
      "solved → open by them",
      "open → solved by them",
    ]);
    pass(300_000);
    expect(await next()).toEqual([]);
  });

  it("P18: knows the order of two changes within a millisecond", async () => {
    const { server, ticket, poll, pass } = await start();
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    pass(1_000);
    for (const stage of ["3", "4"]) server.setStage(id, stage);
    expect(told((await poll(cursor)).events)).toEqual(["new → open by them", "open → solved by them"]);
  });

  it("P32: brings once what searches show late", async () => {
    const { server, ticket, poll, pass } = await start({ indexLagMs: 90_000 });
    const { id } = await ticket();
    let { cursor } = await poll(undefined);
    pass(1_000);
    server.note([id], "<p>[to WhatsApp] late</p>");
    server.setStage(id, "4");
    const seen: string[] = [];
    for (let round = 0; round < 20; round++) {
      pass(15_000);
      const answer = await poll(cursor);
      cursor = answer.cursor;
      seen.push(...told(answer.events));
    }
    expect(seen).toEqual(["public them: late", "new → solved by them"]);
  });

  it("P10: passes over nothing where more than a page happens in one millisecond", async () => {
    const { server, ticket, poll, pass } = await start();
    const { id } = await ticket();
    for (let epoch = 2; epoch <= 120; epoch++) await ticket({}, `deskferry/city/3f9a/${epoch}`);
    pass(200_000);
    let { cursor } = await poll(undefined);
    pass(5_000);
    for (const each of server.tickets) server.setStage(each.id, "4");
    for (let count = 0; count < 120; count++) server.note([id], `<p>[to WhatsApp] ${count}</p>`);
    pass(5_000);
    const seen: string[] = [];
    for (let more = true; more; ) {
      const answer = await poll(cursor);
      ({ cursor, more } = answer);
      seen.push(...answer.events.map((event) => event.id));
    }
    expect(new Set(seen).size).toBe(240);
    expect(seen).toHaveLength(240);
  });

  it("leaves notes and tickets alone that are not ours", async () => {
    const { server, ticket, poll, pass } = await start();
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    pass(5_000);
    const [made] = server.tickets;
    if (made) made.properties["deskferry_id"] = "";
    server.note([id], "<p>[to WhatsApp] to somebody else</p>");
    server.note([], "<p>[to WhatsApp] to nobody</p>");
    server.setStage(id, "4");
    expect((await poll(cursor)).events).toEqual([]);
  });

  it("P18: costs two calls where only people wrote, whose messages do not come back", async () => {
    const { server, connector, ticket, poll, pass } = await start();
    const { id } = await ticket();
    pass(600_000);
    const { cursor } = await poll(undefined);
    await connector.addComment(comment(id, "m1", { body: "[to WhatsApp] hers" }));
    await connector.addComment(comment(id, "m2", { visibility: "internal" }));
    for (const each of server.tickets) each.properties["hs_lastmodifieddate"] = "2026-11-20T09:00:00.000Z";
    server.calls.length = 0;
    expect((await poll(cursor)).events).toEqual([]);
    expect(server.calls.map(({ path }) => path)).toEqual([
      "/crm/objects/2026-09/notes/search",
      "/crm/objects/2026-09/tickets/search",
    ]);
  });

  it.each([
    ["TEN_SECONDLY_ROLLING", undefined],
    ["DAILY", 900_000],
  ] as const)("passes on when the limit %s is reached", async (policyName, retryAfterMs) => {
    const { poll } = await start({ calls: 0, policyName });
    await expect(poll(undefined)).rejects.toMatchObject({ kind: "throttled", retryAfterMs });
  });
});

describe("HubSpot's own errors", () => {
  it.each([423, 477])("%s had no effect and is tried again", async (fault) => {
    const { ticket } = await start({ fault });
    await expect(ticket()).rejects.toMatchObject({ kind: "unavailable", retryAfterMs: 2_000 });
  });
});

describe("checking HubSpot", () => {
  it("names the property that is missing or not unique", async () => {
    const bare = await start({ properties: [{ name: "deskferry_id", hasUniqueValue: true }] });
    await expect(bare.connector.checkConnection?.()).rejects.toMatchObject({
      kind: "config",
      operatorMessage: expect.stringMatching(/tickets have no property deskferry_change/),
    });
    const loose = await start({ properties: [{ name: "deskferry_id", hasUniqueValue: false }] });
    await expect(loose.connector.checkConnection?.()).rejects.toMatchObject({
      kind: "config",
      operatorMessage: expect.stringMatching(/deskferry_id of contacts does not require unique values/),
    });
  });

  it("says what is in order, and how statuses are called", async () => {
    const { connector } = await start();
    const said = (await connector.checkConnection?.())?.join("\n");
    expect(said).toMatch(
      /Support Pipeline; its statuses: 1 New \(new\), 2 Waiting on contact \(pending\), 3/,
    );
    expect(said).toMatch(/5 Closed \(solved\)/);
    expect(said).toMatch(/\[to WhatsApp\]/);
  });

  it("names the scope that the key lacks", async () => {
    const { connector } = await start({ lacks: "crm.objects.contacts.write" });
    await expect(connector.checkConnection?.()).rejects.toMatchObject({
      kind: "auth",
      operatorMessage:
        "check connection: HubSpot refuses the key, which lacks the scope crm.objects.contacts.write",
    });
  });

  it("takes no webhook, which it could not verify", async () => {
    const { connector } = await start();
    expect(connector.verifyWebhook).toBeUndefined();
    expect(connector.parseWebhook({ headers: {}, query: {}, body: Buffer.from("{}") })).toEqual([]);
  });
});
