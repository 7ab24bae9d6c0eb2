import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { burstOf, partsOf } from "../../src/domain/burst.ts";
import type { Event } from "../../src/domain/event.ts";
import { messageReceived, noteRequested } from "../support/builders.ts";

const text = (id: string) => messageReceived({ id });
const reaction = (id: string) => messageReceived({ id, message: { type: "reaction" } });
const toGroup = (id: string) => messageReceived({ id, message: { groupId: "group-1" } });

function idsOf(waiting: Event[], most = 10): string[] | undefined {
  return burstOf(waiting, most)?.messages.map(({ id }) => id);
}

describe("messages that wait together", () => {
  it("are joined, the first being the burst's own id and time", () => {
    const [first, second] = [text("1"), text("2")];
    expect(burstOf([first, second], 10)).toEqual({
      type: "burst.received",
      id: "1",
      at: first.at,
      messages: [first, second],
    });
  });

  it("are joined up to the limit", () => {
    expect(idsOf([text("1"), text("2"), text("3")], 2)).toEqual(["1", "2"]);
  });

  it("are joined up to a remark on an earlier message, a note, or what was said to a group", () => {
    for (const other of [reaction("x"), noteRequested({ id: "x" }), toGroup("x")]) {
      expect(idsOf([text("1"), text("2"), other, text("3")])).toEqual(["1", "2"]);
      expect(idsOf([other, text("1"), text("2")])).toBeUndefined();
      expect(idsOf([text("1"), other, text("2")])).toBeUndefined();
    }
  });

  it("are not joined when there is one, or the limit is one", () => {
    expect(idsOf([text("1")])).toBeUndefined();
    expect(idsOf([])).toBeUndefined();
    expect(idsOf([text("1"), text("2")], 1)).toBeUndefined();
  });
});

it("a burst holds what waited from the head on, unchanged and without a gap, whatever waits", () => {
  const event = fc.constantFrom(text, reaction, toGroup, (id: string) => noteRequested({ id }));
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), fc.integer({ min: 1, max: 8 }), (makers, most) => {
      const waiting = makers.map((make, index) => make(`${index}`));
      const burst = burstOf(waiting, most);
      if (!burst) return;
      expect(burst.messages.length).toBeLessThanOrEqual(most);
      expect(partsOf(burst)).toEqual(waiting.slice(0, burst.messages.length));
    }),
  );
});
