import { createHttpClient, type HelpdeskEvent } from "deskferry/sdk";
import { attachmentOf, startFaultProxy } from "deskferry/sdk/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import definition from "../../connectors/jira-service-management/index.ts";
import { createClock } from "../support/clock.ts";
import { failureOf } from "../support/failure-of.ts";
import { ACCOUNT, AGENT, DESK, FIELDS, ORGANIZATION } from "./jira-service-management-desk.ts";
import { EMAIL, type JiraOptions, SECRET, startJira, TOKEN } from "./jira-service-management-server.ts";
import { linesOf } from "./jira-service-management-shown.ts";

const key = { externalId: "whatsapp:+447700900123", phone: "+447700900123" };
const externalId = "deskferry/city/44/1";
const MINUTE_MS = 60_000;

async function setUp(options: JiraOptions = {}, more: Record<string, unknown> = {}) {
  const clock = createClock();
  const jira = await startJira({ now: clock.now, ...options });
  onTestFinished(() => jira.stop());
  const proxy = await startFaultProxy(jira.url);
  onTestFinished(() => proxy.stop());
  const warnings: unknown[] = [];
  const settings = definition.config.parse({
    url: proxy.url,
    email: EMAIL,
    token: TOKEN,
    accountId: ACCOUNT,
    serviceDesk: DESK,
    requestType: "WhatsApp",
    organization: ORGANIZATION,
    fields: FIELDS,
    webhookSecret: SECRET,
    ...more,
  });
  const quiet = () => undefined;
  const make = () =>
    definition.create(settings, {
      clock,
      http: (wanted) => createHttpClient(wanted, clock),
      log: { debug: quiet, info: quiet, warn: (line, fields) => void warnings.push(fields ?? line) },
    });
  const connector = make();
  const create = async (ticket: object = {}, id = externalId) => {
    const contact = await connector.upsertContact(key, { name: "Ann", phone: key.phone });
    const given = { subject: "Street light", ...ticket };
    return connector.createTicket({ externalId: id, contactId: contact.id, ticket: given });
  };
  const poll = async (cursor: string | undefined) =>
    (await connector.listChanges?.(cursor)) ?? { events: [], cursor: "", more: false };
  return { clock, jira, proxy, connector, make, warnings, create, poll };
}

const comment = (ticketId: string, more: object = {}) => ({
  ticketId,
  externalId: "wamid.A",
  body: "It is dark",
  visibility: "public" as const,
  attachments: [],
  ...more,
});

const said = (events: HelpdeskEvent[]) =>
  events.map((event) => (event.type === "comment.added" ? event.body : `to ${event.to}`));

describe("requests", () => {
  it("carry every field of the mapping that Jira has a place for", async () => {
    const fields = { ...FIELDS, skills: "customfield_10064" };
    const { jira, create, warnings } = await setUp({}, { fields });
    await create({
      description: "The *lamp* {code}flickers\n[~accountid:x]",
      priority: "urgent",
      queue: "Street Lights",
      assignee: "ANN@example.org",
      tags: ["Night shift", "água"],
      skills: ["Welsh", "roads"],
      due: { solution: "2026-12-24T17:00:00+01:00" },
      custom: {
        ward: "North",
        districts: "East",
        meter: "4711",
        Remark: "by *night*",
        customfield_10064: null,
      },
    });
    expect(jira.desk.issues[0]?.fields).toMatchObject({
      summary: "Street light",
      requestType: "Street lights",
      [FIELDS.ticket]: externalId,
      [FIELDS.person]: "Ann, +447700900123",
      priority: { name: "Highest" },
      assignee: AGENT,
      labels: ["Night-shift", "água"],
      duedate: "2026-12-24",
      customfield_10060: { value: "North" },
      customfield_10061: [{ value: "East" }],
      customfield_10062: 4711,
    });
    const { description, customfield_10063: remark } = jira.desk.issues[0]?.fields ?? {};
    expect(linesOf(description).text).toBe("The *lamp* {code}flickers\n[~accountid:x]");
    expect(linesOf(remark).text).toBe("by *night*");
    expect(warnings).toEqual([]);
    expect(jira.problems).toEqual([]);
  });

  it("keep the other fields when Jira refuses one, which is told", async () => {
    const { jira, create, warnings } = await setUp({}, { priorities: { high: "P1" } });
    const custom = { Elsewhere: "x", Nowhere: "y" };
    await create({ priority: "high", tags: ["lamps"], custom, due: { firstAnswer: "2026-12-24T09:00:00Z" } });
    expect(jira.desk.issues[0]?.fields).toMatchObject({ labels: ["lamps"] });
    expect(warnings).toEqual([
      expect.stringContaining("firstAnswer"),
      expect.stringContaining('"Nowhere"'),
      { fields: ["priority", "customfield_10065"], ticket: "WA-1" },
    ]);
  });

  it("a request type, or a member of staff, that is not there", async () => {
    const { jira, create, warnings } = await setUp();
    expect(await failureOf(create({ queue: "Roads" }))).toMatchObject({ kind: "config" });
    expect(jira.desk.issues).toHaveLength(0);
    await create({ assignee: "nobody@example.org" });
    expect(JSON.stringify(warnings)).toContain("assignee");
    expect(JSON.stringify(warnings)).not.toContain("nobody@example.org");
  });

  it("a form without our fields, or with more that are needed, is named", async () => {
    const without = await setUp({ form: [FIELDS.ticket] });
    const failure = await failureOf(without.create());
    expect(failure).toMatchObject({ kind: "config", message: expect.stringContaining(FIELDS.person) });
    const more = await setUp({ required: ["customfield_10060"] });
    expect(await failureOf(more.create())).toMatchObject({ kind: "rejected", code: 400 });
  });

  it("take one call, and one more for what is not on the form", async () => {
    const { jira, create } = await setUp({}, { requestType: "25" });
    const callsOf = async (ticket: object) => {
      const before = jira.calls.length;
      await create(ticket);
      return jira.calls.slice(before).map(({ method, path }) => `${method} ${path.split("/").at(2)}`);
    };
    const contact = ["PUT servicedeskapi", "GET servicedeskapi"];
    expect(await callsOf({})).toEqual([...contact, "POST servicedeskapi"]);
    expect(await callsOf({ tags: ["x"] })).toEqual([...contact, "POST servicedeskapi", "PUT api"]);
  });

  it("P01: are found only when the search shows them, and then exactly", async () => {
    const { connector, create, clock } = await setUp({ indexLagMs: 20_000 });
    const { id } = await create();
    await create({}, `${externalId}/more`);
    expect(await connector.findTicket?.(externalId)).toBeUndefined();
    clock.advance(20_000);
    expect(await connector.findTicket?.(externalId)).toMatchObject({ id });
    expect(await connector.findTicket?.("deskferry/city/44")).toBeUndefined();
    const { idempotency } = connector.capabilities;
    expect(idempotency).toEqual({ class: "B", settleMs: 60_000 });
  });
});

describe("people", () => {
  it("are read from Jira by whoever did not write them", async () => {
    const { jira, connector, make } = await setUp();
    const { id } = await connector.upsertContact(key, { name: "Ann", phone: key.phone });
    await make().createTicket({ externalId, contactId: id, ticket: { subject: "S" } });
    expect(jira.desk.issues[0]?.fields[FIELDS.person]).toBe("Ann, +447700900123");
  });

  it("one that is no longer there is not found, so that it is made again", async () => {
    const { connector } = await setUp();
    const request = { externalId, contactId: "deskferry.person.gone", ticket: { subject: "S" } };
    expect(await failureOf(connector.createTicket(request))).toMatchObject({ kind: "not_found" });
  });

  it("P02: an answer that Jira cannot have given is not believed", async () => {
    const { proxy, connector } = await setUp();
    await connector.upsertContact(key, { name: "Ann" });
    proxy.set((index) => (index === 0 ? { kind: "answer", status: 200, body: "" } : undefined));
    const renamed = connector.upsertContact(key, { name: "Anna" });
    expect(await failureOf(renamed)).toMatchObject({ kind: "ambiguous" });
  });

  it("an organization that is not there is an error of the settings", async () => {
    const { create } = await setUp({}, { organization: "8" });
    expect(await failureOf(create())).toMatchObject({
      kind: "config",
      message: expect.stringContaining("organization 8"),
    });
  });
});

describe("comments", () => {
  it("P28: are documents, in which nothing of a text is markup", async () => {
    const { jira, connector, create } = await setUp();
    const { id } = await create();
    const body = "{code}x{code} [~accountid:1] !a.png! *b*\n\n  h1. {color:red}c";
    await connector.addComment(comment(id, { body }));
    expect(linesOf(jira.issue(id).comments[0]?.body).text).toBe(body);
  });

  it("of a text too long for Jira are several, made once each when one of them fails", async () => {
    const { jira, proxy, connector, make, create } = await setUp();
    const { id } = await create();
    const body = Array.from({ length: 3000 }, (_, line) => `line ${line} of "many" 👍🏽`).join("\n");
    let posts = 0;
    proxy.set(() => {
      const isSecond = proxy.passed.length === 3 && posts++ === 0;
      return isSecond ? { kind: "answer", status: 429, headers: { "Retry-After": "2" } } : undefined;
    });
    const request = comment(id, { body });
    expect(await failureOf(connector.addComment(request))).toMatchObject({ kind: "throttled" });
    expect(await connector.findComment?.(id, "wamid.A")).toBeUndefined();
    const made = await make().addComment(request);
    const texts = jira.issue(id).comments.map((one) => linesOf(one.body).text);
    expect(texts.length).toBeGreaterThan(2);
    expect(texts.join("")).toBe(body);
    expect(await connector.findComment?.(id, "wamid.A")).toEqual(made);
  });

  it("P25: have their files attached once, when Jira throttles the comment and it is tried again", async () => {
    const { jira, connector, create, clock } = await setUp({ writesPerIssue: 1 });
    const { id } = await create();
    const files = ["a.png", "b.png"].map((name) => attachmentOf(name, "image/png", Buffer.from(name)));
    const request = comment(id, {
      attachments: [...files, attachmentOf("c.txt", "text/plain", Buffer.alloc(0))],
    });
    const failure = await failureOf(connector.addComment(request));
    expect(failure).toMatchObject({ kind: "throttled", retryAfterMs: 2000 });
    clock.advance(3000);
    await connector.addComment(request);
    expect(jira.issue(id).files.map(({ filename }) => filename)).toEqual(["a.png", "b.png"]);
    const [made] = jira.issue(id).comments;
    expect(linesOf(made?.body).text).toBe("It is dark\n(empty file: c.txt)");
    expect(linesOf(made?.body).links).toHaveLength(2);
  });

  it("P19: an internal one that Jira made public is told", async () => {
    const { proxy, connector, create, warnings } = await setUp();
    const { id } = await create();
    const body = JSON.stringify({ id: "10900", jsdPublic: true });
    proxy.set(() => ({ kind: "answer", status: 201, body }));
    await connector.addComment(comment(id, { visibility: "internal" }));
    expect(warnings).toEqual([expect.stringContaining("internal comment public")]);
  });

  it("are found behind hundreds of others", async () => {
    const { jira, connector, create } = await setUp();
    const { id } = await create();
    const made = await connector.addComment(comment(id));
    for (let count = 0; count < 120; count++) await jira.act.comment(id, { body: `reply ${count}` });
    await connector.addComment(comment(id, { externalId: "wamid.B" }));
    expect(await connector.findComment?.(id, "wamid.A")).toEqual(made);
    expect(await connector.findComment?.(id, "wamid.C")).toBeUndefined();
  });
});

describe("statuses", () => {
  it("that the workflow has no way to are refused by their names", async () => {
    const { connector, create } = await setUp();
    const { id } = await create();
    await connector.updateTicket?.(id, { status: "closed" });
    const reopened = connector.updateTicket?.(id, { status: "open" }) ?? Promise.resolve();
    expect(await failureOf(reopened)).toMatchObject({
      kind: "rejected",
      message: expect.stringContaining('"Waiting for support"'),
    });
  });

  it("of one's own workflow are taken from the settings", async () => {
    const statuses = { "waiting for customer": "solved", Resolved: "closed" } as const;
    const { jira, connector, create } = await setUp({}, { statuses });
    const { id } = await create();
    await connector.updateTicket?.(id, { status: "solved" });
    expect(jira.issue(id).fields["status"]).toBe("Waiting for customer");
    const pending = connector.updateTicket?.(id, { status: "pending" }) ?? Promise.resolve();
    expect(await failureOf(pending)).toMatchObject({ kind: "config" });
  });
});

describe("polling", () => {
  it("P32: brings what the search shows late, in order and once", async () => {
    const { jira, create, poll, clock } = await setUp({ indexLagMs: 4 * MINUTE_MS });
    const { id } = await create();
    let { cursor } = await poll(undefined);
    const seen: string[] = [];
    const steps = [
      () => jira.act.comment(id, { body: "one" }),
      () => jira.act.setStatus(id, "Waiting for customer"),
      () => jira.act.comment(id, { body: "two" }),
      () => jira.act.setStatus(id, "Resolved"),
    ];
    for (let minute = 0; minute < 15; minute++) {
      await steps[minute]?.();
      clock.advance(MINUTE_MS);
      const page = await poll(cursor);
      cursor = page.cursor;
      seen.push(...said(page.events));
    }
    expect(seen).toEqual(["one", "to pending", "two", "to solved"]);
  });

  it("sees at once what happens to an issue that it has seen of late", async () => {
    const { jira, create, poll, clock } = await setUp({ indexLagMs: MINUTE_MS });
    const { id } = await create();
    let { cursor } = await poll(undefined);
    await jira.act.comment(id, { body: "one" });
    clock.advance(MINUTE_MS);
    ({ cursor } = await poll(cursor));
    await jira.act.comment(id, { body: "two" });
    expect(said((await poll(cursor)).events)).toEqual(["two"]);
  });

  it("P10: tells what happened within one millisecond in the order in which it did", async () => {
    const { jira, create, poll } = await setUp();
    const keys = [(await create()).id, (await create({}, "deskferry/city/45/1")).id];
    const { cursor } = await poll(undefined);
    const bodies = Array.from({ length: 12 }, (_, count) => `reply ${count}`);
    for (const [count, body] of bodies.entries()) await jira.act.comment(keys[count % 2] ?? "", { body });
    expect(said((await poll(cursor)).events)).toEqual(bodies);
  });

  it("goes on where a call's worth of issues, comments or histories ends", async () => {
    const { jira, create, poll, clock } = await setUp({ historyPage: 3 });
    const start = await poll(undefined);
    const expected: string[] = [];
    for (let count = 0; count < 130; count++) {
      const { id } = await create({}, `deskferry/city/${count}/1`);
      clock.advance(10);
      await jira.act.setStatus(id, "Resolved");
      clock.advance(10);
      await jira.act.comment(id, { body: `reply ${count}` });
      expected.push("to solved", `reply ${count}`);
    }
    for (let count = 0; count < 70; count++) {
      clock.advance(10);
      await jira.act.comment("WA-130", { body: `more ${count}` });
      expected.push(`more ${count}`);
    }
    const seen: string[] = [];
    let { cursor, more } = { ...start, more: true };
    for (let round = 0; more && round < 9; round++) {
      const page = await poll(cursor);
      ({ cursor, more } = page);
      seen.push(...said(page.events));
    }
    expect(seen).toEqual(expected);
  });

  it("finds a request in the project to which it was moved, by our id", async () => {
    const { jira, create, poll, clock } = await setUp();
    const { id } = await create();
    const { cursor } = await poll(undefined);
    clock.advance(MINUTE_MS);
    jira.issue(id).key = "OPS-7";
    await jira.act.comment("OPS-7", { body: "moved" });
    expect((await poll(cursor)).events).toMatchObject([
      { body: "moved", ticket: { id: "OPS-7", externalId } },
    ]);
  });

  it("goes on without an issue that was deleted", async () => {
    const { jira, create, poll, clock } = await setUp();
    const { id } = await create();
    const other = await create({}, "deskferry/city/45/1");
    const { cursor } = await poll(undefined);
    clock.advance(MINUTE_MS);
    await jira.act.comment(id, { body: "gone" });
    await jira.act.comment(other.id, { body: "there" });
    jira.desk.deleted.add(jira.issue(id));
    expect(said((await poll(cursor)).events)).toEqual(["there"]);
  });

  it("an idle project takes one call", async () => {
    const { jira, create, poll, clock } = await setUp();
    const { id } = await create();
    await jira.act.comment(id, { body: "one" });
    clock.advance(30 * MINUTE_MS);
    const { cursor } = await poll(undefined);
    const before = jira.calls.length;
    await poll(cursor);
    expect(jira.calls.length - before).toBe(1);
  });

  it("goes by Jira's clock, whatever ours says", async () => {
    const ours = createClock();
    const { jira, create, poll, clock } = await setUp({ now: () => ours.now() + 3 * 60 * MINUTE_MS });
    const { id } = await create();
    let { cursor } = await poll(undefined);
    for (const body of ["one", "two"]) {
      await jira.act.comment(id, { body });
      ours.advance(25 * MINUTE_MS);
      clock.advance(25 * MINUTE_MS);
      const page = await poll(cursor);
      cursor = page.cursor;
      expect(said(page.events)).toEqual([body]);
    }
  });

  it("a cursor of another connector is a fault of the program", async () => {
    const { poll } = await setUp();
    expect(await failureOf(poll("1700000000,1"))).toMatchObject({ kind: "bug" });
  });
});

describe("the check of the connection", () => {
  it.each([
    [{}, { accountId: "712020:another" }, "accountId:"],
    [{}, { requestType: "Roads" }, '"Roads"'],
    [{ form: [FIELDS.ticket] }, {}, "fields.person:"],
    [{ required: ["customfield_10060"] }, {}, "customfield_10060"],
    [{}, { maxAttachmentBytes: 2 * 1024 ** 3 }, "maxAttachmentBytes:"],
  ])("names what is wrong: %o %o", async (options, more, words) => {
    const { connector } = await setUp(options, more);
    const failure = await failureOf(connector.checkConnection?.() ?? Promise.resolve());
    expect(failure).toMatchObject({ kind: "config", message: expect.stringContaining(words) });
  });

  it("is content with a site in order, and names statuses that will be passed over", async () => {
    const { connector, jira } = await setUp();
    const lines = await connector.checkConnection?.();
    expect(lines).toHaveLength(4);
    expect(lines?.[2]).toContain("In review");
    expect(jira.problems).toEqual([]);
  });
});
