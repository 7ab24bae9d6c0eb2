import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HelpdeskEvent } from "deskferry/sdk";
import { describe, expect, it } from "vitest";
import { comment, start } from "./odoo-bench.ts";

const told = (events: HelpdeskEvent[]) =>
  events.map((event) =>
    event.type === "comment.added"
      ? `${event.visibility} ${event.author.isUs ? "us" : "them"}: ${event.body}`
      : `${event.to} by ${event.author.isUs ? "us" : "them"}`,
  );

const reply = { subtype_xmlid: "mail.mt_comment" };

describe("changes in Odoo", () => {
  it("P10: a message that its transaction saved late is found behind newer ones, and each comes once", async () => {
    const { server, ticket, poll, clock } = await start();
    const { number } = await ticket();
    let { cursor } = await poll();
    clock.advance(60_000);
    const began = server.records.time();
    clock.advance(60_000);
    server.post(number, { ...reply, body: "<p>newer</p>" });
    const first = await poll(cursor);
    Object.assign(
      server.records.rowOf("mail.message", server.post(number, { ...reply, body: "<p>late</p>" })),
      {
        create_date: began,
      },
    );
    const second = await poll(first.cursor);
    cursor = second.cursor;
    expect([told(first.events), told(second.events), told((await poll(cursor)).events)]).toEqual([
      ["public them: newer"],
      ["public them: late"],
      [],
    ]);
  });

  it("P10: more than a page, among messages that the account may not read, come all and in order", async () => {
    const { server, ticket, poll, clock } = await start();
    const { number } = await ticket();
    const { cursor } = await poll();
    clock.advance(1_000);
    for (let count = 0; count < 250; count++) {
      server.records.hidden.add(server.post(number, { ...reply, body: "<p>hidden</p>" }));
    }
    for (let count = 0; count < 450; count++) server.post(number, { ...reply, body: `<p>${count}</p>` });
    const bodies: string[] = [];
    let page = { cursor, events: [] as HelpdeskEvent[], more: true };
    while (page.more) {
      page = await poll(page.cursor);
      bodies.push(...told(page.events));
    }
    expect(bodies).toEqual(Array.from({ length: 450 }, (_, count) => `public them: ${count}`));
  });

  it("remembers only what can still come late", async () => {
    const { server, ticket, poll, clock } = await start();
    const { number } = await ticket();
    let { cursor } = await poll();
    for (let count = 0; count < 20; count++) {
      clock.advance(60_000);
      server.post(number, { ...reply, body: "<p>again</p>" });
      cursor = (await poll(cursor)).cursor;
    }
    expect(JSON.parse(cursor).seen.length).toBeLessThan(5);
  });

  it("P19: only what staff write for everybody is public", async () => {
    const { server, ticket, poll, clock } = await start();
    const { number, contactId } = await ticket();
    const { cursor } = await poll();
    clock.advance(1_000);
    const persons = { author_id: Number(contactId), email_from: "asha@example.org" };
    server.post(number, { ...reply, body: "<p>by staff</p>" });
    server.post(number, { ...reply, body: "<p>by mail from staff</p>", message_type: "email" });
    server.post(number, { body: "<p>a note</p>", subtype_xmlid: "mail.mt_note" });
    server.post(number, { ...reply, body: "<p>for employees</p>", is_internal: true });
    server.post(number, {
      ...reply,
      ...persons,
      body: "<p>by mail from the person</p>",
      message_type: "email",
    });
    server.post(number, {
      ...reply,
      body: "<p>thank you for your request</p>",
      message_type: "auto_comment",
    });
    const emptied = server.post(number, { ...reply, body: "<p>a mistake</p>" });
    server.records.rowOf("mail.message", emptied)["body"] = "";
    expect(told((await poll(cursor)).events)).toEqual([
      "public them: by staff",
      "public them: by mail from staff",
      "internal them: a note",
      "internal them: for employees",
      "internal them: by mail from the person",
    ]);
  });

  it("P18: what we wrote is ours, by whom it is said to be or not", async () => {
    const { connector, ticket, poll, clock } = await start();
    const { id, contactId } = await ticket();
    const { cursor } = await poll();
    clock.advance(1_000);
    await connector.addComment(comment(id, "wamid.1", { contactId }));
    const { events } = await poll(cursor);
    expect(told(events)).toEqual(["internal us: Hello"]);
    expect(events).toMatchObject([
      { externalId: "wamid.1", ticket: { externalId: "deskferry/city/3f9a/1" } },
    ]);
  });

  it.each(["project", "oca-helpdesk"] as const)(
    "tells of a change of stage by whom it was: %s",
    async (application) => {
      const { server, connector, ticket, poll, clock } = await start({ application });
      const { id, number } = await ticket();
      let { cursor } = await poll();
      clock.advance(300_000);
      await connector.updateTicket?.(id, { status: "open" });
      clock.advance(3_000);
      server.write(number, { priority: "1" });
      const ours = await poll(cursor);
      cursor = ours.cursor;
      clock.advance(300_000);
      server.write(number, { priority: "0" });
      const nothing = await poll(cursor);
      clock.advance(300_000);
      server.write(number, { stage_id: 4 });
      const theirs = await poll(nothing.cursor);
      expect([told(ours.events), told(nothing.events), told(theirs.events)]).toEqual([
        ["open by us"],
        [],
        ["solved by them"],
      ]);
      expect(theirs.events).toMatchObject([
        { author: { id: "4", name: "Ann Agent" }, ticket: { rawStatus: "Solved" } },
      ]);
    },
  );

  it("tells of a task that is ticked off in whatever stage, or cancelled, and opens it again", async () => {
    const { server, connector, ticket, poll, clock } = await start();
    const { id, number } = await ticket();
    let { cursor } = await poll();
    const heard: string[] = [];
    for (const state of ["1_done", "1_canceled"]) {
      clock.advance(300_000);
      server.write(number, { state });
      const theirs = await poll(cursor);
      clock.advance(300_000);
      await connector.updateTicket?.(id, { status: "open" });
      const ours = await poll(theirs.cursor);
      cursor = ours.cursor;
      heard.push(...told([...theirs.events, ...ours.events]));
    }
    expect(heard).toEqual(["solved by them", "open by us", "closed by them", "open by us"]);
    expect(server.tickets()).toMatchObject([{ stage_id: 2, state: "01_in_progress" }]);
    await connector.updateTicket?.(id, { status: "solved" });
    expect(server.tickets()).toMatchObject([{ stage_id: 4, state: "1_done" }]);
  });

  it("passes over tickets that are not ours, and stages that stand for nothing", async () => {
    const { server, ticket, poll, clock } = await start({}, { statuses: { New: "new", Solved: "solved" } });
    const { number } = await ticket();
    const { cursor } = await poll();
    clock.advance(300_000);
    const other = server.insert("project.task", { name: "Not ours" });
    server.post(other.id, { ...reply, body: "<p>hello</p>" });
    server.write(number, { stage_id: 3 });
    expect((await poll(cursor)).events).toEqual([]);
  });

  it("names the files of a reply as staff added them, without those that are addresses", async () => {
    const { server, connector, ticket, poll, clock } = await start();
    const { id, number } = await ticket();
    const { cursor } = await poll();
    clock.advance(1_000);
    const files = ["first.pdf", "link", "second.pdf"].map((name) =>
      server.addFile(name, "application/pdf", Buffer.from(name)),
    );
    server.records.rowOf("ir.attachment", files[1] ?? 0)["type"] = "url";
    server.post(number, { ...reply, attachment_ids: files });
    const [event] = (await poll(cursor)).events;
    if (event?.type !== "comment.added") throw new Error("no comment");
    expect(event.attachments.map(({ name }) => name)).toEqual(["first.pdf", "second.pdf"]);
    const folder = await mkdtemp(join(tmpdir(), "odoo-"));
    const target = { path: join(folder, "file"), maxBytes: 1_000 };
    const [file = { id: "", name: "" }] = event.attachments;
    await expect(connector.fetchAttachment?.({ ...file, ticketId: id }, target)).resolves.toEqual({
      mimeType: "application/pdf",
      size: 9,
    });
    expect(await readFile(target.path, "utf8")).toBe("first.pdf");
    await rm(folder, { recursive: true });
  });
});
