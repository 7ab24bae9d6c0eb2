import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTicketExternalId, ticketExternalId } from "../../src/domain/conversation.ts";
import { personIdOf } from "../../src/domain/person.ts";

describe("a ticket's external id", () => {
  it("leads back to its conversation, for every channel name, person and epoch", () => {
    const channel = fc.stringMatching(/^[a-z0-9-]{1,40}$/);
    fc.assert(
      fc.property(channel, fc.string(), fc.integer({ min: 1 }), (name, alias, epoch) => {
        const key = { channel: name, person: personIdOf(alias) };
        expect(parseTicketExternalId(ticketExternalId(key, epoch))).toEqual({ ...key, epoch });
      }),
    );
  });

  it.each([
    "",
    "deskferry/city/3f9a",
    "deskferry/city/3f9a/",
    "deskferry/city/3f9a/1/2",
    "deskferry/City/3f9a/1",
    "deskferry/city/not-hex/1",
    "deskferry/city/3f9a/one",
    "deskferry/../3f9a/1",
    " deskferry/city/3f9a/1",
    "deskferry/city/3f9a/1\n",
    "other/city/3f9a/1",
    "4711",
  ])("somebody else's is not taken for ours: %j", (value) => {
    expect(parseTicketExternalId(value)).toBeUndefined();
  });

  it("whatever is parsed is written back the same, so that no two spellings mean one ticket", () => {
    const almost = fc
      .tuple(
        fc.constantFrom("city", "a-b", "0"),
        fc.stringMatching(/^[0-9a-f]{1,6}$/),
        fc.stringMatching(/^[0-9]{1,20}$/),
      )
      .map((parts) => `deskferry/${parts.join("/")}`);
    fc.assert(
      fc.property(almost, (value) => {
        const parsed = parseTicketExternalId(value);
        if (parsed) expect(ticketExternalId(parsed, parsed.epoch)).toBe(value);
      }),
    );
  });
});
