import { expect, test } from "vitest";
import { parseStatus } from "../../src/channels/cloud-api/parse-status.ts";
import { peopleOf } from "../../src/channels/cloud-api/people.ts";

const least = { id: "wamid.1", status: "delivered", timestamp: "1795000000", recipient_id: "447700900123" };

function read(more: object = {}) {
  return parseStatus({ ...least, ...more }, peopleOf([]));
}

function receipt(more: object) {
  const outcome = read(more);
  return "event" in outcome ? outcome.event.receipt : undefined;
}

test("a receipt holds nothing that was not told", () => {
  expect(read()).toEqual({
    event: {
      type: "receipt.updated",
      id: "wamid.1/delivered",
      at: new Date(1_795_000_000_000).toISOString(),
      person: { phone: "+447700900123" },
      receipt: { messageId: "wamid.1", state: "delivered" },
    },
  });
});

test("our data, the conversation and the price are kept as they came", () => {
  const conversation = { id: "c", origin: { type: "service" } };
  const pricing = { billable: true, category: "utility" };
  expect(receipt({ biz_opaque_callback_data: "intent-1", conversation, pricing })).toEqual({
    messageId: "wamid.1",
    state: "delivered",
    callbackData: "intent-1",
    conversation,
    pricing,
  });
  const odd = { biz_opaque_callback_data: " ", conversation: [], pricing: "free", errors: [] };
  expect(receipt(odd)).toEqual({ messageId: "wamid.1", state: "delivered" });
});

test.each([
  [
    { code: 131026, title: "Undeliverable", message: "x" },
    { code: 131026, title: "Undeliverable" },
  ],
  [
    { code: "131026", message: "No" },
    { code: 131026, title: "No" },
  ],
  [
    { code: 1, title: "T", error_data: { details: "D" } },
    { code: 1, title: "T", details: "D" },
  ],
  [
    { code: 1, title: "T", error_data: { details: "" } },
    { code: 1, title: "T" },
  ],
  [{ code: "no number" }, { code: -1, title: "without a title" }],
  [{ code: 1.5 }, { code: -1, title: "without a title" }],
  [{}, { code: -1, title: "without a title" }],
])("an error %j is told as %j", (error, told) => {
  expect(receipt({ status: "failed", errors: [error, "odd"] })?.errors).toEqual([told]);
});

test.each([
  [{ id: "" }, { reason: "status without a message id" }],
  [{ type: "payment" }, { reason: "status of another kind: payment" }],
  [{ type: "call me" }, { reason: "status of another kind: unreadable" }],
  [{ status: "warned" }, { reason: "unknown status: warned", isNew: true }],
  [{ status: 7 }, { reason: "unknown status: unreadable", isNew: true }],
  [{ timestamp: "soon" }, { reason: "status without a readable timestamp" }],
])("%j is no receipt: %j", (more, refusal) => {
  expect(read(more)).toEqual(refusal);
});

test("a type that says message is a message's", () => {
  expect(read({ type: "message" })).toHaveProperty("event");
});

test("in a group each participant has a receipt, by user id rather than by number", () => {
  const group = {
    recipient_type: "group",
    recipient_id: "group-1",
    recipient_participant_id: "447700900124",
  };
  const byNumber = read(group);
  const byId = read({
    ...group,
    recipient_participant_user_id: "GB.2",
    recipient_participant_parent_user_id: "GB.3",
  });
  expect(byNumber).toMatchObject({
    event: { id: "wamid.1/delivered/447700900124", person: { phone: "+447700900124" } },
  });
  expect(byId).toMatchObject({
    event: { id: "wamid.1/delivered/GB.2", person: { phone: "+447700900124", userId: "GB.2" } },
  });
});

test("who is not named is nobody; ids of a portfolio's parent count where there is no other", () => {
  expect(read({ recipient_id: "" })).toMatchObject({ event: { person: {} } });
  expect(read({ recipient_parent_user_id: "GB.3" })).toMatchObject({ event: { person: { userId: "GB.3" } } });
  expect(read({ recipient_parent_user_id: "GB.3", recipient_user_id: "GB.2" })).toMatchObject({
    event: { person: { userId: "GB.2" } },
  });
});
