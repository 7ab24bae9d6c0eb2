import { describe, expect, it, vi } from "vitest";
import { ticketExternalId } from "../../src/domain/conversation.ts";
import type { MessageType } from "../../src/domain/message.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { messageReceived, noteRequested, person } from "../support/builders.ts";
import { failureOf } from "../support/failure-of.ts";
import { fails, lostAnswer } from "../support/fake-helpdesk.ts";
import { failing } from "../support/fake-mapper.ts";
import { DAY_MS, setUpInbound } from "./inbound-setup.ts";

describe("a message", () => {
  it("the first one becomes a contact, a ticket and a comment", async () => {
    const { receive, desk, key, traces } = await setUpInbound();
    const event = await receive();
    expect(desk.contacts).toMatchObject([
      {
        key: { externalId: `whatsapp:${person(1).userId}`, phone: person(1).phone, userId: person(1).userId },
        record: { name: "Person 1" },
      },
    ]);
    expect(desk.tickets).toMatchObject([
      { externalId: ticketExternalId(key, 1), contactId: desk.contacts[0]?.id },
    ]);
    expect(desk.comments).toMatchObject([
      {
        ticketId: desk.tickets[0]?.id,
        contactId: desk.contacts[0]?.id,
        externalId: eventKey(event.id),
        body: "The street light is broken",
        visibility: "public",
      },
    ]);
    expect(traces.map(({ step }) => step)).toEqual(["contact.ensured", "ticket.ensured", "comment.added"]);
  });

  it("what the helpdesk has no place for never reaches its connector, and is told of", async () => {
    const unsupportedTicketFields = ["tags", "skills", "due", "assignee"] as const;
    const { receive, desk, mapper, leftOut, traces } = await setUpInbound({ unsupportedTicketFields });
    mapper.rules.ticket = () => ({ subject: "Lamp", priority: "low", tags: ["whatsapp"], skills: [] });
    mapper.rules.route = () => ({ due: { solution: "2026-11-27T17:00:00Z" } });
    await receive();
    expect(desk.tickets[0]?.ticket).toEqual({ subject: "Lamp", priority: "low" });
    expect(leftOut).toEqual([["tags", "due"]]);
    expect(traces.find(({ step }) => step === "ticket.ensured")?.detail["leftOut"]).toBe("tags,due");
  });

  it("is routed: what route.jsonata gives replaces what ticket.jsonata gave, the rest stays", async () => {
    const { receive, desk, mapper } = await setUpInbound();
    mapper.rules.ticket = () => ({
      subject: "Lamp",
      queue: "Front desk",
      priority: "low",
      tags: ["whatsapp"],
    });
    mapper.rules.route = ({ ticket, message }) => ({
      queue: `${ticket.queue} / ${message.type}`,
      skills: ["Hindi"],
      due: { solution: "2026-11-27T17:00:00Z" },
    });
    await receive();
    expect(desk.tickets).toMatchObject([
      {
        ticket: {
          subject: "Lamp",
          queue: "Front desk / text",
          priority: "low",
          tags: ["whatsapp"],
          skills: ["Hindi"],
          due: { solution: "2026-11-27T17:00:00Z" },
        },
      },
    ]);
  });

  it("a further one costs exactly one call to the helpdesk", async () => {
    const { receive, desk } = await setUpInbound();
    await receive();
    desk.script.calls.length = 0;
    await receive();
    await receive();
    expect(desk.script.calls).toEqual(["addComment", "addComment"]);
    expect(desk.tickets).toHaveLength(1);
  });

  it("handled a second time, after a crash before it left the mailbox, does nothing", async () => {
    const { receive, handle, desk } = await setUpInbound();
    const event = await receive();
    desk.script.calls.length = 0;
    await handle(event);
    expect(desk.script.calls).toEqual([]);
  });

  it("brings a changed profile name to the contact, keeping its external id", async () => {
    const { receive, desk, clock } = await setUpInbound();
    await receive();
    await receive(messageReceived({ at: clock.iso(), person: { ...person(1), name: "Ann Other" } }));
    expect(desk.contacts).toMatchObject([
      { key: { externalId: `whatsapp:${person(1).userId}` }, record: { name: "Ann Other" } },
    ]);
  });

  it("P04: a person first known by phone keeps the contact when a user id is added", async () => {
    const { receive, desk, clock } = await setUpInbound();
    const { phone = "", userId = "" } = person(1);
    await receive(messageReceived({ at: clock.iso(), person: { phone } }));
    const [first] = desk.contacts;
    expect(first?.key).toEqual({ externalId: `whatsapp:${phone}`, phone });
    await receive(messageReceived({ at: clock.iso(), person: { phone, userId } }));
    expect(desk.contacts).toHaveLength(1);
    expect(desk.contacts[0]?.key).toEqual({ externalId: `whatsapp:${phone}`, phone, userId });
  });

  it("P33: after every link was lost, the ticket that the helpdesk has is found again", async () => {
    const { receive, desk, loseRedis, clock } = await setUpInbound();
    await receive();
    await loseRedis();
    await receive(messageReceived({ at: clock.iso() }));
    expect(desk.tickets).toHaveLength(1);
    expect(desk.contacts).toHaveLength(1);
    expect(desk.comments.map(({ ticketId }) => ticketId)).toEqual([desk.tickets[0]?.id, desk.tickets[0]?.id]);
  });

  it("of nobody at all becomes a dead letter, not a contact without identity", async () => {
    const { handle, desk } = await setUpInbound();
    const failure = await failureOf(handle(messageReceived({ person: { name: "Nobody" } })));
    expect(failure).toMatchObject({ kind: "nobody", retryable: false });
    expect(desk.script.calls).toEqual([]);
  });

  it("mappings see the person without our own notes about the window", async () => {
    const { receive, mapper } = await setUpInbound();
    await receive();
    for (const { input } of mapper.inputs) {
      expect((input as { person: object }).person).toEqual(person(1));
    }
  });
});

describe("a mapping that fails", () => {
  it.each(["contact", "ticket", "comment"] as const)(
    "%s: the event becomes a dead letter and nothing raw passes",
    async (kind) => {
      const { receive, desk } = await setUpInbound({ rules: { [kind]: failing } });
      const failure = await failureOf(receive());
      expect(failure).toMatchObject({ kind: "evaluate", retryable: false });
      expect(desk.comments).toEqual([]);
      expect(desk.tickets).toHaveLength(kind === "comment" ? 1 : 0);
    },
  );

  it("a record with an unknown key is refused, with its name and without its value", async () => {
    const { receive, desk } = await setUpInbound({
      rules: { contact: ({ person }) => ({ name: "x", naem: person.phone }) },
    });
    const failure = await failureOf(receive());
    expect(failure).toMatchObject({ kind: "record", retryable: false });
    expect(failure.operatorMessage).not.toContain(person(1).phone);
    expect(desk.contacts).toEqual([]);
  });
});

describe("P27: a message after the ticket was closed", () => {
  async function closedTicket(options: Parameters<typeof setUpInbound>[0] = {}) {
    const setup = await setUpInbound(options);
    await setup.receive();
    const first = setup.desk.tickets[0]?.id ?? "";
    setup.desk.setStatus(first, "solved");
    await setup.store.links.noteStatus(setup.key, first, "solved", setup.clock.iso());
    setup.desk.script.calls.length = 0;
    return { ...setup, first };
  }

  it("reopens it within the route's days", async () => {
    const { receive, clock, desk, first } = await closedTicket();
    clock.advance(7 * DAY_MS);
    await receive();
    expect(desk.tickets).toMatchObject([{ id: first, status: "open" }]);
    expect(desk.comments.map(({ ticketId }) => ticketId)).toEqual([first, first]);
    expect(desk.script.calls).toEqual(["updateTicket", "addComment"]);
    await receive();
    expect(desk.script.calls).toEqual(["updateTicket", "addComment", "addComment"]);
  });

  it("opens another one afterwards, and the next message joins that", async () => {
    const { receive, clock, desk, first, key } = await closedTicket();
    clock.advance(7 * DAY_MS + 1000);
    await receive();
    expect(desk.tickets).toMatchObject([
      { id: first, status: "solved" },
      { externalId: ticketExternalId(key, 2), status: "new" },
    ]);
    await receive();
    expect(desk.tickets).toHaveLength(2);
    expect(desk.comments[2]?.ticketId).toBe(desk.tickets[1]?.id);
  });

  it("opens another one where the helpdesk cannot change a ticket's status", async () => {
    const { receive, desk } = await closedTicket({ canUpdate: false });
    await receive();
    expect(desk.tickets).toHaveLength(2);
  });

  it("opens another one when the closed one cannot be reopened", async () => {
    const { receive, desk } = await closedTicket();
    desk.script.next("updateTicket", fails("rejected"));
    await receive();
    expect(desk.tickets).toHaveLength(2);
    expect(desk.comments).toHaveLength(2);
  });

  it("reopens it also when it was closed while the contact was being written", async () => {
    const { receive, clock, desk, store, key } = await setUpInbound();
    await receive();
    const [ticket] = desk.tickets;
    const [contact] = desk.contacts;
    vi.spyOn(desk.connector, "upsertContact").mockImplementationOnce(async () => {
      desk.setStatus(ticket?.id ?? "", "solved");
      await store.links.noteStatus(key, ticket?.id ?? "", "solved", clock.iso());
      return { id: contact?.id ?? "" };
    });
    await receive(messageReceived({ at: clock.iso(), person: { ...person(1), name: "Ann Other" } }));
    expect(desk.tickets).toMatchObject([{ id: ticket?.id, status: "open" }]);
    expect(desk.comments).toHaveLength(2);
  });

  it("waits when the helpdesk does not answer the reopening", async () => {
    const { receive, handle, desk, clock } = await closedTicket();
    desk.script.next("updateTicket", lostAnswer());
    const event = messageReceived({ at: clock.iso() });
    await expect(receive(event)).rejects.toMatchObject({ kind: "ambiguous" });
    await handle(event, 1);
    expect(desk.tickets).toMatchObject([{ status: "open" }]);
    expect(desk.comments).toHaveLength(2);
  });

  it("opens another one when the closed one was deleted meanwhile", async () => {
    const { receive, desk, first, key } = await closedTicket();
    desk.deleteTicket(first);
    await receive();
    expect(desk.tickets).toMatchObject([{ externalId: ticketExternalId(key, 2) }]);
    expect(desk.comments).toMatchObject([{ ticketId: desk.tickets[0]?.id }]);
  });

  it("a ticket opened later does not inherit when the earlier one was closed", async () => {
    const { receive, clock, desk, store, key } = await closedTicket();
    clock.advance(8 * DAY_MS);
    await receive();
    expect(await store.links.ticket(key)).toEqual({ id: desk.tickets[1]?.id, epoch: 2, status: "new" });
  });
});

describe("a ticket deleted by staff", () => {
  it("is followed by another one, and the message is not lost", async () => {
    const { receive, handle, desk, clock, key } = await setUpInbound();
    await receive();
    desk.deleteTicket(desk.tickets[0]?.id ?? "");
    const event = messageReceived({ at: clock.iso() });
    const failure = await failureOf(receive(event));
    expect(failure).toMatchObject({ kind: "waiting", retryAfterMs: 0 });
    await handle(event);
    expect(desk.tickets).toMatchObject([{ externalId: ticketExternalId(key, 2) }]);
    expect(desk.comments).toMatchObject([{ ticketId: desk.tickets[0]?.id, externalId: eventKey(event.id) }]);
  });

  it("after it had been reopened, too", async () => {
    const { receive, handle, desk, clock, key, store } = await setUpInbound();
    await receive();
    const id = desk.tickets[0]?.id ?? "";
    await store.links.noteStatus(key, id, "solved", clock.iso());
    desk.script.next("addComment", fails("not_found"));
    const event = messageReceived({ at: clock.iso() });
    await receive(event).catch(() => desk.deleteTicket(id));
    await handle(event);
    expect(desk.tickets).toMatchObject([{ externalId: ticketExternalId(key, 2) }]);
    expect(desk.comments).toHaveLength(1);
  });

  it("takes a note with it, and the conversation goes on", async () => {
    const { receive, note, desk, traces } = await setUpInbound();
    await receive();
    desk.deleteTicket(desk.tickets[0]?.id ?? "");
    const remark = noteRequested();
    await failureOf(note(remark));
    await note(remark);
    expect(traces.at(-1)).toMatchObject({ step: "dropped" });
    await receive();
    expect(desk.tickets).toHaveLength(1);
  });

  it("takes a reaction with it, even when it had been closed", async () => {
    const { receive, handle, desk, clock, store, key, traces } = await setUpInbound();
    await receive();
    const id = desk.tickets[0]?.id ?? "";
    await store.links.noteStatus(key, id, "solved", clock.iso());
    desk.deleteTicket(id);
    const event = messageReceived({ at: clock.iso(), message: { type: "reaction", text: "👍" } });
    await failureOf(receive(event));
    await handle(event);
    expect(traces.at(-1)).toMatchObject({ step: "dropped" });
    expect(desk.tickets).toEqual([]);
  });
});

describe("a contact deleted by staff", () => {
  it("is made again when the next ticket needs it", async () => {
    const { receive, handle, desk, clock, store, key } = await setUpInbound({ reopenWithinMs: 0 });
    await receive();
    await store.links.noteStatus(key, desk.tickets[0]?.id ?? "", "closed", clock.iso());
    desk.deleteContact(desk.contacts[0]?.id ?? "");
    clock.advance(DAY_MS);
    const event = messageReceived({ at: clock.iso() });
    await expect(receive(event)).rejects.toMatchObject({ kind: "waiting", retryAfterMs: 0 });
    await handle(event);
    expect(desk.contacts).toHaveLength(1);
    expect(desk.tickets[1]?.contactId).toBe(desk.contacts[0]?.id);
    expect(desk.comments).toHaveLength(2);
  });

  it("is not the reason of every refusal: a missing queue stays a dead letter", async () => {
    const { receive, desk } = await setUpInbound();
    desk.script.always("createTicket", fails("not_found"));
    await expect(receive()).rejects.toMatchObject({ kind: "not_found", retryable: false });
    expect(desk.script.count("createTicket")).toBeLessThanOrEqual(2);
  });
});

const remarks: MessageType[] = ["reaction", "system", "edit", "deletion", "welcome"];

describe.each(remarks)("a remark (%s)", (type) => {
  const remark = (at: string) =>
    messageReceived({ at, message: { type, text: "a remark", refersTo: "wamid.x" } });

  it("opens no ticket", async () => {
    const { receive, desk, clock, traces } = await setUpInbound();
    await receive(remark(clock.iso()));
    expect(desk.tickets).toEqual([]);
    expect(desk.comments).toEqual([]);
    expect(traces.at(-1)).toMatchObject({ step: "dropped" });
  });

  it("joins the ticket that is there, and does not reopen a closed one", async () => {
    const { receive, desk, clock, store, key } = await setUpInbound();
    await receive();
    const id = desk.tickets[0]?.id ?? "";
    desk.setStatus(id, "solved");
    await store.links.noteStatus(key, id, "solved", clock.iso());
    await receive(remark(clock.iso()));
    expect(desk.tickets).toMatchObject([{ status: "solved" }]);
    expect(desk.comments.map(({ body }) => body)).toEqual(["The street light is broken", "a remark"]);
  });
});

describe("P01: several messages of a new person", () => {
  it("handled one after the other in their mailbox, leave one contact, one ticket, comments in order", async () => {
    const { accept, handle, desk, clock } = await setUpInbound();
    const album = await Promise.all(
      Array.from({ length: 11 }, (_, n) =>
        accept(messageReceived({ at: clock.iso(), message: { text: `number ${n}` } })),
      ),
    );
    for (const event of album) await handle(event);
    expect(desk.contacts).toHaveLength(1);
    expect(desk.tickets).toHaveLength(1);
    expect(desk.comments.map(({ body }) => body)).toEqual(album.map((_, n) => `number ${n}`));
  });

  it("handled by two workers at once, as after a stall, still leave one of each (class A)", async () => {
    const { accept, handle, desk, clock } = await setUpInbound();
    const event = await accept(messageReceived({ at: clock.iso() }));
    await Promise.all([handle(event), handle(event), handle(event)]);
    expect([desk.contacts.length, desk.tickets.length, desk.comments.length]).toEqual([1, 1, 1]);
  });
});

describe("a note for staff", () => {
  it("is written once, internally, onto the conversation's ticket", async () => {
    const { receive, note, desk } = await setUpInbound();
    await receive();
    const remark = noteRequested({ text: "not delivered" });
    await note(remark);
    await note(remark);
    expect(desk.comments.slice(1)).toMatchObject([
      { ticketId: desk.tickets[0]?.id, body: "not delivered", visibility: "internal", files: [] },
    ]);
  });

  it("P19: is not written where notes cannot be hidden from the person", async () => {
    const { receive, note, desk, traces } = await setUpInbound({ internalComments: false });
    await receive();
    await note(noteRequested());
    expect(desk.comments).toHaveLength(1);
    expect(traces.at(-1)).toMatchObject({ step: "dropped" });
  });

  it("is dropped when the conversation has no ticket", async () => {
    const { note, desk, traces } = await setUpInbound();
    await note(noteRequested());
    expect(desk.script.calls).toEqual([]);
    expect(traces).toMatchObject([{ step: "dropped" }]);
  });
});

it("class C, hold: while nobody knows whether the ticket is there, later messages wait for the operator, too", async () => {
  const setup = await setUpInbound({ idempotency: { class: "C", onUnclear: "hold" } });
  setup.desk.script.next("createTicket", lostAnswer());
  const first = await setup.accept(messageReceived({ at: setup.clock.iso() }));
  const second = await setup.accept(messageReceived({ at: setup.clock.iso() }));
  expect(await failureOf(setup.handle(first))).toMatchObject({ kind: "ambiguous" });
  for (const event of [first, second]) {
    expect(await failureOf(setup.handle(event))).toMatchObject({
      kind: "unclear",
      unclear: ticketExternalId(setup.key, 1),
    });
  }
  expect(setup.desk.script.count("createTicket")).toBe(1);
});
