import type { HelpdeskEvent, WebhookRequest } from "deskferry/sdk";
import { startWebhookReceiver, type WebhookReceiver } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type RequestTracker,
  requestTrackerMissing,
  startRequestTracker,
} from "../../scripts/request-tracker.ts";
import { createBench, failureOf } from "./request-tracker-bench.ts";

const missing = requestTrackerMissing();
if (missing) console.log(missing);

describe.skipIf(missing !== undefined)("changes in Request Tracker 5", () => {
  let rt: RequestTracker;
  let receiver: WebhookReceiver;
  let bench: ReturnType<typeof createBench>;
  beforeAll(async () => {
    receiver = await startWebhookReceiver();
    rt = await startRequestTracker({ hookUrl: receiver.url });
    bench = createBench(rt);
  }, 120_000);
  afterAll(async () => {
    await rt?.stop();
    await receiver?.stop();
  });

  const cursorNow = async () => (await bench.connector.listChanges(undefined)).cursor;
  async function pollAll(from: string): Promise<HelpdeskEvent[]> {
    const events: HelpdeskEvent[] = [];
    for (let cursor = from, more = true; more; ) {
      const answer = await bench.connector.listChanges(cursor);
      events.push(...answer.events);
      ({ cursor, more } = answer);
    }
    return events;
  }
  const eventsOf = async (requests: readonly WebhookRequest[]) =>
    (await Promise.all(requests.map((request) => bench.connector.parseWebhook(request)))).flat();
  const byId = (events: HelpdeskEvent[]) => events.toSorted((a, b) => a.id.localeCompare(b.id));

  it("P32: are the same events by webhook and by polling", async () => {
    const { id } = await bench.ticket("Łódź: 🔔");
    const cursor = await cursorNow();
    const from = receiver.received.length;
    await bench.agent.reply(id, "It is fixed ✓\r\n\r\nBye");
    await bench.agent.reply(id, "<p>Caf&eacute; <b>at</b> 9</p><ul><li>one</li></ul>", "text/html");
    await bench.agent.note(id, "Be kind");
    await bench.agent.call("POST", `/ticket/${id}/correspond`, {
      Content: "The form",
      ContentType: "text/plain",
      Attachments: [{ FileName: "form.pdf", FileType: "application/pdf", FileContent: "JVBERg==" }],
    });
    await bench.agent.call("PUT", `/ticket/${id}`, { Owner: "agent", Priority: 70 });
    await bench.agent.setStatus(id, "stalled");
    await bench.agent.setStatus(id, "resolved");
    await bench.agent.reply(id, "One more thing");
    const pushed = await eventsOf(receiver.received.slice(from));
    const polled = await pollAll(cursor);

    expect(polled.map((event) => (event.type === "comment.added" ? event.body : event.to))).toEqual([
      "It is fixed ✓\n\nBye",
      "Café at 9\n\n- one",
      "Be kind",
      "The form",
      "pending",
      "solved",
      "One more thing",
      "open",
    ]);
    // The webhook shows the ticket as it was at that moment, polling as it is now, but for changes of status.
    const comparable = (event: HelpdeskEvent) => {
      const { status: _, rawStatus: __, assignee: ___, ...ticket } = event.ticket;
      return { ...event, ticket };
    };
    expect(byId(pushed).map(comparable)).toEqual(byId(polled).map(comparable));
  });

  it("leave out what RT does by itself to a waiting ticket, and tell when it reopens a solved one", async () => {
    const { id } = await bench.ticket();
    const cursor = await cursorNow();
    await bench.agent.reply(id, "hello");
    await bench.agent.setStatus(id, "resolved");
    await bench.connector.addComment(bench.comment(id, { body: "not solved at all" }));
    const changes = (await pollAll(cursor)).filter((event) => event.type === "ticket.changed");
    expect(changes.map(({ from, to, author }) => [from, to, author.id])).toEqual([
      ["open", "solved", "agent"],
      ["solved", "open", "RT_System"],
    ]);
  });

  it("P19: stay inside when somebody who is not staff corresponds, as by mail", async () => {
    const { id } = await bench.ticket();
    const cursor = await cursorNow();
    const { name, password } = rt.customer;
    const answer = await fetch(`${rt.url}/REST/2.0/ticket/${id}/correspond`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
      },
      body: JSON.stringify({ Content: "by mail", ContentType: "text/plain" }),
    });
    expect(answer.status).toBe(201);
    const polled = await pollAll(cursor);
    const pushed = await eventsOf(receiver.received);
    for (const events of [polled, pushed]) {
      const event = events.find(
        (candidate) => candidate.type === "comment.added" && candidate.body === "by mail",
      );
      expect(event).toMatchObject({ visibility: "internal", author: { id: "customer", isUs: false } });
    }
  });

  it("of tickets that are not ours bring nothing", async () => {
    const made = (await bench.agent.call("POST", "/ticket", {
      Queue: rt.queue,
      Subject: "By telephone",
    })) as { id: string };
    const cursor = await cursorNow();
    const from = receiver.received.length;
    await bench.agent.reply(made.id, "nobody of yours");
    expect(await pollAll(cursor)).toEqual([]);
    expect(receiver.received.slice(from)).toEqual([]);
  });

  it("P32: reach polling when the webhook has no receiver, and staff notice nothing", async () => {
    const { id } = await bench.ticket();
    const gone = await startWebhookReceiver();
    await gone.stop();
    await rt.setHook(gone.url);
    try {
      const cursor = await cursorNow();
      const began = Date.now();
      await bench.agent.reply(id, "into the void");
      expect(Date.now() - began).toBeLessThan(5_000);
      expect(await pollAll(cursor)).toMatchObject([{ type: "comment.added", body: "into the void" }]);
      expect(await rt.log()).toMatch(/Deskferry could not be told of transaction \d+: 500/);
      expect(await rt.log()).not.toContain("into the void");
    } finally {
      await rt.setHook(receiver.url);
    }
  });

  it("P05: that are committed late are found behind later ones", async () => {
    const { id } = await bench.ticket();
    const start = await cursorNow();
    for (const text of ["early", "late", "later"]) await bench.agent.reply(id, text);
    const events = await pollAll(start);
    const [early, late, later] = events
      .filter((event) => event.type === "comment.added")
      .map((event) => event.id.slice(4));
    // As if only the first and the third had been visible at the first look.
    const { events: rest, cursor } = await bench.connector.listChanges(`${start},${early},${later}`);
    expect(rest.filter((event) => event.type === "comment.added").map((event) => event.id)).toEqual([
      `txn/${late}`,
    ]);
    const { events: none } = await bench.connector.listChanges(cursor);
    expect(none).toEqual([]);
  });

  it("move the cursor on when they are a minute old, by RT's own clock", async () => {
    const { id } = await bench.ticket();
    const start = await cursorNow();
    await bench.agent.reply(id, "young");
    const young = await bench.connector.listChanges(start);
    expect(young.cursor).toMatch(new RegExp(`^${start},`));
    await rt.perl(`
      my $transactions = RT::Transactions->new($system); $transactions->UnLimit;
      while (my $one = $transactions->Next) { $one->__Set(Field => 'Created', Value => '2020-01-01 00:00:00') }`);
    const old = await bench.connector.listChanges(young.cursor);
    expect(old.events).toEqual([]);
    expect(old.cursor).toMatch(/^\d+$/);
    expect(Number(old.cursor)).toBeGreaterThan(Number(start));
  });

  it("P07: come in pages when there are many, all of them once", async () => {
    const { id } = await bench.ticket();
    const cursor = await cursorNow();
    await rt.perl(`
      my $agent = RT::CurrentUser->new; $agent->Load('agent');
      my $ticket = RT::Ticket->new($agent); $ticket->Load(${id});
      for my $number (1 .. 103) { $ticket->Comment(Content => "number $number") }`);
    const first = await bench.connector.listChanges(cursor);
    expect(first.more).toBe(true);
    const events = [...first.events, ...(await pollAll(first.cursor))];
    expect(events.map((event) => event.type === "comment.added" && event.body.trim())).toEqual(
      Array.from({ length: 103 }, (_, index) => `number ${index + 1}`),
    );
  });

  it("which the account may not see would stop polling: the check says so", async () => {
    const change = (method: string, right: string) =>
      rt.perl(`
        my $group = RT::Group->new($system); $group->LoadUserDefinedGroup('Deskferry');
        $group->PrincipalObj->${method}(Right => '${right}', Object => RT->System);`);
    const { id } = await bench.ticket();
    const other = (await bench.agent.call("POST", "/ticket", {
      Queue: rt.otherQueue,
      Subject: "Secret",
    })) as {
      id: string;
    };
    const start = await cursorNow();
    await bench.agent.reply(id, "visible");
    await rt.perl(`
      my $agent = RT::CurrentUser->new; $agent->Load('agent');
      my $ticket = RT::Ticket->new($agent); $ticket->Load(${other.id});
      for my $number (1 .. 101) { $ticket->Comment(Content => "hidden $number") }`);
    await change("RevokeRight", "ShowTicketComments");
    try {
      const error = await failureOf(bench.connector.checkConnection());
      expect(error).toMatchObject({
        kind: "config",
        operatorMessage: expect.stringContaining("ShowTicketComments"),
      });
      // Tickets that it may not see at all are no hindrance.
      await change("RevokeRight", "ShowTicket");
      await rt.perl(`
        my $group = RT::Group->new($system); $group->LoadUserDefinedGroup('Deskferry');
        my $queue = RT::Queue->new($system); $queue->Load('WhatsApp');
        $group->PrincipalObj->GrantRight(Right => $_, Object => $queue) for qw(ShowTicket ShowTicketComments);`);
      expect(await bench.connector.checkConnection()).toHaveLength(4);
      const bodies = (await pollAll(start)).map((event) => event.type === "comment.added" && event.body);
      expect(bodies).toContain("visible");
    } finally {
      await change("GrantRight", "ShowTicket");
      await change("GrantRight", "ShowTicketComments");
    }
  });

  it("are asked for with our own cursors only", async () => {
    for (const cursor of ["", "abc", "1; DROP", "1,", "-1"]) {
      expect(await failureOf(bench.connector.listChanges(cursor))).toMatchObject({ kind: "bug" });
    }
  });
});
