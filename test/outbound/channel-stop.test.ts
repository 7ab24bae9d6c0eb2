import { describe, expect, it } from "vitest";
import { PluginError } from "../../src/sdk/index.ts";
import { createChannel } from "../channels/graph-server.ts";
import { commentAdded, nextId, receiptUpdated } from "../support/builders.ts";
import { failureOf } from "../support/failure-of.ts";
import { fails, lostAnswer } from "../support/fake-helpdesk.ts";
import { type OutboundSetup, setUpOutbound } from "./outbound-setup.ts";

const reply = (setup: OutboundSetup) => setup.comment(commentAdded({ id: nextId("reply") }));
const tries = ({ whatsapp }: OutboundSetup) => whatsapp.script.count("send");

/** The token has run out, by the answer to a first reply. */
async function setUpStopped(): Promise<OutboundSetup> {
  const setup = await setUpOutbound();
  setup.whatsapp.script.always("send", fails("auth"));
  await failureOf(reply(setup));
  return setup;
}

describe("R45: a channel whose token has run out", () => {
  it("sends nothing more: replies wait without a try of their own, and without failing", async () => {
    const setup = await setUpStopped();
    for (let n = 0; n < 100; n++) {
      expect(await failureOf(reply(setup))).toMatchObject({ kind: "waiting", retryAfterMs: 1000 });
    }
    expect(tries(setup)).toBe(1);
    expect(setup.notes.size).toBe(0);
    expect(setup.told).toEqual(["stopped: auth"]);
  });

  it("is tried by one message at a time, after 1, 2, 4 … 60 seconds, with one alarm in all", async () => {
    const setup = await setUpStopped();
    const waits: (number | undefined)[] = [];
    for (let n = 0; n < 8; n++) {
      setup.clock.advance((await failureOf(reply(setup))).retryAfterMs ?? 0);
      const before = tries(setup);
      const failures = [await failureOf(reply(setup)), await failureOf(reply(setup))];
      expect(tries(setup)).toBe(before + 1);
      waits.push(...new Set(failures.map(({ retryAfterMs }) => retryAfterMs)));
    }
    expect(waits).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(setup.told).toEqual(["stopped: auth"]);
  });

  it("goes on by itself within a minute of being mended, and every reply goes out once", async () => {
    const setup = await setUpStopped();
    const events = Array.from({ length: 20 }, () => commentAdded({ id: nextId("reply") }));
    for (const event of events) await failureOf(setup.comment(event));
    setup.clock.advance(3_600_000);
    setup.whatsapp.script.always("send", "ok");
    for (const event of events) {
      // No faster than WhatsApp allows to one number.
      setup.clock.advance(100);
      await setup.comment(event);
    }
    expect(setup.whatsapp.sent).toHaveLength(20);
    expect(setup.told).toEqual(["stopped: auth", "sending again"]);
  });

  it("goes on when the message that tried was refused for a reason of its own", async () => {
    const setup = await setUpStopped();
    setup.clock.advance(1000);
    setup.whatsapp.script.always("send", "ok");
    setup.whatsapp.script.next("send", fails("rejected"));
    expect(await failureOf(reply(setup))).toMatchObject({ kind: "rejected" });
    await reply(setup);
    expect(setup.told).toEqual(["stopped: auth", "sending again"]);
  });

  it("goes on when the message that tried found its window closed: a template goes at once in its place", async () => {
    const setup = await setUpStopped();
    setup.clock.advance(1000);
    setup.whatsapp.script.always("send", "ok");
    setup.whatsapp.script.next("send", fails("window_closed"));
    await reply(setup);
    expect(setup.whatsapp.sent).toMatchObject([{ outbound: { kind: "template" } }]);
    expect(setup.told).toEqual(["stopped: auth", "sending again"]);
  });

  it("stays when the message that tried was refused by ourselves, and the next one tries in its place", async () => {
    const setup = await setUpStopped();
    setup.clock.advance(1000);
    const details = {
      kind: "rejected",
      operatorMessage: "the template takes no header",
      isLocal: true,
    } as const;
    setup.whatsapp.script.next("send", { fail: () => new PluginError(details), when: "before" });
    expect(await failureOf(reply(setup))).toMatchObject({ kind: "rejected" });
    expect(setup.told).toEqual(["stopped: auth"]);
    expect(await failureOf(reply(setup))).toMatchObject({ kind: "waiting" });
    expect(tries(setup)).toBe(3);
    expect(await failureOf(reply(setup))).toMatchObject({ kind: "waiting" });
    expect(tries(setup)).toBe(3);
  });

  it("stays when the message that tried ended unclear", async () => {
    const setup = await setUpStopped();
    setup.clock.advance(1000);
    setup.whatsapp.script.next("send", lostAnswer());
    await failureOf(reply(setup));
    expect(await failureOf(reply(setup))).toMatchObject({ kind: "waiting", retryAfterMs: 2000 });
    expect(setup.told).toEqual(["stopped: auth"]);
  });
});

describe("a channel that was stopped by a receipt (no valid payment)", () => {
  it("goes on when a later message has gone out, not when it was only taken", async () => {
    const setup = await setUpOutbound();
    const { explainError } = createChannel();
    if (explainError) setup.tools.channel = { ...setup.whatsapp.channel, explainError };
    await reply(setup);
    const [first] = setup.whatsapp.sent;
    const errors = [{ code: 131042, title: "Payment issue" }];
    const failed = { messageId: first?.messageId ?? "", state: "failed" as const, errors };
    await setup.receipt(receiptUpdated({ receipt: failed }));
    expect(setup.told).toEqual(["stopped: money"]);
    setup.clock.advance(1000);
    await reply(setup);
    await setup.receiptOf(first, "delivered");
    expect(await failureOf(reply(setup))).toMatchObject({ kind: "waiting" });
    await setup.receiptOf(setup.whatsapp.sent[1], "sent");
    await reply(setup);
    expect(setup.told).toEqual(["stopped: money", "sending again"]);
  });
});

describe("a template that WhatsApp has paused", () => {
  it("is not sent for three hours, each time with a note; other templates and people's texts are", async () => {
    const setup = await setUpOutbound();
    const { stops } = setup.store;
    const paused = { says: "WhatsApp has paused the template", now: setup.clock.now() };
    await stops.stopTemplate(setup.key.channel, { name: "staff_reply", language: "en" }, paused);
    await reply(setup);
    setup.clock.advance(30 * 3_600_000);
    expect(tries(setup)).toBe(1);
    await stops.stopTemplate(
      setup.key.channel,
      { name: "staff_reply", language: "en" },
      {
        ...paused,
        now: setup.clock.now(),
      },
    );
    for (let n = 1; n <= 3; n++) {
      expect(await failureOf(reply(setup))).toMatchObject({ kind: "template_stopped", retryable: false });
      expect(setup.notes.size).toBe(n);
    }
    setup.tools.replyTemplate = { name: "staff_reply", language: "de", parameters: ["text"] };
    await reply(setup);
    expect(tries(setup)).toBe(2);
    setup.tools.replyTemplate = { name: "staff_reply", language: "en", parameters: ["text"] };
    setup.clock.advance(3 * 3_600_000);
    await reply(setup);
    expect(tries(setup)).toBe(3);
    expect([...setup.notes.values()][0]?.text).toBe(
      "The reply above was not sent to WhatsApp: the template staff_reply (en) is not sent for now: WhatsApp has paused the template.",
    );
  });
});

describe("a person for whom WhatsApp holds templates back", () => {
  it("gets none within 24 hours, and free text all the same", async () => {
    const setup = await setUpOutbound();
    const held = { says: "the person gets too many", now: setup.clock.now() };
    await setup.store.stops.holdTemplates(setup.key, held);
    await reply(setup);
    expect(tries(setup)).toBe(1);
    await setup.store.stops.holdTemplates(setup.key, { ...held, now: setup.clock.now() + 6 * 3_600_000 });
    setup.clock.advance(30 * 3_600_000 - 1);
    expect(await failureOf(reply(setup))).toMatchObject({ kind: "held_back", retryable: false });
    setup.clock.advance(1);
    await reply(setup);
    expect(tries(setup)).toBe(2);
  });
});
