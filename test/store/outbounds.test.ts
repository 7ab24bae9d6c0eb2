import fc from "fast-check";
import type { Redis } from "ioredis";
import { beforeEach, describe, expect, test } from "vitest";
import { advanceReceipt, type Receipt, type ReceiptState, receiptStates } from "../../src/domain/receipt.ts";
import { keys } from "../../src/store/keys.ts";
import { createStore, type Store } from "../../src/store/store.ts";
import { commentAdded, nextId } from "../support/builders.ts";
import { cipherWith } from "../support/ciphers.ts";
import { openRedis, uniqueChannel } from "../support/redis.ts";

let redis: Redis;
let outbounds: Store["outbounds"];
let channel: string;
const AT = "2026-11-02T10:00:00.000Z";
const MESSAGE = "wamid.sent-0001";

beforeEach(async () => {
  redis = await openRedis();
  outbounds = createStore(redis).outbounds;
  channel = uniqueChannel(redis);
});

const begin = (intent: string, now = 1000) => outbounds.begin(channel, intent, { person: "ada", now });
const receipt = (state: ReceiptState, more: Partial<Receipt> = {}): Receipt => ({
  messageId: MESSAGE,
  state,
  ...more,
});
const record = (one: Receipt) => outbounds.record(channel, one, AT);
const stateOf = async (intent: string) => (await outbounds.get(channel, intent))?.receipt;

describe("a send", () => {
  test("is on record from the moment it is begun, and knows its message once it is sent", async () => {
    expect(await outbounds.get(channel, "i")).toBeUndefined();
    await begin("i");
    expect(await outbounds.get(channel, "i")).toStrictEqual({ at: 1000, attempts: 1, person: "ada" });
    await outbounds.sent(channel, "i", MESSAGE);
    expect(await outbounds.get(channel, "i")).toMatchObject({ messageId: MESSAGE });
  });

  test("that certainly did not go out leaves no record", async () => {
    await begin("i");
    await outbounds.withdraw(channel, "i");
    expect(await outbounds.get(channel, "i")).toBeUndefined();
    expect(await redis.keys(`{deskferry:${channel}}:*`)).toEqual([]);
  });

  test("that certainly did not go out after an unclear try keeps the unclear one on record", async () => {
    await begin("i", 1000);
    await begin("i", 2000);
    await outbounds.withdraw(channel, "i");
    expect(await outbounds.get(channel, "i")).toMatchObject({ attempts: 1, person: "ada" });
    expect((await record(receipt("sent", { callbackData: "i" })))?.intent).toBe("i");
  });

  test("is known for longer than a template may be on its way (30 days)", async () => {
    await begin("i");
    await outbounds.sent(channel, "i", MESSAGE);
    for (const key of [keys.outbound(channel, "i"), keys.sent(channel, MESSAGE)]) {
      expect((await redis.ttl(key)) / 86_400).toBeGreaterThan(30);
    }
  });
});

const DAY = 86_400;

describe("what is put down about a send", () => {
  const template = { name: "reply", language: "en" };
  const decided = { reason: "window", cost: "service" };
  const reply = commentAdded();

  test("is told again, field by field", async () => {
    await outbounds.begin(channel, "i", { person: "ada", now: 1000, template, decided });
    const known = { at: 1000, attempts: 1, person: "ada", template, reason: "window", cost: "service" };
    expect(await outbounds.get(channel, "i")).toStrictEqual(known);
    await createStore(redis).undelivered.told(channel, "i", undefined);
    expect(await outbounds.get(channel, "i")).toStrictEqual({ ...known, undelivered: true });
  });

  test("is looked at when it was said, until a receipt says what became of it", async () => {
    const { undelivered } = createStore(redis);
    await outbounds.begin(channel, "i", { person: "ada", now: 1000, lookAt: 5000 });
    await outbounds.begin(channel, "other", { person: "ada", now: 1000 });
    expect(await redis.zscore(keys.undelivered(channel), "i")).toBe("5000");
    await record(receipt("sent", { callbackData: "i" }));
    expect(await undelivered.count(channel)).toBe(1);
    await record(receipt("failed", { callbackData: "i" }));
    expect(await undelivered.count(channel)).toBe(0);
  });

  test("keeps the reply for a day, or until it is forgotten", async () => {
    await outbounds.begin(channel, "i", { person: "ada", now: 1000, reply });
    await outbounds.begin(channel, "other", { person: "ada", now: 1000 });
    expect(await outbounds.reply(channel, "i")).toEqual(reply);
    expect(await outbounds.reply(channel, "other")).toBeUndefined();
    expect(Math.round((await redis.ttl(keys.reply(channel, "i"))) / DAY)).toBe(1);
    await outbounds.forgetReply(channel, "i");
    expect(await outbounds.reply(channel, "i")).toBeUndefined();
  });

  test("counts by the month, where one is given, until the month is over", async () => {
    for (const intent of ["a", "b", "c"]) await begin(intent);
    await outbounds.sent(channel, "a", "wamid.a", "2026-11");
    await outbounds.sent(channel, "b", "wamid.b", "2026-11");
    await outbounds.sent(channel, "c", "wamid.c");
    expect(await outbounds.repliesIn(channel, "2026-11")).toBe(2);
    expect(await outbounds.repliesIn(channel, "2026-12")).toBe(0);
    expect(await redis.keys(`{deskferry:${channel}}:replies:*`)).toHaveLength(1);
    expect(Math.round((await redis.ttl(keys.replies(channel, "2026-11"))) / DAY)).toBe(40);
  });

  test("is hidden by a cipher as far as it says who it was, and told again", async () => {
    const hidden = createStore(redis, cipherWith(1)).outbounds;
    for (const intent of ["i", "j"]) await hidden.begin(channel, intent, { person: "ada", now: 1000 });
    await hidden.sent(channel, "i", MESSAGE);
    const errors = [{ code: 1, title: "canary" }];
    await hidden.record(channel, receipt("failed", { errors, callbackData: "j" }), AT);
    for (const intent of ["i", "j"]) {
      const fields = JSON.stringify(await redis.hgetall(keys.outbound(channel, intent)));
      expect(fields).not.toMatch(/wamid|canary/);
      expect((await hidden.get(channel, intent))?.messageId).toBe(MESSAGE);
    }
  });

  test("is known for 35 days from its last receipt", async () => {
    await begin("i");
    await redis.expire(keys.outbound(channel, "i"), 60);
    await record(receipt("delivered", { callbackData: "i" }));
    expect(Math.round((await redis.ttl(keys.outbound(channel, "i"))) / DAY)).toBe(35);
    expect(await redis.hget(keys.outbound(channel, "i"), "receiptAt")).toBe(AT);
  });

  test("has come to its state when the first receipt of it says so", async () => {
    await begin("i");
    await record(receipt("delivered", { callbackData: "i" }));
    const later = "2026-11-02T10:00:01.000Z";
    await outbounds.record(channel, receipt("delivered", { callbackData: "i" }), later);
    expect(await redis.hget(keys.outbound(channel, "i"), "receiptAt")).toBe(AT);
  });

  test("has no reasons unless a receipt tells some", async () => {
    await begin("i");
    await record(receipt("delivered", { callbackData: "i" }));
    expect(await redis.hexists(keys.outbound(channel, "i"), "errors")).toBe(0);
  });
});

describe("P13: a receipt", () => {
  test("finds its message by the message's id", async () => {
    await begin("i");
    await outbounds.sent(channel, "i", MESSAGE);
    const known = await record(receipt("delivered"));
    expect(known).toStrictEqual({
      intent: "i",
      before: { at: 1000, attempts: 1, person: "ada", messageId: MESSAGE },
    });
    expect(await stateOf("i")).toBe("delivered");
  });

  test("that is quicker than the answer to our own send is recorded, and tells the message's id", async () => {
    await begin("i");
    expect((await record(receipt("sent", { callbackData: "i" })))?.intent).toBe("i");
    expect(await outbounds.get(channel, "i")).toMatchObject({ messageId: MESSAGE, receipt: "sent" });
    await outbounds.sent(channel, "i", MESSAGE);
    expect(await record(receipt("read"))).toMatchObject({ intent: "i", before: { receipt: "sent" } });
    expect(await stateOf("i")).toBe("read");
  });

  test("for a message of which nothing is known is ignored and leaves nothing", async () => {
    expect(await record(receipt("delivered"))).toBeUndefined();
    expect(await record(receipt("delivered", { callbackData: "somebody else's" }))).toBeUndefined();
    expect(await redis.keys(`{deskferry:${channel}}:*`)).toEqual([]);
  });

  test("of a withdrawn send is ignored", async () => {
    await begin("i");
    await outbounds.withdraw(channel, "i");
    expect(await record(receipt("failed", { callbackData: "i" }))).toBeUndefined();
  });

  test("tells the state before, so that a failure is told to staff once", async () => {
    await begin("i");
    await outbounds.sent(channel, "i", MESSAGE);
    const before = [];
    for (const state of ["sent", "failed", "failed"] as const) {
      before.push((await record(receipt(state)))?.before.receipt);
    }
    expect(before).toEqual([undefined, "sent", "failed"]);
  });

  test("of a failure keeps its reasons: nobody can ask for them again", async () => {
    await begin("i");
    await outbounds.sent(channel, "i", MESSAGE);
    const errors = [{ code: 131047, title: "Re-engagement message" }];
    await record(receipt("failed", { errors }));
    expect(await redis.hget(keys.outbound(channel, "i"), "errors")).toBe(JSON.stringify(errors));
  });

  test("R09: in any order, any number of times, leaves the state that goes furthest", async () => {
    const states = fc.array(fc.constantFrom(...receiptStates), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(states, async (all) => {
        const intent = nextId("intent");
        await begin(intent);
        let expected: ReceiptState | undefined;
        for (const state of all) {
          const known = await record(receipt(state, { callbackData: intent }));
          expect(known?.before.receipt).toBe(expected);
          expected = advanceReceipt(expected, state);
        }
        expect(await stateOf(intent)).toBe(expected);
      }),
      { numRuns: 100 },
    );
  });

  test("at the same moment as another leaves the one that goes further", async () => {
    const other = createStore(await openRedis()).outbounds;
    for (let n = 0; n < 50; n++) {
      const intent = nextId("intent");
      await begin(intent);
      await Promise.all([
        other.record(channel, receipt("delivered", { callbackData: intent }), AT),
        outbounds.record(channel, receipt("read", { callbackData: intent }), AT),
      ]);
      expect(await stateOf(intent)).toBe("read");
    }
  });
});
