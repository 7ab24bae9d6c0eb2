import { describe, expect, it } from "vitest";
import type { ChannelEvent } from "../../src/domain/event.ts";
import { sortPayload } from "../../src/inbound/sort-payload.ts";
import { messageReceived, receiptUpdated } from "../support/builders.ts";

const channelOf = (accountId: string) => ({ "1": "city", "2": "park" })[accountId];
const options = { addressed: "city", channelOf, receivedAt: "2026-11-02T09:08:07.000Z" };

function sort(...events: ChannelEvent[]) {
  return sortPayload({ events, quarantined: [] }, options);
}

describe("sortPayload", () => {
  it("P07, P24: gives every event of a batch its lane, in the channel of its own number", () => {
    const message = { ...messageReceived(), accountId: "1" };
    const other = { ...messageReceived(), accountId: "2" };
    const receipt = { ...receiptUpdated(), accountId: "2" };
    const { accountId: _one, ...plainMessage } = message;
    const { accountId: _two, ...plainOther } = other;
    const { accountId: _three, ...plainReceipt } = receipt;
    expect(sort(message, other, receipt)).toEqual([
      { deliver: { channel: "city", lane: "in", event: plainMessage, person: { seen: message.person } } },
      { deliver: { channel: "park", lane: "in", event: plainOther, person: { seen: other.person } } },
      {
        deliver: { channel: "park", lane: "receipt", event: plainReceipt, person: { seen: receipt.person } },
      },
    ]);
  });

  it("keeps messages and receipts of a number that nobody configured, instead of guessing", () => {
    const message = { ...messageReceived(), accountId: "3" };
    const receipt = { ...receiptUpdated(), accountId: "3" };
    const items = sort(message, receipt);
    for (const [index, payload] of [message, receipt].entries()) {
      expect(items[index]).toMatchObject({
        keep: {
          channel: "city",
          list: "quarantine",
          content: { reason: "no channel has this phone number id", payload },
        },
      });
    }
  });

  it("S03: keeps a message aside whose repeat would not be recognised any more, and takes one that would", () => {
    const sent = (sentAt: string) => {
      const event = messageReceived();
      return { ...event, message: { ...event.message, sentAt }, accountId: "2" };
    };
    const old = sent("2026-10-25T09:08:06.000Z");
    expect(sort(old, sent("2026-10-25T09:08:08.000Z"))).toMatchObject([
      { keep: { channel: "park", list: "quarantine", content: { payload: old } } },
      { deliver: { channel: "park", lane: "in" } },
    ]);
  });

  it("puts the account's news aside, an unknown account's with the channel it was sent to", () => {
    const news = (accountId: string): ChannelEvent => ({
      type: "template.updated",
      id: `news-${accountId}`,
      at: "2026-11-02T09:00:00.000Z",
      accountId,
      field: "message_template_status_update",
      detail: {},
    });
    expect(sort(news("2"), news("9"))).toMatchObject([
      { keep: { channel: "park", list: "account", id: "news-2" } },
      { keep: { channel: "city", list: "account", id: "news-9" } },
    ]);
  });

  it("quarantines what was not understood, a repeat under the same id, another under another", () => {
    const odd = (payload: unknown, accountId?: string) => ({
      reason: "unknown object",
      payload,
      ...(accountId ? { accountId } : {}),
    });
    const quarantined = [odd({ a: 1 }), odd({ a: 1 }), odd({ a: 2 }, "2"), odd({ a: 3 }, "9")];
    const items = sortPayload({ events: [], quarantined }, options);
    const ids = items.map((item) => ("keep" in item ? item.keep.id : ""));
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
    expect(items).toMatchObject([
      {
        keep: {
          channel: "city",
          list: "quarantine",
          content: { reason: "unknown object", payload: { a: 1 } },
        },
      },
      { keep: { channel: "city" } },
      { keep: { channel: "park" } },
      { keep: { channel: "city" } },
    ]);
  });
});
