import { describe, expect, it } from "vitest";
import { commentAdded, ticketChanged } from "../support/builders.ts";
import { failureOf } from "../support/failure-of.ts";
import { fails } from "../support/fake-helpdesk.ts";
import { failing } from "../support/fake-mapper.ts";
import { intentOf, setUpOutbound, TICKET, ticketOf } from "./outbound-setup.ts";

const HOUR_MS = 3_600_000;

describe("a changed ticket", () => {
  it("sends the template that the mapping names, whatever the window, once", async () => {
    for (const age of [0, 30 * HOUR_MS]) {
      const setup = await setUpOutbound();
      setup.clock.advance(age);
      const event = ticketChanged({ ticket: ticketOf(setup.key) });
      await setup.change(event);
      await setup.change(event);
      expect(setup.whatsapp.sent).toMatchObject([
        { outbound: { kind: "template", template: { name: "solved", language: "en", body: [TICKET] } } },
      ]);
    }
  });

  it("tells the mapping the change, the ticket, the person and the window, and nothing else", async () => {
    const setup = await setUpOutbound();
    const event = ticketChanged({ ticket: ticketOf(setup.key) });
    await setup.change(event);
    expect(setup.mapper.inputs).toEqual([
      {
        kind: "confirmation",
        input: {
          channel: setup.key.channel,
          person: { userId: "GB.0000000000000001", phone: "+447700900001", name: "Person 1" },
          event: { type: "ticket.changed", from: "open", to: "solved", at: event.at },
          ticket: event.ticket,
          window: "open",
        },
      },
    ]);
  });

  it("tells the mapping the same window again when an unclear send is tried again", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.next("send", fails("ambiguous"));
    const event = ticketChanged();
    await failureOf(setup.change(event));
    setup.clock.advance(25 * HOUR_MS);
    await setup.change(event);
    const windows = setup.mapper.inputs.map(({ input }) => (input as { window: string }).window);
    expect(windows).toEqual(["open", "open"]);
    expect(setup.whatsapp.sent).toHaveLength(1);
  });

  it("sends nothing when the mapping gives nothing, and keeps the reason", async () => {
    const setup = await setUpOutbound();
    await setup.change(ticketChanged({ to: "pending" }));
    expect(setup.whatsapp.script.calls).toEqual([]);
    expect(setup.notes.size).toBe(0);
    expect(setup.traces).toMatchObject([
      { step: "planned", detail: { reason: "the mapping sends nothing for this change" } },
    ]);
  });

  it("is remembered: closed with its time, and open again", async () => {
    const setup = await setUpOutbound();
    const closed = ticketChanged({ ticket: ticketOf(setup.key), to: "closed" });
    await setup.change(closed);
    expect(await setup.store.links.ticket(setup.key)).toMatchObject({
      status: "closed",
      closedAt: closed.at,
    });
    await setup.change(ticketChanged({ ticket: ticketOf(setup.key), from: "closed", to: "open" }));
    expect(await setup.store.links.ticket(setup.key)).toEqual({ id: TICKET, epoch: 1, status: "open" });
  });

  it("P18: by ourselves is dropped, even before our own call has its answer", async () => {
    const setup = await setUpOutbound();
    await setup.change(ticketChanged({ author: { id: "api", isUs: true } }));
    expect(setup.mapper.inputs).toEqual([]);
    expect(setup.whatsapp.script.calls).toEqual([]);
    expect(setup.traces).toMatchObject([{ step: "dropped", detail: { reason: "our own change" } }]);
  });

  it("with a mapping that fails becomes a dead letter and sends nothing", async () => {
    const setup = await setUpOutbound({ rules: { confirmation: failing } });
    expect(await failureOf(setup.change(ticketChanged()))).toMatchObject({
      kind: "evaluate",
      retryable: false,
    });
    expect(setup.whatsapp.script.calls).toEqual([]);
  });
});

describe("P12: a confirmation in plain text", () => {
  const rules = { confirmation: () => ({ text: "Your report is solved." }) };

  it("goes out while the window is open", async () => {
    const setup = await setUpOutbound({ rules });
    await setup.change(ticketChanged());
    expect(setup.whatsapp.sent).toMatchObject([
      { outbound: { kind: "text", text: "Your report is solved." } },
    ]);
  });

  it.each([
    ["by our clock", { age: 25 * HOUR_MS }],
    ["by Meta's clock", { age: 0, outcome: fails("window_closed") }],
  ])("is not sent once the window has closed %s, and staff are told", async (_name, { age, ...given }) => {
    const setup = await setUpOutbound({ rules });
    setup.clock.advance(age);
    if ("outcome" in given) setup.whatsapp.script.next("send", given.outcome);
    await setup.change(ticketChanged());
    expect(setup.whatsapp.sent).toEqual([]);
    expect([...setup.notes.values()].map(({ text }) => text)).toEqual([
      "The confirmation of this change was not sent to WhatsApp: the mapping asks for plain text, but the 24 hour window has closed.",
    ]);
  });

  it("of nothing but white space sends nothing", async () => {
    const setup = await setUpOutbound({ rules: { confirmation: () => ({ text: " \n " }) } });
    await setup.change(ticketChanged());
    expect(setup.whatsapp.script.calls).toEqual([]);
    expect(setup.traces.map(({ step }) => step)).toEqual(["planned"]);
  });
});

describe("a confirmation that WhatsApp refuses for good", () => {
  it("P14: tells staff, and becomes a dead letter", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.next("send", fails("rejected"));
    expect(await failureOf(setup.change(ticketChanged()))).toMatchObject({
      kind: "rejected",
      retryable: false,
    });
    expect([...setup.notes.values()]).toMatchObject([
      { text: "The confirmation of this change was not sent to WhatsApp: scripted: rejected." },
    ]);
  });

  it("a second change is not mistaken for a repeat of the first", async () => {
    const setup = await setUpOutbound();
    const [one, two] = [ticketChanged(), ticketChanged()];
    await setup.change(one);
    await setup.change(two);
    await setup.comment(commentAdded());
    expect(setup.whatsapp.sent.map(({ callbackData }) => callbackData.split("-")[0])).toEqual([
      intentOf(one).split("-")[0],
      intentOf(two).split("-")[0],
      expect.any(String),
    ]);
    expect(new Set(setup.whatsapp.sent.map(({ callbackData }) => callbackData)).size).toBe(3);
  });
});
