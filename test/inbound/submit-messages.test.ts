import { describe, expect, it } from "vitest";
import { eventKey } from "../../src/domain/trace.ts";
import { messageReceived, noteRequested, person } from "../support/builders.ts";
import { failureOf } from "../support/failure-of.ts";
import { fails, lostAnswer } from "../support/fake-helpdesk.ts";
import { type SetupOptions, setUpInbound } from "./inbound-setup.ts";

const setUp = (options: SetupOptions = {}) => setUpInbound({ ...options, messages: "tickets" });
const classC = { class: "C", onUnclear: "hold" } as const;

describe("a message where nothing can be added to a ticket", () => {
  it("becomes a ticket of its own, with the person and the words in it", async () => {
    const { receive, desk, mapper, traces } = await setUp();
    mapper.rules.ticket = () => ({ subject: "Lamp", priority: "low" });
    mapper.rules.route = () => ({ priority: "high" });
    const event = await receive();
    expect(desk.tickets).toMatchObject([
      {
        externalId: eventKey(event.id),
        contactId: "",
        ticket: { subject: "Lamp", priority: "high" },
        message: {
          person: { externalId: `whatsapp:${person(1).userId}`, phone: person(1).phone },
          contact: { name: "Person 1" },
          body: "The street light is broken",
        },
      },
    ]);
    expect([desk.contacts, desk.comments]).toEqual([[], []]);
    expect(traces.map(({ step }) => step)).toEqual(["ticket.ensured"]);
  });

  it("P18: a further one becomes another ticket, by one call, and a repeated one none", async () => {
    const { receive, handle, desk } = await setUp();
    await receive();
    desk.script.calls.length = 0;
    const event = await receive();
    await handle(event);
    expect(desk.script.calls).toEqual(["createTicket"]);
    expect(desk.tickets).toHaveLength(2);
  });

  it("P16: takes its file along, of which nothing stays on our disk", async () => {
    const { receive, whatsapp, desk, filesOnDisk, clock, traces } = await setUp();
    const bytes = Buffer.from("\xff\xd8\xff\xe0jpeg", "latin1");
    whatsapp.files.set("media-1", { bytes, mimeType: "image/jpeg" });
    const media = { id: "media-1", mimeType: "image/jpeg", fileName: "lamp.jpg" };
    await receive(messageReceived({ at: clock.iso(), message: { type: "image", text: "Look", media } }));
    expect(desk.tickets[0]?.files).toEqual([{ name: "lamp.jpg", mimeType: "image/jpeg", bytes }]);
    expect(await filesOnDisk()).toEqual([]);
    expect(traces.map(({ step }) => step)).toEqual(["media.fetched", "ticket.ensured"]);
  });

  it("class C: is held for an operator when nobody knows whether its ticket was made", async () => {
    const { accept, handle, desk, clock } = await setUp({ idempotency: classC });
    const event = await accept(messageReceived({ at: clock.iso() }));
    desk.script.next("createTicket", lostAnswer());
    expect(await failureOf(handle(event))).toMatchObject({ kind: "ambiguous" });
    const id = eventKey(event.id);
    expect(await failureOf(handle(event))).toMatchObject({ kind: "unclear", retryable: false, unclear: id });
    expect(desk.tickets).toHaveLength(1);
  });

  it("P01: several that waited together become one ticket, with all their words and files", async () => {
    const { accept, handleTogether, whatsapp, desk, clock, traces } = await setUp();
    whatsapp.files.set("media-1", { bytes: Buffer.from("jpeg"), mimeType: "image/jpeg" });
    const media = { id: "media-1", mimeType: "image/jpeg", fileName: "lamp.jpg" };
    const first = await accept(messageReceived({ at: clock.iso(), message: { text: "A lamp" } }));
    const second = await accept(
      messageReceived({ at: clock.iso(), message: { type: "image", text: "This one", media } }),
    );
    await handleTogether([first, second]);
    expect(desk.tickets).toMatchObject([
      {
        externalId: eventKey(first.id),
        message: { body: "A lamp\n\nThis one" },
        files: [{ name: "lamp.jpg" }],
      },
    ]);
    expect(traces.at(-1)).toMatchObject({
      event: eventKey(second.id),
      detail: { joined: eventKey(first.id) },
    });
  });

  it("class C: is sent again after a failure that had no effect", async () => {
    const { accept, handle, desk, clock } = await setUp({ idempotency: classC });
    const event = await accept(messageReceived({ at: clock.iso() }));
    desk.script.next("createTicket", fails("unavailable"));
    expect(await failureOf(handle(event))).toMatchObject({ kind: "unavailable" });
    await handle(event);
    expect(desk.tickets).toHaveLength(1);
  });

  it("P19: that the mapping calls internal is refused, as no ticket can be hidden", async () => {
    const { receive, mapper, desk } = await setUp();
    mapper.rules.comment = () => ({ body: "for staff", visibility: "internal" });
    expect(await failureOf(receive())).toMatchObject({ kind: "internal", retryable: false });
    expect(desk.tickets).toEqual([]);
  });

  it("P04: is always of the person as the first one was, also when a user id is known later", async () => {
    const { receive, desk, clock } = await setUp();
    const { phone } = person(1);
    await receive(messageReceived({ at: clock.iso(), person: phone === undefined ? {} : { phone } }));
    await receive(messageReceived({ at: clock.iso() }));
    const known = desk.tickets.map(({ message }) => message?.person);
    expect(known.map((each) => each?.externalId)).toEqual([`whatsapp:${phone}`, `whatsapp:${phone}`]);
    expect(known[1]?.userId).toBe(person(1).userId);
  });

  it("that only remarks on another opens no ticket, and neither does a note of ours", async () => {
    const { receive, note, desk, traces, clock } = await setUp();
    await receive();
    await receive(messageReceived({ at: clock.iso(), message: { type: "reaction", text: "👍" } }));
    await note(noteRequested());
    expect(desk.tickets).toHaveLength(1);
    expect(traces.slice(1).map(({ step, detail }) => [step, detail["reason"]])).toEqual([
      ["dropped", "a reaction opens no ticket, and this helpdesk adds to none"],
      ["dropped", "no ticket takes internal notes"],
    ]);
  });

  it("goes without the fields that have no place, and tells which", async () => {
    const { receive, desk, mapper, leftOut, traces } = await setUp({ unsupportedTicketFields: ["tags"] });
    mapper.rules.ticket = () => ({ subject: "Lamp", tags: ["whatsapp"] });
    await receive();
    expect(desk.tickets[0]?.ticket).toEqual({ subject: "Lamp" });
    expect(leftOut).toEqual([["tags"]]);
    expect(traces[0]?.detail["leftOut"]).toBe("tags");
  });
});
