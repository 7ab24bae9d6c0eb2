import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attachmentOf } from "deskferry/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import espocrm from "../../connectors/espocrm/index.ts";
import { createClock } from "../support/clock.ts";
import { key, openConnector, told } from "./connector-bench.ts";
import {
  ACCOUNT,
  AGENT,
  API_KEY,
  type Espocrm,
  type EspocrmOptions,
  PORTAL_USER,
  startEspocrm,
  TEAM,
} from "./espocrm-server.ts";

const servers: Espocrm[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function start(options: EspocrmOptions = {}, settings: object = {}) {
  const clock = createClock("2026-11-20T09:00:00Z");
  const server = await startEspocrm(options);
  servers.push(server);
  const bench = openConnector(espocrm, { url: server.url, apiKey: API_KEY, ...settings }, clock);
  const made = (table: string) => server.tables[table] ?? [];
  return { server, ...bench, made, pass: clock.advance, clock };
}

function comment(ticketId: string, more: object = {}) {
  return {
    ticketId,
    externalId: "wamid.1",
    body: "Hello",
    visibility: "public" as const,
    attachments: [],
    ...more,
  };
}

describe("contacts in EspoCRM", () => {
  it("P02: two people of one name are two contacts, although EspoCRM takes them for duplicates", async () => {
    const { connector, made } = await start();
    await connector.upsertContact(key, { name: "Ann Smith" });
    const other = { externalId: "whatsapp:+447700900124", phone: "+447700900124" };
    await connector.upsertContact(other, { name: "Ann Smith" });
    expect(made("Contact")).toHaveLength(2);
  });

  it("a contact that staff made is used, and keeps its name", async () => {
    const { contact, made, server } = await start();
    const row = { id: "6740c0ffee0000020", name: "Dr. Ann Smith", lastName: "Smith", createdById: AGENT };
    server.tables["Contact"]?.push({ ...row, phoneNumber: key.phone });
    expect(await contact()).toMatchObject({ id: row.id });
    expect(made("Contact")).toMatchObject([{ lastName: "Smith", cDeskferryId: key.externalId }]);
  });

  it("a number that went from one person to another brings another contact", async () => {
    const { connector, made } = await start();
    await connector.upsertContact({ ...key, externalId: "whatsapp:GB.1" }, { name: "Ann" });
    await connector.upsertContact({ ...key, externalId: "whatsapp:GB.2" }, { name: "Bob" });
    expect(made("Contact").map(({ name }) => name)).toEqual(["Ann", "Bob"]);
  });

  it("a person whose number EspoCRM does not believe becomes a contact without one", async () => {
    const { connector, made, logged } = await start();
    const odd = { externalId: "whatsapp:+12", phone: "+12" };
    await connector.upsertContact(odd, { name: "Ann" });
    expect(made("Contact")).toMatchObject([{ name: "Ann", cDeskferryId: odd.externalId }]);
    expect(made("Contact")[0]).not.toHaveProperty("phoneNumber");
    expect(logged.join()).toMatch(/without it/);
    expect(logged.join()).not.toContain("+12");
  });

  it.each([["Anna ".repeat(39).trim()], ["a".repeat(200)], ["नेहा ".repeat(30).trim()]])(
    "P28: a name that is too long for one field fills two: %s",
    async (name) => {
      const { contact, made } = await start();
      await contact({ name });
      const [row] = made("Contact");
      expect(`${row?.["firstName"]} ${row?.["lastName"]}`.replace(/ /g, "")).toBe(name.replace(/ /g, ""));
    },
  );

  it("P02: a contact where nothing differs costs one call", async () => {
    const { contact, server } = await start();
    await contact();
    await contact();
    const before = server.calls.length;
    await contact();
    expect(server.calls.slice(before).map(({ method }) => method)).toEqual(["GET"]);
  });
});

describe("cases in EspoCRM", () => {
  it("P28: a subject that EspoCRM refuses as markup is written in letters that look alike", async () => {
    const { ticket, made } = await start({ namePattern: true });
    await ticket({ subject: "a < b = c > d" });
    expect(made("Case")).toMatchObject([{ name: "a ＜ b ＝ c ＞ d" }]);
  });

  it("makes no case while the field for our id is missing, and says which", async () => {
    const { connector, made } = await start({ hasField: false });
    const request = { externalId: "deskferry/city/3f9a/1", contactId: "1", ticket: { subject: "Pump" } };
    await expect(connector.createTicket(request)).rejects.toMatchObject({
      kind: "config",
      operatorMessage: expect.stringMatching(/Case has no field cDeskferryId.*setup\.md/),
    });
    expect(made("Case")).toEqual([]);
  });

  it("carries team, priority, assignee and custom fields, and tells what EspoCRM drops", async () => {
    const { ticket, made, logged } = await start();
    const custom = { cDistrict: "North", cNoSuchField: "x" };
    await ticket({ queue: TEAM.name, priority: "urgent", assignee: "ann", custom });
    expect(made("Case")).toMatchObject([
      { teamsIds: [TEAM.id], priority: "Urgent", assignedUserId: AGENT, cDistrict: "North" },
    ]);
    expect(logged.join()).toMatch(/did not keep cNoSuchField/);
    expect(logged.join()).not.toContain("cDistrict");
  });

  it("a team that is not shown to us is an error of the settings, an assignee is left out", async () => {
    const { ticket, made, logged } = await start();
    await expect(ticket({ queue: "Nobody" })).rejects.toMatchObject({ kind: "config" });
    await ticket({ assignee: "nobody" });
    expect(made("Case")).toHaveLength(1);
    expect(made("Case")[0]).not.toHaveProperty("assignedUserId");
    expect(logged.join()).toMatch(/assignee/);
  });

  it("refuses a status that the settings know and EspoCRM does not", async () => {
    const { ticket, connector } = await start({}, { statuses: { Nonsense: "open" } });
    const { id } = await ticket();
    await expect(connector.updateTicket?.(id, { status: "open" })).rejects.toMatchObject({
      operatorMessage: expect.stringContaining("field status"),
    });
    await expect(connector.updateTicket?.(id, { status: "closed" })).rejects.toMatchObject({
      kind: "config",
    });
  });
});

describe("posts in EspoCRM", () => {
  it("P18: a note is found by its mark, and not by somebody's who quotes it", async () => {
    const { ticket, connector, server, made } = await start();
    const { id } = await ticket();
    const ours = await connector.addComment(comment(id));
    const text = String(made("Note").at(-1)?.["post"]);
    expect(text).toMatch(/^Hello\n\n\[\/\/\]: # \(#wa-[\w-]{16}\)$/);
    server.post(id, text.replace(/^/gm, "> "));
    server.post(id, text);
    expect(await connector.findComment?.(id, "wamid.1")).toMatchObject({ id: ours.id });
    expect(await connector.findComment?.(id, "wamid.2")).toBeUndefined();
  });

  it("P18: a version that ignores the filter of a stream is not believed", async () => {
    const { ticket, connector } = await start({ filtersStream: false });
    const { id } = await ticket();
    const ours = await connector.addComment(comment(id));
    await connector.addComment(comment(id, { externalId: "wamid.2" }));
    expect(await connector.findComment?.(id, "wamid.1")).toMatchObject({ id: ours.id });
    expect(await connector.findComment?.(id, "wamid.3")).toBeUndefined();
  });

  it("P19: what staff quote of ours goes out without the mark", async () => {
    const { ticket, connector, server, poll, made } = await start();
    const { id } = await ticket();
    await connector.addComment(comment(id));
    const { cursor } = await poll(undefined);
    const quoted = String(made("Note").at(-1)?.["post"]).replace(/^/gm, "> ");
    server.post(id, `${quoted}\n\nWe will come.`);
    const [event] = (await poll(cursor)).events;
    expect(event).toMatchObject({ visibility: "public" });
    expect(event?.type === "comment.added" && event.body).not.toContain("#wa-");
    expect(event?.type === "comment.added" && event.body).toMatch(/^> Hello[\s\S]*We will come\.$/);
  });

  it("names a file that is empty, or of a kind that notes do not accept", async () => {
    const { ticket, connector, made, server } = await start({ accept: ["image/png"] });
    const { id } = await ticket();
    const attachments = [
      attachmentOf("a.png", "image/png", Buffer.from("png")),
      attachmentOf("b.exe", "application/x-msdownload", Buffer.from("MZ")),
      attachmentOf("c.png", "image/png", Buffer.alloc(0)),
    ];
    await connector.addComment(comment(id, { attachments }));
    expect([...server.files.values()].map(({ name }) => name)).toEqual(["a.png"]);
    const post = String(made("Note").at(-1)?.["post"]);
    expect(post).toContain("(EspoCRM does not take this file: b.exe)");
    expect(post).toContain("(EspoCRM does not take this file: c.png)");
  });

  it("fetches a file with its type", async () => {
    const { ticket, connector, server } = await start();
    const { id: ticketId } = await ticket();
    const files = [{ name: "a.png", mimeType: "image/png", bytes: Buffer.from("png") }];
    const [id = ""] = server.post(ticketId, "see", { files })["attachmentsIds"] as string[];
    const folder = await mkdtemp(join(tmpdir(), "deskferry-espocrm-"));
    const target = { path: join(folder, "file"), maxBytes: 100 };
    const fetched = await connector.fetchAttachment?.({ id, name: "a.png", ticketId }, target);
    await rm(folder, { recursive: true });
    expect(fetched).toEqual({ mimeType: "image/png", size: 3 });
  });
});

describe("changes in EspoCRM", () => {
  it("P19: posts by users of a portal, and by those who are hidden from us, stay inside", async () => {
    const { ticket, server, poll } = await start();
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    server.post(id, "from the portal", { author: PORTAL_USER });
    server.post(id, "from staff");
    expect(told((await poll(cursor)).events)).toEqual([
      "internal them: from the portal",
      "public them: from staff",
    ]);
  });

  it("P10: more notes than one answer holds come in order and once, whatever else is in the stream", async () => {
    const { ticket, server, poll } = await start();
    const { id } = await ticket();
    let { cursor } = await poll(undefined);
    const texts = Array.from({ length: 333 }, (_, index) => `post ${index}`);
    for (const [index, text] of texts.entries()) {
      server.post(id, text);
      if (index % 3 === 0)
        server.note(AGENT, { type: "Post", post: "a lead", parentType: "Lead", parentId: "1" });
    }
    const seen: string[] = [];
    for (let more = true; more; ) {
      const answer = await poll(cursor);
      seen.push(...answer.events.map((event) => (event.type === "comment.added" ? event.body : "")));
      ({ cursor, more } = answer);
    }
    expect(seen).toEqual(texts);
  });

  it("a version that ignores the filter of the stream is an error of the settings, not a gap", async () => {
    const { ticket, poll, connector } = await start({ filtersStream: false });
    await ticket();
    const { cursor } = await poll(undefined);
    await expect(connector.listChanges?.(cursor)).rejects.toMatchObject({
      kind: "config",
      code: "filter_ignored",
    });
  });

  it("a poll that finds nothing is one call, one with a reply four at first and two later", async () => {
    const { ticket, server, poll } = await start();
    const { id } = await ticket();
    let { cursor } = await poll(undefined);
    const callsOf = async () => {
      const before = server.calls.length;
      ({ cursor } = await poll(cursor));
      return server.calls.length - before;
    };
    expect(await callsOf()).toBe(1);
    server.post(id, "one");
    expect(await callsOf()).toBe(4);
    server.post(id, "two");
    expect(await callsOf()).toBe(2);
  });

  it("cases that are not ours bring nothing, and neither do notes that say nothing new", async () => {
    const { ticket, server, poll, made } = await start();
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    made("Case").push({ id: "6740c0ffee0000030", name: "By phone", status: "New" });
    server.post("6740c0ffee0000030", "of another case");
    server.note(AGENT, { type: "Assign", data: { assignedUserId: AGENT }, parentType: "Case", parentId: id });
    server.post(id, "");
    expect((await poll(cursor)).events).toEqual([]);
  });

  it("a change of status comes by a note of its own, or as a part of an update", async () => {
    const { ticket, server, poll, connector } = await start();
    const { id } = await ticket();
    const { cursor } = await poll(undefined);
    server.setStatus(id, "Pending");
    await connector.updateTicket?.(id, { status: "open" });
    const attributes = { was: { status: "Assigned" }, became: { status: "Closed" } };
    const update = { fields: ["status", "priority"], attributes };
    server.note(AGENT, { type: "Update", data: update, parentType: "Case", parentId: id });
    server.note(AGENT, { type: "Status", data: [], parentType: "Case", parentId: id });
    const { events } = await poll(cursor);
    expect(told(events)).toEqual(["? → pending by them", "? → open by us", "open → solved by them"]);
    expect(events[0]).toMatchObject({
      ticket: { id, number: "1", externalId: "deskferry/city/3f9a/1", subject: "Pump" },
    });
    expect(events[0]?.at).toMatch(/^20\d\d-/);
  });

  it("who is staff is asked again after ten minutes", async () => {
    const { ticket, server, poll, pass, made } = await start();
    const { id } = await ticket();
    let { cursor } = await poll(undefined);
    server.post(id, "unknown yet", { author: "6740c0ffee0000040" });
    made("User").push({ id: "6740c0ffee0000040", userName: "new", type: "admin" });
    const first = await poll(cursor);
    expect(told(first.events)).toEqual(["public them: unknown yet"]);
    made("User").pop();
    pass(10 * 60_000);
    ({ cursor } = first);
    server.post(id, "left", { author: "6740c0ffee0000040" });
    expect(told((await poll(cursor)).events)).toEqual(["internal them: left"]);
  });
});

describe("the check of EspoCRM", () => {
  it("says what it found, and warns where no other user is shown", async () => {
    const { connector, made } = await start({}, { team: TEAM.name });
    const lines = await connector.checkConnection?.();
    expect(lines?.join("\n")).toContain(ACCOUNT);
    expect(lines?.join("\n")).not.toContain("warning");
    made("User").pop();
    expect((await connector.checkConnection?.())?.join("\n")).toMatch(
      /warning: the role shows us no other user/,
    );
  });

  it("names a missing field and a missing team", async () => {
    const without = await start({ hasField: false });
    await expect(without.connector.checkConnection?.()).rejects.toThrow(/no field cDeskferryId/);
    const { connector } = await start({}, { team: "Nobody" });
    await expect(connector.checkConnection?.()).rejects.toThrow(/no team "Nobody"/);
  });
});
