import { describe, expect, test } from "vitest";
import { parseMessage } from "../../src/channels/cloud-api/parse-message.ts";
import { peopleOf } from "../../src/channels/cloud-api/people.ts";
import { aroundOf } from "./around.ts";

const NUMBER = "447700900123";
const PHONE = `+${NUMBER}`;
const OTHER = "447700900124";
const least = { id: "wamid.1", timestamp: "1795000000", from: NUMBER, type: "text", text: { body: "Hello" } };

function read(more: object = {}) {
  return parseMessage({ ...least, ...more }, peopleOf([]));
}

function event(more: object = {}) {
  const outcome = read(more);
  if (!("event" in outcome)) throw new Error(outcome.reason);
  return outcome.event;
}

test("a plain message holds nothing that was not told", () => {
  const sentAt = new Date(1_795_000_000_000).toISOString();
  expect(event()).toEqual({
    type: "message.received",
    id: "wamid.1",
    at: sentAt,
    person: { phone: PHONE },
    message: { id: "wamid.1", sentAt, type: "text", text: "Hello", content: { body: "Hello" } },
  });
});

test.each([
  [{ id: " " }, "message without an id"],
  [{ timestamp: undefined }, "message without a readable timestamp"],
  [{ from: undefined }, "message without a sender"],
  [{ from: undefined, type: "system", system: {} }, "message without a sender"],
])("%j is refused: %s", (more, reason) => {
  expect(read(more)).toEqual({ reason });
});

test.each<[object, object]>([
  [{ context: { id: "wamid.0" } }, { refersTo: "wamid.0" }],
  [{ context: { id: 7 } }, { refersTo: "7" }],
  [{ context: { forwarded: true } }, { forwarded: true }],
  [{ context: { frequently_forwarded: true } }, { forwarded: true, frequentlyForwarded: true }],
  [{ context: { forwarded: "true", frequently_forwarded: 1 } }, {}],
  [{ context: { referred_product: { catalog_id: "1" } } }, { product: { catalog_id: "1" } }],
  [{ group_id: "group-1" }, { groupId: "group-1" }],
  [{ referral: { source_id: "ad" } }, { referral: { source_id: "ad" } }],
  [{ referral: "ad", group_id: "", context: [] }, {}],
  [
    { type: "reaction", reaction: { emoji: "👍", message_id: "wamid.2" }, context: { id: "wamid.0" } },
    { refersTo: "wamid.2" },
  ],
])("what stands around it, %j, is kept as %j", (more, kept) => {
  expect(aroundOf(event(more).message)).toEqual(kept);
});

describe("the number of a contact card", () => {
  const given = (more: object) => {
    const card = { origin: "contact_request", phones: [{ phone: "+44 7700 900124", wa_id: OTHER }] };
    return event({ from: undefined, from_user_id: "GB.1", type: "contacts", contacts: [card], ...more })
      .person;
  };

  test("is the sender's when we asked for it", () => {
    expect(given({})).toEqual({ userId: "GB.1", phone: `+${OTHER}` });
    const phones = [{ phone: "+44 7700 900124" }];
    expect(given({ contacts: [{ origin: "contact_request", phones }] }).phone).toBe(`+${OTHER}`);
    expect(given({ origin: "contact_request", contacts: [{ phones }] }).phone).toBe(`+${OTHER}`);
  });

  test("does not take the place of one that is known", () => {
    expect(given({ from: NUMBER }).phone).toBe(PHONE);
  });

  const phones = [{ wa_id: OTHER }];
  const asked = { origin: "contact_request", phones };
  test.each<[string, object]>([
    ["a card that nobody asked for", { contacts: [{ phones }] }],
    ["a card of another origin", { origin: "contact_request", contacts: [{ origin: "shared", phones }] }],
    ["one of two cards", { contacts: [asked, asked] }],
    ["a card without numbers", { contacts: [{ origin: "contact_request" }] }],
    ["no card", { contacts: [] }],
    ["a message of another type", { type: "text", contacts: [asked] }],
  ])("is anybody's in %s", (_name, more) => {
    expect(given(more)).toEqual({ userId: "GB.1" });
  });
});

describe("P11: a notice of a change", () => {
  const who = (system: object, more: object = {}) => {
    const { person, formerly } = event({ type: "system", system, ...more });
    return { person, ...(formerly ? { formerly } : {}) };
  };

  test.each<[string, object, object, object]>([
    ["a new number", { wa_id: OTHER }, {}, { person: { phone: `+${OTHER}` }, formerly: { phone: PHONE } }],
    [
      "in the old form",
      { new_wa_id: OTHER },
      {},
      { person: { phone: `+${OTHER}` }, formerly: { phone: PHONE } },
    ],
    ["the very same number", { wa_id: NUMBER }, {}, { person: { phone: PHONE } }],
    [
      "a customer that is named",
      { wa_id: OTHER, customer: "447700900125" },
      {},
      { person: { phone: `+${OTHER}` }, formerly: { phone: "+447700900125" } },
    ],
    [
      "a new user id of a known number",
      { user_id: "GB.2", previous_user_id: "GB.1" },
      {},
      { person: { userId: "GB.2" }, formerly: { userId: "GB.1", phone: PHONE } },
    ],
    [
      "the sender's id being the new one already",
      { user_id: "GB.2" },
      { from: undefined, from_user_id: "GB.2" },
      { person: { userId: "GB.2" } },
    ],
    [
      "the sender's id being the old one still",
      { user_id: "GB.2" },
      { from: undefined, from_user_id: "GB.1" },
      { person: { userId: "GB.2" }, formerly: { userId: "GB.1" } },
    ],
    [
      "a parent's new id",
      { parent_user_id: "GB.9", previous_parent_user_id: "GB.8" },
      { from: undefined },
      { person: { userId: "GB.9" }, formerly: { userId: "GB.8" } },
    ],
    ["nothing new", { body: "Ada changed her device" }, {}, { person: { phone: PHONE } }],
    ["only who it was", { customer: OTHER }, { from: undefined }, { person: { phone: `+${OTHER}` } }],
  ])("%s", (_name, system, more, expected) => {
    expect(who(system, more)).toEqual(expected);
  });

  test("is only read as one under its own type", () => {
    expect(event({ system: { wa_id: OTHER } })).not.toHaveProperty("formerly");
  });
});
