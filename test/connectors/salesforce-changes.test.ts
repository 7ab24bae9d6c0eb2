import type { HelpdeskEvent } from "deskferry/sdk";
import { describe, expect, it } from "vitest";
import { failureOf } from "../support/failure-of.ts";
import { FLOW, VISITOR } from "./salesforce-org.ts";
import type { SalesforceOptions } from "./salesforce-server.ts";
import { comment, setUp } from "./salesforce-setup.ts";

/** A ticket, and a poller that remembers what it saw. */
async function setUpPolling(options: SalesforceOptions = {}, more: Record<string, unknown> = {}) {
  const setup = await setUp(options, more);
  const { id } = await setup.create();
  setup.clock.advance(600_000);
  let cursor = (await setup.connector.listChanges?.(undefined))?.cursor;
  const seen: HelpdeskEvent[] = [];
  const poll = async () => {
    const page = await setup.connector.listChanges?.(cursor);
    cursor = page?.cursor;
    seen.push(...(page?.events ?? []));
    return page;
  };
  const bodies = () => seen.map((event) => (event.type === "comment.added" ? event.body : event.to));
  return { ...setup, id, poll, seen, bodies };
}

describe("polling", () => {
  it("brings once what two changes in one second are, and a status behind the words that led to it", async () => {
    const { server, id, poll, bodies, clock } = await setUpPolling();
    for (let round = 0; round < 5; round++) {
      server.setStatus(id, round % 2 === 0 ? "Working" : "New");
      server.comment(id, `${round}a`);
      await poll();
      server.comment(id, `${round}b`);
      clock.advance(20_000);
    }
    clock.advance(300_000);
    await poll();
    await poll();
    expect(bodies()).toEqual(
      [0, 1, 2, 3, 4].flatMap((round) => [`${round}a`, round % 2 === 0 ? "open" : "new", `${round}b`]),
    );
  });

  it("finds a comment whose transaction ended long after it was written", async () => {
    const { server, id, poll, bodies, clock } = await setUpPolling();
    const late = server.comment(id, "late");
    server.hide(late);
    clock.advance(30_000);
    server.comment(id, "early");
    await poll();
    clock.advance(60_000);
    server.show(late);
    await poll();
    expect(bodies()).toEqual(["early", "late"]);
  });

  it("takes one call when nothing happened, and reads every page of what did", async () => {
    const { server, id, poll, bodies, callsSince, clock } = await setUpPolling({ rowsAPage: 3 });
    let before = server.calls.length;
    await poll();
    expect(callsSince(before)).toHaveLength(1);
    for (let count = 0; count < 8; count++) server.comment(id, `${count}`);
    clock.advance(1_000);
    before = server.calls.length;
    await poll();
    expect(callsSince(before)).toHaveLength(3);
    expect(bodies()).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
  });

  it("P10: goes on where there is more than one look brings, even within one second", async () => {
    const { server, id, poll, bodies, clock } = await setUpPolling();
    const texts: string[] = [];
    for (let count = 0; count < 1_300; count++) {
      const text = `${count}`;
      texts.push(text);
      server.comment(id, text);
      if (count === 700) clock.advance(30_000);
      if (count === 1_200) server.setStatus(id, "Working");
    }
    clock.advance(600_000);
    for (let more: boolean | undefined = true; more; ) more = (await poll())?.more;
    expect(bodies()).toEqual([...texts, "open"]);
  });

  it("P19: what visitors of a portal and flows write never goes to WhatsApp", async () => {
    const { server, id, poll, seen } = await setUpPolling();
    server.comment(id, "by a visitor", { by: VISITOR });
    server.comment(id, "by a flow", { by: FLOW });
    server.comment(id, "a note", { isPublished: false });
    server.comment(id, "by staff");
    await poll();
    expect(seen.map((event) => event.type === "comment.added" && [event.body, event.visibility])).toEqual([
      ["by a visitor", "internal"],
      ["by a flow", "internal"],
      ["a note", "internal"],
      ["by staff", "public"],
    ]);
  });

  it("a note that staff publish later is a reply; an old one, or one that is only edited, is no news", async () => {
    const { server, id, poll, seen, rows, clock } = await setUpPolling();
    const note = server.comment(id, "we come on Monday", { isPublished: false });
    const old = server.comment(id, "an old note", { isPublished: false });
    await poll();
    const publish = (given: string, body?: string) => {
      const row = rows("CaseComment").find(({ Id: each }) => each === given);
      const SystemModstamp = new Date(clock.now()).toISOString().replace("Z", "+0000");
      Object.assign(row ?? {}, { IsPublished: true, SystemModstamp, ...(body ? { CommentBody: body } : {}) });
    };
    clock.advance(3_600_000);
    publish(note);
    await poll();
    const first = seen.splice(0);
    expect(first).toMatchObject([
      { body: "we come on Monday", visibility: "internal" },
      { body: "an old note", visibility: "internal" },
      { body: "we come on Monday", visibility: "public" },
    ]);
    for (const round of [1, 2]) {
      clock.advance(3_600_000 * round);
      await poll();
    }
    publish(note, "we come on Tuesday");
    await poll();
    // The core has seen this id, and does not send it again.
    expect(seen.map((event) => event.id)).toEqual([first[2]?.id]);
    clock.advance(8 * 86_400_000);
    publish(old);
    await poll();
    expect(seen).toHaveLength(1);
  });

  it("leaves out cases that are not ours", async () => {
    const { server, id, poll, seen, rows } = await setUpPolling();
    const [row] = rows("Case");
    if (row) row["Deskferry_Id__c"] = null;
    server.comment(id, "elsewhere");
    server.setStatus(id, "Working");
    await poll();
    expect(seen).toEqual([]);
  });

  it("tells statuses with what was before; values without a word of ours, and equal words, are no change", async () => {
    const statuses = { New: "new", Working: "open", Escalated: "open", Closed: "solved" };
    const { server, id, poll, seen, clock } = await setUpPolling(
      { statuses: [...Object.keys(statuses), "Odd"] },
      { statuses },
    );
    for (const value of ["Working", "Escalated", "Odd", "Closed"]) {
      clock.advance(5_000);
      server.setStatus(id, value);
    }
    await poll();
    expect(seen).toMatchObject([
      { from: "new", to: "open", ticket: { rawStatus: "Working", subject: "Street light" } },
      { to: "solved", author: { isUs: false, name: "Ann Agent" } },
    ]);
    expect(seen[1]).not.toHaveProperty("from");
  });

  it("begins at Salesforce's now, however wrong our clock is", async () => {
    const { server, connect, create, clock } = await setUp();
    const { id } = await create();
    for (const wrongBy of [-3_600_000, 3_600_000]) {
      const connector = connect({}, () => clock.now() + wrongBy);
      server.comment(id, "before");
      clock.advance(1_000);
      const start = await connector.listChanges?.(undefined);
      clock.advance(1_000);
      server.comment(id, `after ${wrongBy}`);
      const page = await connector.listChanges?.(start?.cursor);
      expect(page?.events).toMatchObject([{ body: `after ${wrongBy}` }]);
      clock.advance(600_000);
    }
  });

  it("P18: our own comments and those of others with a similar id are told apart", async () => {
    const { server, connector, id, poll, seen } = await setUpPolling();
    await connector.addComment(comment(id, { body: "ours" }));
    server.comment(id, "theirs");
    await poll();
    expect(seen).toMatchObject([
      { body: "ours", author: { isUs: true } },
      { body: "theirs", author: { isUs: false } },
    ]);
  });

  it("does not follow a next page that leads elsewhere", async () => {
    const { server, connector, poll } = await setUpPolling();
    const stray = { done: false, records: [], nextRecordsUrl: "https://evil.example.org/query/1" };
    const part = (body: unknown) => ({ body, httpStatusCode: 200, httpHeaders: {}, referenceId: "r" });
    const body = { compositeResponse: [part(stray), part({ done: true, records: [] })] };
    server.instead.push({ status: 200, body });
    expect(await failureOf(poll())).toMatchObject({ kind: "ambiguous" });
    expect(await failureOf(connector.listChanges?.("elsewhere") ?? Promise.resolve())).toMatchObject({
      kind: "bug",
    });
  });
});

describe("files of replies", () => {
  it("go along when the comment names them as ours do, and their lines do not", async () => {
    const { server, id, poll, seen } = await setUpPolling();
    server.addFile(id, "plan (2).pdf", Buffer.from("old"));
    const plan = server.addFile(id, "plan (2).pdf", Buffer.from("new"));
    const letter = server.addFile(id, "README", Buffer.from("words"));
    server.comment(id, "See (file: readme) first\n(file: Plan (2).pdf)\n\n(file: none.pdf)\nYours (file)");
    await poll();
    expect(seen).toMatchObject([
      {
        body: "See  first\n\n(file: none.pdf)\nYours (file)",
        attachments: [
          { id: letter, name: "README" },
          { id: plan, name: "plan (2).pdf" },
        ],
      },
    ]);
  });

  it("a comment of nothing but a file has no words", async () => {
    const { server, id, poll, seen } = await setUpPolling();
    server.addFile(id, "a.png", Buffer.from("png"));
    server.comment(id, "(file: a.png)");
    await poll();
    expect(seen).toMatchObject([{ body: "", attachments: [{ name: "a.png" }] }]);
  });

  it("P19: of notes and of our own comments are not even looked up", async () => {
    const { server, connector, id, poll, seen, callsSince } = await setUpPolling();
    server.addFile(id, "a.png", Buffer.from("png"));
    server.comment(id, "inside (file: a.png)", { isPublished: false });
    server.comment(id, "a visitor's (file: a.png)", { by: VISITOR });
    await connector.addComment(comment(id, { body: "ours (file: a.png)" }));
    const before = server.calls.length;
    await poll();
    expect(callsSince(before)).toHaveLength(1);
    expect(seen.flatMap((event) => (event.type === "comment.added" ? event.attachments : []))).toEqual([]);
  });
});
