import { expect, test } from "vitest";
import { planConfirmation } from "../../../src/outbound/plan/confirmation.ts";
import type { Facts } from "../../../src/outbound/plan/facts.ts";

/** Nothing is known of the account: what the mapping asks for counts. */
const facts = {
  now: Date.parse("2026-11-22T12:00:00Z"),
  earlier: { parts: 0 },
  respectsOptOut: true,
  consents: {},
  channel: {},
  replyTemplate: undefined,
  languages: [],
  templates: undefined,
  stopped: [],
  repliesThisMonth: 0,
} as unknown as Facts;

const link = "https://files.example.org/plan.pdf";
const least = { name: "solved", language: "en" };

test.each<object>([
  least,
  { ...least, body: ["7"] },
  { ...least, header: "Light" },
  { ...least, headerMedia: { type: "image", link } },
  { ...least, headerMedia: { type: "document", link, fileName: "plan.pdf" } },
  { ...least, body: { ticket: "7" }, buttons: [{ type: "url", index: 0, value: "7" }] },
])("a mapping's template goes out as the mapping gave it, and with no other key: %j", (template) => {
  const verdict = planConfirmation({ template } as never, facts);
  expect(verdict.send).toEqual([{ kind: "template", template }]);
  const [sent] = verdict.send as unknown as [{ template: { headerMedia?: object } }];
  const given = template as { headerMedia?: object };
  expect(Object.keys(sent.template)).toEqual(Object.keys(template));
  expect(Object.keys(sent.template.headerMedia ?? {})).toEqual(Object.keys(given.headerMedia ?? {}));
});

test("nothing goes out where the mapping asks for nothing, and nobody is told", () => {
  expect(planConfirmation(null, facts)).toEqual({
    send: [],
    reason: "the mapping sends nothing for this change",
    tellStaff: false,
  });
});
