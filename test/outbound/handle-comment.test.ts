import { describe, expect, it } from "vitest";
import { confirmationRecord } from "../../src/domain/records.ts";
import { handleComment } from "../../src/outbound/handle-comment.ts";
import { commentAdded } from "../support/builders.ts";
import { watchCalls } from "../support/crash-points.ts";
import { failureOf } from "../support/failure-of.ts";
import { fails, lostAnswer } from "../support/fake-helpdesk.ts";
import { untilCrash } from "../support/scripted.ts";
import { intentOf, type OutboundSetup, RECEIPT_WAIT_MS, setUpOutbound } from "./outbound-setup.ts";

const HOUR_MS = 3_600_000;
const US = { id: "api", isUs: true };

function texts({ whatsapp }: OutboundSetup): string[] {
  return whatsapp.sent.map(({ outbound }) => {
    if (outbound.kind === "text") return outbound.text;
    return outbound.kind === "template" ? outbound.template.name : outbound.kind;
  });
}

function noteTexts({ notes }: OutboundSetup): string[] {
  return [...notes.values()].map(({ text }) => text);
}

describe("a public reply of staff", () => {
  it("is sent as text while the window is open, once", async () => {
    const setup = await setUpOutbound();
    const event = commentAdded({ body: "We are on our way" });
    await setup.comment(event);
    await setup.comment(event);
    expect(setup.whatsapp.sent).toMatchObject([
      { outbound: { kind: "text", text: "We are on our way" }, callbackData: intentOf(event) },
    ]);
    expect(setup.traces.map(({ step }) => step).slice(0, 2)).toEqual(["planned", "sent"]);
  });

  it("with nothing but white space sends nothing", async () => {
    const setup = await setUpOutbound();
    await setup.comment(commentAdded({ body: " \n " }));
    expect(setup.whatsapp.sent).toEqual([]);
    expect(setup.traces).toMatchObject([{ step: "dropped" }]);
  });

  it("with a file, where the channel takes none, tells staff that it stayed, and sends the words", async () => {
    const setup = await setUpOutbound();
    await setup.comment(commentAdded({ attachments: [{ id: "1", name: "plan.pdf" }] }));
    await setup.comment(
      commentAdded({
        body: "",
        attachments: [
          { id: "1", name: "a" },
          { id: "2", name: "b" },
        ],
      }),
    );
    expect(texts(setup)).toEqual(["We are on our way"]);
    expect(noteTexts(setup)).toEqual([
      "The file “plan.pdf” of the reply above was not sent to WhatsApp: this WhatsApp channel takes no files.",
      "The files “a”, “b” of the reply above were not sent to WhatsApp: this WhatsApp channel takes no files.",
    ]);
  });
});

describe("P19: a private note never leaves", () => {
  it.each([
    ["text", {}],
    ["with a file", { attachments: [{ id: "1", name: "passport.jpg" }] }],
    ["by our own account", { author: US }],
    ["outside the window", { at: "2026-11-05T09:00:00.000Z" }],
  ])("%s", async (_name, given) => {
    const setup = await setUpOutbound();
    if ("at" in given) setup.clock.set(given.at);
    await setup.comment(commentAdded({ visibility: "internal", ...given }));
    expect(setup.whatsapp.script.calls).toEqual([]);
    expect(setup.notes.size).toBe(0);
    expect(setup.mapper.inputs).toEqual([]);
    expect(setup.traces).toMatchObject([
      { step: "dropped", detail: { reason: "an internal note never leaves" } },
    ]);
  });
});

describe("P18: our own comment coming back", () => {
  it.each([
    ["known by its author, before our own call has its answer", { author: US }],
    [
      "known by the external id it carries, whoever is named as author",
      { externalId: "0123456789abcdef0123" },
    ],
  ])("is dropped: %s", async (_name, given) => {
    const setup = await setUpOutbound();
    await setup.comment(commentAdded(given));
    expect(setup.whatsapp.script.calls).toEqual([]);
    expect(setup.traces).toMatchObject([{ step: "dropped", detail: { reason: "our own comment" } }]);
  });
});

describe("P12: the 24 hour window", () => {
  it.each([
    [24 * HOUR_MS - 2000, "We are on our way"],
    [24 * HOUR_MS + 5 * 60_000 - 1, "We are on our way"],
    [24 * HOUR_MS + 5 * 60_000, "staff_reply"],
  ])("a reply %i ms after the person's message goes out as %s", async (age, expected) => {
    const setup = await setUpOutbound();
    setup.clock.advance(age);
    await setup.comment(commentAdded());
    expect(texts(setup)).toEqual([expected]);
  });

  it("counts from the message's own time, not from its late arrival", async () => {
    const setup = await setUpOutbound();
    setup.clock.advance(30 * HOUR_MS);
    await setup.write(new Date(setup.clock.now() - 25 * HOUR_MS).toISOString());
    await setup.comment(commentAdded());
    expect(texts(setup)).toEqual(["staff_reply"]);
    await setup.write(new Date(setup.clock.now() - 23 * HOUR_MS).toISOString());
    await setup.comment(commentAdded());
    expect(texts(setup)).toEqual(["staff_reply", "We are on our way"]);
  });

  it("an older message that arrives late does not close it", async () => {
    const setup = await setUpOutbound();
    await setup.write(new Date(setup.clock.now() - 30 * HOUR_MS).toISOString());
    await setup.comment(commentAdded());
    expect(texts(setup)).toEqual(["We are on our way"]);
  });

  it("closed: the reply template carries what the route says, as legal parameters", async () => {
    const parameters = ["name", "agent", "ticket", "text"] as const;
    const replyTemplate = { name: "staff_reply", language: "pt_BR", parameters: [...parameters] };
    const setup = await setUpOutbound({ tools: { replyTemplate } });
    setup.clock.advance(25 * HOUR_MS);
    await setup.comment(commentAdded({ body: "Two\n\nparagraphs\twith     gaps" }));
    const [taken] = setup.whatsapp.sent;
    expect(taken?.outbound).toEqual({
      kind: "template",
      template: {
        name: "staff_reply",
        language: "pt_BR",
        body: ["Person 1", "Sam Staff", "1", "Two paragraphs with gaps"],
      },
    });
    const template = taken?.outbound.kind === "template" ? taken.outbound.template : undefined;
    expect(confirmationRecord.safeParse({ template }).success).toBe(true);
  });

  it("closed, and the reply too long for a template: it is cut, and staff are told", async () => {
    const setup = await setUpOutbound();
    setup.clock.advance(25 * HOUR_MS);
    const event = commentAdded({ body: "word ".repeat(400) });
    await setup.comment(event);
    const [taken] = setup.whatsapp.sent;
    const body = taken?.outbound.kind === "template" ? taken.outbound.template.body : undefined;
    expect(Array.isArray(body) ? body[0] : "").toMatch(/^(word )+word…$/);
    expect(noteTexts(setup)).toEqual([expect.stringContaining("Only the beginning of the reply above")]);
  });

  it("closed, without a reply template: nothing is sent and staff are told", async () => {
    const setup = await setUpOutbound({ tools: { replyTemplate: undefined } });
    setup.clock.advance(25 * HOUR_MS);
    const event = commentAdded();
    await setup.comment(event);
    await setup.comment(event);
    expect(setup.whatsapp.script.calls).toEqual([]);
    expect(noteTexts(setup)).toEqual([
      "The reply above was not sent to WhatsApp: the 24 hour window has closed and the route has no reply template.",
    ]);
  });

  it("closed by Meta's clock just before ours: the template carries the reply instead", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.next("send", fails("window_closed"));
    const event = commentAdded();
    await setup.comment(event);
    await setup.comment(event);
    expect(texts(setup)).toEqual(["staff_reply"]);
    expect(setup.notes.size).toBe(0);
  });

  it("closed by Meta without a reply template: staff are told", async () => {
    const setup = await setUpOutbound({ tools: { replyTemplate: undefined } });
    setup.whatsapp.script.next("send", fails("window_closed"));
    await setup.comment(commentAdded());
    expect(texts(setup)).toEqual([]);
    expect(noteTexts(setup)).toEqual([expect.stringContaining("was not sent to WhatsApp")]);
  });

  it("closed by Meta, then opened by the person after a crash: the reply is not sent twice", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.next("send", fails("window_closed"), { crash: "after" });
    const event = commentAdded();
    expect(await untilCrash(setup.whatsapp.script, () => setup.comment(event))).toBe("crashed");
    await setup.receiptOf(setup.whatsapp.sent[0]);
    await setup.write();
    await setup.comment(event);
    expect(texts(setup)).toEqual(["staff_reply"]);
  });

  it("closed during a long wait in which nothing was sent: the template carries the reply at once", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.next("send", fails("auth"));
    const event = commentAdded();
    await failureOf(setup.comment(event));
    setup.clock.advance(30 * HOUR_MS);
    await setup.comment(event);
    expect(texts(setup)).toEqual(["staff_reply"]);
    expect(setup.whatsapp.script.count("send")).toBe(2);
  });

  it("closing after a crash: what went out as text does not go out again as a template", async () => {
    const setup = await setUpOutbound();
    const event = commentAdded();
    const points = watchCalls(setup.tools, ["channel"]);
    expect(
      await points.run((tools) => handleComment(event, setup.key, tools), { position: 0, when: "after" }),
    ).toBe("crashed");
    setup.clock.advance(25 * HOUR_MS);
    await setup.receiptOf(setup.whatsapp.sent[0]);
    await setup.comment(event);
    expect(texts(setup)).toEqual(["We are on our way"]);
  });
});

const LONG = `${"a".repeat(3000)}\n\n${"b".repeat(2000)}`;

describe("P29: a reply of 5,000 characters", () => {
  it("goes out as two messages, in order", async () => {
    const setup = await setUpOutbound();
    const event = commentAdded({ body: LONG });
    await setup.comment(event);
    expect(texts(setup)).toEqual(["a".repeat(3000), "b".repeat(2000)]);
    expect(setup.whatsapp.sent.map(({ callbackData }) => callbackData)).toEqual([
      intentOf(event, 0),
      intentOf(event, 1),
    ]);
  });

  it("is split where the channel's provider takes less", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.channel.maxTextLength = 1600;
    await setup.comment(commentAdded({ body: LONG }));
    expect(texts(setup).map(({ length }) => length)).toEqual([1600, 1400, 1600, 400]);
  });

  it("goes on with the second part when only that failed", async () => {
    const setup = await setUpOutbound();
    const event = commentAdded({ body: LONG });
    setup.whatsapp.script.next("send", "ok", fails("throttled"));
    expect(await failureOf(setup.comment(event))).toMatchObject({ kind: "throttled" });
    await setup.comment(event);
    expect(texts(setup)).toEqual(["a".repeat(3000), "b".repeat(2000)]);
  });

  it("sends the second part as a template when the window closes in between", async () => {
    const setup = await setUpOutbound();
    const event = commentAdded({ body: LONG });
    setup.whatsapp.script.next("send", "ok", fails("auth"), fails("window_closed"));
    await failureOf(setup.comment(event));
    setup.clock.advance(30 * HOUR_MS);
    await setup.comment(event);
    await setup.comment(event);
    expect(texts(setup)).toEqual(["a".repeat(3000), "staff_reply"]);
    const [, taken] = setup.whatsapp.sent;
    expect(taken?.outbound).toMatchObject({ template: { body: [expect.stringMatching(/^b+…$/)] } });
  });

  it("never sends the second part before the first", async () => {
    const setup = await setUpOutbound();
    const event = commentAdded({ body: LONG });
    setup.whatsapp.script.next("send", lostAnswer());
    await failureOf(setup.comment(event));
    expect(texts(setup)).toEqual(["a".repeat(3000)]);
    await setup.receiptOf(setup.whatsapp.sent[0]);
    await setup.comment(event);
    expect(texts(setup)).toEqual(["a".repeat(3000), "b".repeat(2000)]);
  });
});

describe("a reply that WhatsApp does not take", () => {
  it("refused for good: staff are told once, and the event becomes a dead letter", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.always("send", fails("rejected"));
    const event = commentAdded();
    for (let tries = 0; tries < 2; tries++) {
      expect(await failureOf(setup.comment(event))).toMatchObject({ kind: "rejected", retryable: false });
    }
    expect(noteTexts(setup)).toEqual(["The reply above was not sent to WhatsApp: scripted: rejected."]);
  });

  it("P22: refused because of the token: nothing is said, it waits", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.next("send", fails("auth"));
    expect(await failureOf(setup.comment(commentAdded()))).toMatchObject({
      kind: "waiting",
      retryable: true,
    });
    expect(setup.notes.size).toBe(0);
  });

  it("of unknown end after two tries: staff are told", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.always("send", fails("ambiguous"));
    const event = commentAdded();
    for (let tries = 0; tries < 2; tries++) {
      expect(await failureOf(setup.comment(event))).toMatchObject({ kind: "waiting" });
      setup.clock.advance(RECEIPT_WAIT_MS);
    }
    expect(await failureOf(setup.comment(event))).toMatchObject({ kind: "unconfirmed" });
    expect(noteTexts(setup)).toEqual([expect.stringContaining("it is unknown whether the message went out")]);
  });
});

describe("a worker that dies while it sends a long reply", () => {
  it("at any call, before or after its effect, leaves each part sent once where receipts arrive", async () => {
    const dry = await setUpOutbound();
    const points = watchCalls(dry.tools, ["store", "channel"]);
    await points.run((tools) => handleComment(commentAdded({ body: LONG }), dry.key, tools));
    expect(points.calls).toContain("channel.send");
    for (const [position, name] of points.calls.entries()) {
      for (const when of ["before", "after"] as const) {
        const setup = await setUpOutbound();
        const event = commentAdded({ body: LONG });
        const dying = watchCalls(setup.tools, ["store", "channel"]);
        expect(await dying.run((tools) => handleComment(event, setup.key, tools), { position, when })).toBe(
          "crashed",
        );
        for (const taken of [...setup.whatsapp.sent]) await setup.receiptOf(taken, "sent");
        setup.clock.advance(RECEIPT_WAIT_MS);
        await setup.comment(event);
        expect(texts(setup), `${when} ${name}`).toEqual(["a".repeat(3000), "b".repeat(2000)]);
      }
    }
  });
});
