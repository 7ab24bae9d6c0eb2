import { describe, expect, it } from "vitest";
import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { Message } from "../../src/domain/message.ts";
import { createConsentReader, wordsByLanguage } from "../../src/domain/opt-out.ts";
import { type Person, personIdOf } from "../../src/domain/person.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { handleMessages } from "../../src/inbound/handle-messages.ts";
import { handleNote } from "../../src/inbound/handle-note.ts";
import type { InboundTools } from "../../src/inbound/tools.ts";
import { handleChange } from "../../src/outbound/handle-change.ts";
import { handleComment } from "../../src/outbound/handle-comment.ts";
import type { OutboundTools } from "../../src/outbound/tools.ts";
import { setUpInbound } from "../inbound/inbound-setup.ts";
import { commentAdded, messageReceived, person, phone, ticketChanged, userId } from "../support/builders.ts";
import { failureOf } from "../support/failure-of.ts";
import { fails } from "../support/fake-helpdesk.ts";
import { setUpOutbound } from "./outbound-setup.ts";

const HOUR_MS = 3_600_000;
const WHY =
  "The confirmation of this change was not sent to WhatsApp: the person asked for no more messages.";

interface Given {
  inbound?: Partial<InboundTools>;
  outbound?: Partial<OutboundTools>;
}

/** Both ways on real Redis: what a person writes reaches the helpdesk, and notes reach the ticket. */
async function setUp(given: Given = {}) {
  const inbound = await setUpInbound();
  const { clock, desk, store, key: first } = inbound;
  const inboundTools = { ...inbound.tools, ...given.inbound };
  const { tools, whatsapp, traces } = await setUpOutbound({
    rules: {
      confirmation: ({ event, ticket }) =>
        event.to === "pending"
          ? { text: "We have a question." }
          : event.to === "solved"
            ? { template: { name: "solved", language: "en", body: [ticket.id] } }
            : null,
    },
    tools: { store, clock, ...given.outbound },
  });
  const keyOf = (n: number): ConversationKey => ({ ...first, person: personIdOf(`user:${userId(n)}`) });
  const outboundTools: OutboundTools = {
    ...tools,
    requestNote: (key, note) => handleNote(note, key, inboundTools),
  };
  return {
    clock,
    desk,
    store,
    whatsapp,
    traces,
    keyOf,
    /** A second after what was before. */
    async write(message: Partial<Message>, from: Person = person(1), key = keyOf(1)) {
      clock.advance(1000);
      const event = messageReceived({ person: from, at: clock.iso(), message });
      await inbound.accept(event);
      await handleMessages([event], key, 0, inboundTools);
      return event;
    },
    async change(to: "solved" | "pending" | "open" = "solved", key = keyOf(1)) {
      const id = (await store.links.ticket(key))?.id ?? "none";
      const event = ticketChanged({ to, ticket: { id, status: to } });
      await handleChange(event, key, outboundTools);
      return event;
    },
    reply: (event = commentAdded()) => handleComment(event, keyOf(1), outboundTools),
    again: (event: ReturnType<typeof ticketChanged>) => handleChange(event, keyOf(1), outboundTools),
    notes: () => desk.comments.filter(({ visibility }) => visibility === "internal"),
  };
}

describe("P26: who has opted out", () => {
  it("in six languages gets none of 1,000 confirmations, and each ticket says why, once a change", async () => {
    const setup = await setUp();
    const languages = ["en", "es", "pt", "fr", "ar", "hi"];
    const keys = languages.map((_, index) => setup.keyOf(index + 1));
    for (const [index, language] of languages.entries()) {
      const text = wordsByLanguage[language]?.stop[0] ?? "none";
      await setup.write({ text: `${text}!` }, person(index + 1), keys[index]);
    }
    for (let n = 0; n < 1000; n++) await setup.change(n % 2 ? "solved" : "pending", keys[n % keys.length]);

    expect(setup.whatsapp.script.calls).toEqual([]);
    expect(setup.notes()).toHaveLength(1000);
    expect(new Set(setup.notes().map(({ body }) => body))).toEqual(new Set([WHY]));
    expect(new Set(setup.notes().map(({ externalId }) => externalId)).size).toBe(1000);
    expect(new Set(setup.notes().map(({ ticketId }) => ticketId)).size).toBe(6);
    const planned = setup.traces.filter(({ step }) => step === "planned");
    expect(planned).toHaveLength(1000);
    expect(new Set(planned.map(({ detail }) => detail["reason"]))).toEqual(
      new Set(["the person asked for no more messages"]),
    );
  }, 60_000);

  it("is shown to staff by their own words, and nothing is noted where nothing would be sent", async () => {
    const setup = await setUp();
    await setup.write({ text: "STOP" });
    await setup.change("open");
    expect(setup.desk.comments).toMatchObject([{ body: "STOP", visibility: "public" }]);
  });

  it("may be answered in free text, but gets no template after 24 hours", async () => {
    const setup = await setUp();
    await setup.write({ text: "STOP" });
    await setup.reply();
    expect(setup.whatsapp.sent).toMatchObject([{ outbound: { kind: "text" } }]);
    setup.clock.advance(25 * HOUR_MS);
    await setup.reply();
    expect(setup.whatsapp.sent).toHaveLength(1);
    expect(setup.notes().map(({ body }) => body)).toEqual([
      "The reply above was not sent to WhatsApp: the person asked for no more messages, and the 24 hour window has closed.",
    ]);
  });

  it("gets no template either when the window has closed by Meta's clock", async () => {
    const setup = await setUp();
    await setup.write({ text: "STOP" });
    setup.whatsapp.script.next("send", fails("window_closed"));
    await setup.reply();
    expect(setup.whatsapp.sent).toEqual([]);
    expect(setup.notes()).toHaveLength(1);
  });

  it("gets confirmations again after a word that lifts it", async () => {
    const setup = await setUp();
    await setup.write({ text: "baja" });
    await setup.change();
    await setup.write({ text: "Alta." });
    await setup.change();
    expect(setup.whatsapp.sent).toHaveLength(1);
    expect(setup.notes()).toHaveLength(1);
  });

  it("stays so whatever else they write, and for years", async () => {
    const setup = await setUp();
    const { id } = await setup.write({ text: "STOP" });
    await setup.write({ text: "Please start with the pump" });
    setup.clock.advance(3 * 365 * 24 * HOUR_MS);
    await setup.change();
    expect(setup.whatsapp.sent).toEqual([]);
    expect(await setup.store.consents.get(setup.keyOf(1))).toEqual({
      all: { state: "stop", at: expect.any(String), evidence: eventKey(id), source: "message" },
    });
  });

  it("is remembered although the helpdesk is down", async () => {
    const setup = await setUp();
    await setup.write({ text: "The pump broke" });
    setup.desk.script.next("addComment", fails("unavailable"));
    await failureOf(setup.write({ text: "STOP" }));
    await setup.change();
    expect(setup.whatsapp.sent).toEqual([]);
  });

  it("is not told 'not sent' of what went out before, when its change is handled again", async () => {
    const setup = await setUp();
    await setup.write({ text: "Hello" });
    const [template, text] = [await setup.change("solved"), await setup.change("pending")];
    await setup.write({ text: "STOP" });
    await setup.again(template);
    await setup.again(text);
    expect(setup.whatsapp.sent).toHaveLength(2);
    expect(setup.notes()).toEqual([]);
  });
});

describe("P26: an opt-out", () => {
  it.each<[string, Partial<Message>]>([
    ["in a sentence", { text: "stop, the pump broke" }],
    ["said to a group", { text: "STOP", groupId: "group-1" }],
    ["that is our rendering of something else", { text: "STOP", type: "contacts" }],
  ])("%s is none", async (_name, message) => {
    const setup = await setUp();
    await setup.write(message);
    await setup.change();
    expect(setup.whatsapp.sent).toHaveLength(1);
  });

  it.each(["button", "choice"] as const)("may be a tapped %s", async (type) => {
    const setup = await setUp();
    await setup.write({ text: "Stop promotions", type });
    await setup.change();
    expect(setup.whatsapp.sent).toEqual([]);
  });

  it("may be a word of the route's own", async () => {
    const setup = await setUp({
      inbound: { readConsent: createConsentReader({ stop: ["schluss"], start: [] }) },
    });
    await setup.write({ text: "Schluss!" });
    await setup.change();
    expect(setup.whatsapp.sent).toEqual([]);
  });

  it("is nothing to a route without it, neither read nor followed", async () => {
    const unread = await setUp({ inbound: { readConsent: undefined } });
    await unread.write({ text: "STOP" });
    expect(await unread.store.consents.get(unread.keyOf(1))).toEqual({});
    const unheeded = await setUp({ outbound: { respectsOptOut: false } });
    await unheeded.write({ text: "STOP" });
    await unheeded.change();
    expect(unheeded.whatsapp.sent).toHaveLength(1);
  });

  it("that is handled after a later start does not count", async () => {
    const { store, keyOf } = await setUp();
    const at = (second: number) =>
      ({ at: `2026-11-02T10:00:0${second}.000Z`, evidence: "e", source: "message" }) as const;
    expect(await store.consents.note(keyOf(1), "all", { state: "start", ...at(2) })).toBe(true);
    expect(await store.consents.note(keyOf(1), "all", { state: "stop", ...at(1) })).toBe(false);
    expect(await store.consents.get(keyOf(1))).toMatchObject({ all: { state: "start" } });
  });
});

describe("P04, P26: two that turn out to be one person", () => {
  const byPhone = { phone: phone(1) };
  const byUser = { userId: userId(1) };

  it.each([
    ["the first asked for, later than the other", ["start", "stop"], "stop"],
    ["the second asked for, later than the other", ["stop", "start"], "start"],
    ["one of them asked for", ["stop", undefined], "stop"],
    ["the other asked for", [undefined, "stop"], "stop"],
  ] as const)("have asked for what %s, under all their ids", async (_name, [ofUser, ofPhone], expected) => {
    const setup = await setUp();
    const phoneKey = { ...setup.keyOf(1), person: personIdOf(`phone:${phone(1)}`) };
    await setup.write({ text: ofUser ?? "Hello" }, byUser);
    await setup.write({ text: ofPhone ?? "Hello" }, byPhone, phoneKey);
    await setup.write({ text: "It is me" }, { ...byUser, ...byPhone });
    for (const key of [setup.keyOf(1), phoneKey]) {
      expect(await setup.store.consents.get(key)).toMatchObject({ all: { state: expected } });
    }
    // What still waited in the mailbox of the one that went is noted for both.
    const latest = { at: setup.clock.iso(), evidence: "e", source: "message" } as const;
    await setup.store.consents.note(phoneKey, "all", { state: "stop", ...latest });
    expect(await setup.store.consents.get(setup.keyOf(1))).toMatchObject({ all: { state: "stop" } });
  });
});
