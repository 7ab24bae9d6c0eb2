import { expect, it } from "vitest";
import { withoutUnsupported } from "../../src/inbound/supported-fields.ts";

const ticket = {
  subject: "Light",
  description: "",
  priority: "high",
  tags: ["a"],
  fields: { area: "north" },
};
const idempotency = { class: "A" } as const;

function left(given: object, unsupportedTicketFields?: string[]) {
  const capabilities = { idempotency, ...(unsupportedTicketFields ? { unsupportedTicketFields } : {}) };
  return withoutUnsupported(given as never, capabilities as never);
}

it("a helpdesk that has a place for everything gets the ticket as it is", () => {
  expect(left(ticket)).toEqual({ ticket, leftOut: [] });
  expect(left(ticket, [])).toEqual({ ticket, leftOut: [] });
});

it("what it has no place for is taken out and told, in the order of its declaration", () => {
  const before = structuredClone(ticket);
  expect(left(ticket, ["tags", "priority", "fields"])).toEqual({
    ticket: { subject: "Light", description: "" },
    leftOut: ["tags", "priority", "fields"],
  });
  expect(ticket).toEqual(before);
});

it("what asks for nothing is taken out without a word, and what was not given is not told of", () => {
  const empty = { subject: "Light", priority: "", tags: [], fields: {} };
  expect(left(empty, ["priority", "tags", "fields", "group"])).toEqual({
    ticket: { subject: "Light" },
    leftOut: [],
  });
});
