import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asFailure } from "../../src/domain/failure.ts";
import { type SendOptions, sendOnce } from "../../src/outbound/send-once.ts";
import type { CrashPoint } from "../../src/telemetry/crash-point.ts";
import { nextId } from "../support/builders.ts";
import { crashAt } from "../support/crash-at.ts";
import { failureOf } from "../support/failure-of.ts";
import { fails, lostAnswer, pluginError } from "../support/fake-helpdesk.ts";
import { type Outcome, untilCrash } from "../support/scripted.ts";
import { type OutboundSetup, RECEIPT_WAIT_MS, setUpOutbound } from "./outbound-setup.ts";

const outbound = { kind: "text", text: "We are on our way" } as const;

function send({ key, tools }: OutboundSetup, intent = "intent-1"): Promise<void> {
  return sendOnce({ intent, conversation: key, outbound }, tools);
}

describe("sendOnce", () => {
  it("sends to the person, with the intent as callback data, and never again", async () => {
    const setup = await setUpOutbound();
    await send(setup);
    await send(setup);
    expect(setup.whatsapp.sent).toMatchObject([
      { to: { userId: "GB.0000000000000001", phone: "+447700900001" }, outbound, callbackData: "intent-1" },
    ]);
  });

  it("after an unclear try waits for the receipt, and takes it for the send", async () => {
    const setup = await setUpOutbound();
    const { whatsapp, clock } = setup;
    whatsapp.script.next("send", lostAnswer());
    expect(await failureOf(send(setup))).toMatchObject({ kind: "waiting", retryAfterMs: RECEIPT_WAIT_MS });
    clock.advance(RECEIPT_WAIT_MS - 1);
    expect(await failureOf(send(setup))).toMatchObject({ kind: "waiting", retryAfterMs: 1 });
    await setup.receiptOf(whatsapp.sent[0], "sent");
    clock.advance(RECEIPT_WAIT_MS);
    await send(setup);
    expect(whatsapp.script.count("send")).toBe(1);
  });

  it("a receipt that comes before the end of an unclear try leaves nothing to wait for", async () => {
    const setup = await setUpOutbound();
    const { channel, script } = setup.whatsapp;
    script.next("send", lostAnswer());
    setup.tools.channel = {
      ...channel,
      send: (request) => channel.send(request).finally(() => setup.receiptOf(setup.whatsapp.sent[0], "sent")),
    };
    expect(await failureOf(send(setup))).toMatchObject({ kind: "waiting", retryAfterMs: 0 });
    await send(setup);
    expect(script.count("send")).toBe(1);
  });

  it("a receipt that overtakes our own answer does no harm", async () => {
    const setup = await setUpOutbound();
    const { channel } = setup.whatsapp;
    setup.tools.channel = {
      ...channel,
      send: async (request) => {
        const answer = await channel.send(request);
        await setup.receiptOf({ ...request, ...answer }, "delivered");
        return answer;
      },
    };
    await send(setup);
    await send(setup);
    expect(setup.whatsapp.sent).toHaveLength(1);
    const known = await setup.store.outbounds.get(setup.key.channel, "intent-1");
    expect(known).toMatchObject({ messageId: "wamid.fake-1", receipt: "delivered" });
  });

  it("without a receipt sends a second time, and never a third", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.always("send", lostAnswer());
    for (let tries = 0; tries < 2; tries++) {
      expect(await failureOf(send(setup))).toMatchObject({ kind: "waiting" });
      setup.clock.advance(RECEIPT_WAIT_MS);
    }
    for (let tries = 0; tries < 3; tries++) {
      expect(await failureOf(send(setup))).toMatchObject({ kind: "unconfirmed", retryable: false });
      setup.clock.advance(RECEIPT_WAIT_MS);
    }
    expect(setup.whatsapp.sent).toHaveLength(2);
  });

  it("a receipt that comes after the second try still settles it", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.always("send", lostAnswer());
    await failureOf(send(setup));
    setup.clock.advance(RECEIPT_WAIT_MS);
    await failureOf(send(setup));
    await setup.receiptOf(setup.whatsapp.sent[0], "delivered");
    setup.clock.advance(RECEIPT_WAIT_MS);
    await send(setup);
    expect(setup.whatsapp.sent).toHaveLength(2);
  });

  it("at most once: after an unclear try nothing is sent again", async () => {
    const setup = await setUpOutbound({ tools: { atMostOnce: true } });
    setup.whatsapp.script.next("send", fails("ambiguous"));
    expect(await failureOf(send(setup))).toMatchObject({ kind: "waiting" });
    setup.clock.advance(RECEIPT_WAIT_MS);
    expect(await failureOf(send(setup))).toMatchObject({ kind: "unconfirmed" });
    expect(setup.whatsapp.sent).toEqual([]);
  });

  it("a crash between the send and its record counts as unclear", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.next("send", { crash: "after" });
    expect(await untilCrash(setup.whatsapp.script, () => send(setup))).toBe("crashed");
    expect(await failureOf(send(setup))).toMatchObject({ kind: "waiting" });
    await setup.receiptOf(setup.whatsapp.sent[0], "sent");
    await send(setup);
    expect(setup.whatsapp.sent).toHaveLength(1);
  });

  it.each(["throttled", "unavailable", "rejected"] as const)(
    "a certain failure (%s) leaves no trace: the next try sends at once",
    async (kind) => {
      const setup = await setUpOutbound();
      setup.whatsapp.script.next("send", fails(kind), fails(kind), fails(kind));
      for (let tries = 0; tries < 3; tries++) expect(await failureOf(send(setup))).toMatchObject({ kind });
      expect(await setup.store.outbounds.get(setup.key.channel, "intent-1")).toBeUndefined();
      await send(setup);
      expect(setup.whatsapp.sent).toHaveLength(1);
    },
  );

  it("a certain failure after an unclear try keeps that one on record", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.next("send", lostAnswer(), fails("throttled"), lostAnswer());
    await failureOf(send(setup));
    setup.clock.advance(RECEIPT_WAIT_MS);
    expect(await failureOf(send(setup))).toMatchObject({ kind: "throttled" });
    expect(await failureOf(send(setup))).toMatchObject({ kind: "waiting" });
    setup.clock.advance(RECEIPT_WAIT_MS);
    expect(await failureOf(send(setup))).toMatchObject({ kind: "waiting" });
    setup.clock.advance(RECEIPT_WAIT_MS);
    expect(await failureOf(send(setup))).toMatchObject({ kind: "unconfirmed" });
    expect(setup.whatsapp.sent).toHaveLength(2);
  });

  it("an error that nobody foresaw counts as unclear, and is thrown as it is", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.next("send", { fail: () => new TypeError("unforeseen"), when: "after" });
    await expect(send(setup)).rejects.toThrow(/^unforeseen$/);
    expect(await failureOf(send(setup))).toMatchObject({ kind: "waiting" });
  });

  it("counts each outcome under a closed list of names", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.next("send", lostAnswer(), { fail: () => new TypeError("x"), when: "before" });
    await send(setup, "one").catch(() => undefined);
    await send(setup, "two").catch(() => undefined);
    await send(setup, "three");
    const { values } = await setup.tools.metrics.sends.get();
    expect(values.map(({ labels, value }) => [labels.outcome, value])).toEqual([
      ["ambiguous", 1],
      ["bug", 1],
      ["accepted", 1],
    ]);
  });

  it("any script of failures: at most two are taken, one where every send that was taken has its receipt in time", async () => {
    const outcome: fc.Arbitrary<Outcome> = fc.oneof(
      fc.constantFrom(fails("throttled"), fails("auth"), fails("unavailable")),
      fc.nat(20_000).map((takesMs) => ({ fail: pluginError("ambiguous"), when: "before" as const, takesMs })),
      fc.nat(20_000).map((takesMs) => lostAnswer(takesMs)),
      fc.constantFrom({ crash: "before" as const }, { crash: "after" as const }),
      fc.constant({ fail: () => new TypeError("unforeseen"), when: "after" as const }),
    );
    const setup = await setUpOutbound();
    const { whatsapp } = setup;
    await fc.assert(
      fc.asyncProperty(fc.array(outcome, { maxLength: 8 }), fc.boolean(), async (script, receiptsArrive) => {
        const intent = nextId("intent");
        whatsapp.script.next("send", ...script);
        const end = await persist(setup, intent, receiptsArrive);
        // Outcomes that this intent did not use up are not the next one's.
        whatsapp.script.forget("send");
        const mine = takenOf(setup, intent).length;
        expect(mine).toBeLessThanOrEqual(receiptsArrive ? 1 : 2);
        if (end === "done") expect(mine).toBeGreaterThanOrEqual(1);
        else expect(asFailure(end)).toMatchObject({ kind: "unconfirmed" });
      }),
      { numRuns: 300 },
    );
  });
});

describe("a crash while a message is sent", () => {
  it.each<[CrashPoint, string, number, object | undefined]>([
    ["send.intended", "before the call: a record of a try, and nothing sent", 0, { attempts: 1 }],
    ["send.made", "after the call: a message of which the record does not know", 1, { attempts: 1 }],
    ["send.known", "at the end: a message that the record knows", 1, { messageId: "wamid.fake-1" }],
    ["send.withdrawn", "after a refusal: nothing", 0, undefined],
  ])("%s: %s", async (point, _, sent, record) => {
    const setup = await setUpOutbound();
    if (point === "send.withdrawn") setup.whatsapp.script.next("send", fails("throttled"));
    await crashAt(point, () => send(setup));
    expect(setup.whatsapp.sent).toHaveLength(sent);
    const known = await setup.store.outbounds.get(setup.key.channel, "intent-1");
    if (record) expect(known).toMatchObject(record);
    else expect(known).toBeUndefined();
    expect(known?.messageId).toBe(point === "send.known" ? "wamid.fake-1" : undefined);
  });
});

describe("what is put down about a message", () => {
  const template = { name: "staff_reply", language: "en", parameters: ["We are on our way"] };
  const freeWindow = { reason: "window", cost: { kind: "free_window" } } as const;
  const freeEntry = { reason: "window", cost: { kind: "free_entry_point" } } as const;

  it.each<[string, SendOptions["outbound"], SendOptions["decided"], number, number, object]>([
    ["a text counts among the month's replies", outbound, undefined, 1, 1, {}],
    ["one in an open window as well", outbound, freeWindow, 1, 1, { reason: "window", cost: "free_window" }],
    ["one after an advertisement does not", outbound, freeEntry, 0, 1, { cost: "free_entry_point" }],
    [
      "a template does not, and is named",
      { kind: "template", template } as never,
      undefined,
      0,
      1,
      { template: { name: "staff_reply", language: "en" } },
    ],
    [
      "a reaction counts, and is not looked after: whether it is reported as delivered is not documented",
      { kind: "reaction", messageId: "wamid.theirs", emoji: "👍" },
      undefined,
      1,
      0,
      {},
    ],
  ])("%s", async (_, message, decided, replies, lookedAfter, known) => {
    const { key, tools, store, clock } = await setUpOutbound();
    await sendOnce(
      { intent: "i", conversation: key, outbound: message, ...(decided ? { decided } : {}) },
      tools,
    );
    const month = new Date(clock.now()).toISOString().slice(0, 7);
    expect(await store.outbounds.repliesIn(key.channel, month)).toBe(replies);
    expect(await store.undelivered.count(key.channel)).toBe(lookedAfter);
    expect(await store.outbounds.get(key.channel, "i")).toMatchObject({ person: key.person, ...known });
  });
});

describe("another worker that has begun the same message", () => {
  it("is left alone for a second, and its try stays on record", async () => {
    const setup = await setUpOutbound();
    const { outbounds } = setup.store;
    // Between our look at the record and our own beginning.
    const { people } = setup.tools.store;
    setup.tools.store = {
      ...setup.tools.store,
      people: {
        ...people,
        get: async (key) => {
          await outbounds.begin(key.channel, "intent-1", { person: key.person, now: setup.clock.now() });
          return people.get(key);
        },
      },
    };
    expect(await failureOf(send(setup))).toMatchObject({
      kind: "waiting",
      retryAfterMs: 1000,
      operatorMessage: "another worker is sending it",
    });
    expect(setup.whatsapp.sent).toEqual([]);
    expect(await outbounds.get(setup.key.channel, "intent-1")).toMatchObject({ attempts: 1 });
  });
});

function takenOf({ whatsapp }: OutboundSetup, intent: string) {
  return whatsapp.sent.filter(({ callbackData }) => callbackData === intent);
}

/** Tries as the queue would, until it is done or given up; resolves with the end of the last try. */
async function persist(setup: OutboundSetup, intent: string, receiptsArrive: boolean): Promise<unknown> {
  let end: unknown;
  for (let tries = 0; tries < 40; tries++) {
    end = await untilCrash(setup.whatsapp.script, () => send(setup, intent)).catch((error: unknown) => error);
    if (receiptsArrive) for (const taken of takenOf(setup, intent)) await setup.receiptOf(taken, "sent");
    const failure = asFailure(end);
    if (end === "done" || failure?.retryable === false) return end;
    setup.clock.advance(failure?.retryAfterMs ?? 1000);
  }
  return end;
}
