import fc from "fast-check";
import type { Redis } from "ioredis";
import { beforeEach, describe, expect, test } from "vitest";
import { advanceReceipt, type Receipt, type ReceiptState, receiptStates } from "../../src/domain/receipt.ts";
import { keys } from "../../src/store/keys.ts";
import { createStore, type Store } from "../../src/store/store.ts";
import { nextId } from "../support/builders.ts";
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
    expect(await outbounds.get(channel, "i")).toEqual({ at: 1000, attempts: 1, person: "ada" });
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

describe("P13: a receipt", () => {
  test("finds its message by the message's id", async () => {
    await begin("i");
    await outbounds.sent(channel, "i", MESSAGE);
    const known = await record(receipt("delivered"));
    expect(known).toEqual({
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
