import type { Connector } from "deskferry/sdk";
import { expect, it } from "vitest";
import type { Bench } from "../../src/sdk/testing/bench.ts";
import { commentsGroup } from "../../src/sdk/testing/comments-group.ts";
import type { Group } from "../../src/sdk/testing/group.ts";
import type { SeenComment, SeenTicket } from "../../src/sdk/testing/harness.ts";
import { missingTicket, settleMs, ticketsGroup } from "../../src/sdk/testing/tickets-group.ts";

/** A helpdesk in memory that takes a repeat for what it is, unless it is told to forget. */
function classA({ forgets = false } = {}) {
  const tickets: (SeenTicket & { externalId: string })[] = [];
  const comments: (SeenComment & { id: string; externalId: string })[] = [];
  const connector = {
    capabilities: { idempotency: { class: "A" }, changes: ["poll"], internalComments: false },
    async createTicket({ externalId, ticket }) {
      const known = tickets.find((one) => one.externalId === externalId);
      if (known && !forgets) return { id: known.id };
      const made = { id: `t${tickets.length}`, externalId, subject: ticket.subject };
      tickets.push(made);
      return { id: made.id };
    },
    async addComment({ externalId, body, visibility }) {
      const known = comments.find((one) => one.externalId === externalId);
      if (known && !forgets) return { id: known.id };
      comments.push({ id: `c${comments.length}`, externalId, body, visibility, attachments: [] });
      return { id: `c${comments.length - 1}` };
    },
  } as Partial<Connector> as Connector;
  let count = 0;
  const bench = {
    connector,
    unique: () => `u${count++}`,
    newTicket: async (ticket: { subject: string }) => ({ externalId: `x${count++}`, contactId: "1", ticket }),
    ticket: async () => ({ id: "t", externalId: "x" }),
    harness: {
      ticketsOf: async (id: string) => tickets.filter(({ externalId }) => externalId === id),
      commentsOf: async () => comments,
    },
  } as unknown as Bench;
  return { connector, bench };
}

function testsOf(group: Group, example: Connector): Map<string, (bench: Bench) => Promise<void>> {
  const tests = new Map<string, (bench: Bench) => Promise<void>>();
  const context = {
    example,
    afterAll: () => undefined,
    test: (name: string, run: (bench: Bench) => Promise<void>) => tests.set(name, run),
  };
  group.define(context as unknown as Parameters<Group["define"]>[0]);
  return tests;
}

it.each([
  ["P01: creating a ticket twice leaves one", ticketsGroup],
  ["a comment that is repeated appears once", commentsGroup],
])("class A: %s", async (name, group) => {
  const right = classA();
  await expect(testsOf(group, right.connector).get(name)?.(right.bench)).resolves.toBeUndefined();
  const wrong = classA({ forgets: true });
  await expect(testsOf(group, wrong.connector).get(name)?.(wrong.bench)).rejects.toThrow();
});

it("a connector without look-ups and changes of status is asked only for what it can do", () => {
  const { connector } = classA();
  expect([...testsOf(ticketsGroup, connector).keys()]).toEqual([
    "a ticket carries its subject and our id",
    "P01: creating a ticket twice leaves one",
  ]);
  expect([...testsOf(commentsGroup, connector).keys()]).toEqual([
    "P10: comments appear once each, in their order",
    "P19: an internal comment is hidden from the person, or refused",
    "a comment that is repeated appears once",
    "a comment on a missing ticket says that the ticket is not there",
  ]);
});

it("a connector that has no internal comments has to refuse them", async () => {
  const { connector, bench } = classA();
  const test = testsOf(commentsGroup, connector).get(
    "P19: an internal comment is hidden from the person, or refused",
  );
  await expect(test?.(bench)).rejects.toThrow("nothing was thrown, expected rejected");
});

it("a look-up may take as long as its class allows, and a second", () => {
  const { bench, connector } = classA();
  expect(settleMs(bench)).toBe(1_000);
  connector.capabilities.idempotency = { class: "B", settleMs: 500 };
  expect(settleMs(bench)).toBe(1_500);
});

it("the harness may say which ticket is missing", () => {
  const { bench } = classA();
  expect(missingTicket(bench)).toBe("999999999");
  bench.harness.missingTicketId = "none";
  expect(missingTicket(bench)).toBe("none");
});
