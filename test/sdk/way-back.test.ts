import type { HelpdeskEvent } from "deskferry/sdk";
import { describe, expect, it } from "vitest";
import type { Bench } from "../../src/sdk/testing/bench.ts";
import { checkNote, checkReply, checkStatus, isChange, isComment } from "../../src/sdk/testing/way-back.ts";

const at = "2026-11-18T11:06:40.000Z";
const head = {
  id: "e1",
  at,
  ticket: { id: "7", externalId: "ours/7", subject: "Light", status: "open" },
  author: { id: "agent", isUs: false },
};
const commentOf = (body: string, more: object = {}) =>
  ({
    ...head,
    type: "comment.added",
    commentId: "c1",
    body,
    visibility: "public",
    attachments: [],
    ...more,
  }) as unknown as HelpdeskEvent;
const changeTo = (status: string, more: object = {}) =>
  ({
    ...head,
    type: "ticket.changed",
    from: "open",
    to: status,
    ticket: { ...head.ticket, status },
    ...more,
  }) as unknown as HelpdeskEvent;

/** Staff's last act, made into an event by `toEvent`. */
function benchOf(toEvent: (what: string) => HelpdeskEvent | undefined, staff: object = {}) {
  let last: HelpdeskEvent | undefined;
  const act = async (id: string, what: string) => {
    expect(id).toBe("7");
    last = toEvent(what);
  };
  const bench = {
    ticket: async () => ({ id: "7", externalId: "ours/7" }),
    unique: () => "u1",
    harness: { staff: { reply: act, note: act, setStatus: act, ...staff } },
  } as unknown as Bench;
  return {
    bench,
    observe: async (matches: (event: HelpdeskEvent) => boolean) => (last && matches(last) ? last : undefined),
  };
}

const ticketOf = (more: object) => ({ ticket: { ...head.ticket, ...more } });

describe("a reply of staff", () => {
  const check = (toEvent: (what: string) => HelpdeskEvent | undefined) => {
    const { bench, observe } = benchOf(toEvent);
    return checkReply(bench, observe);
  };
  it.each<[what: string, more: object]>([
    ["as it was written", {}],
    ["with blanks around it", { body: " Dear Ann, it's fixed ✓ u1\n" }],
    ["on a ticket without our id", ticketOf({ externalId: undefined })],
  ])("may come %s", async (_what, more) => {
    await expect(check((text) => commentOf(text, more))).resolves.toBeUndefined();
  });
  it.each<[what: string, more: object, says: string]>([
    ["as internal", { visibility: "internal" }, "internal"],
    ["with words around it", { body: "Dear Ann, it's fixed ✓ u1 and more" }, "and more"],
    ["with files that nobody attached", { attachments: [{ id: "1", name: "a" }] }, "deep"],
    ["with an id of ours", { externalId: "wamid.1" }, "staff's reply carries an id of ours"],
    ["on another ticket", ticketOf({ id: "8" }), "'8'"],
    [
      "on a ticket with another id of ours",
      ticketOf({ externalId: "ours/8" }),
      "the ticket carries another id of ours",
    ],
    ["as ours", { author: { id: "x", isUs: true } }, "staff is taken for us"],
    ["without an id", { id: "" }, "''"],
    ["at no time", { at: "soon" }, "soon is no time"],
  ])("must not come %s", async (_what, more, says) => {
    await expect(check((text) => commentOf(text, more))).rejects.toThrow(says);
  });
  it("has to come", async () => {
    await expect(check(() => undefined)).rejects.toThrow("the reply did not arrive");
  });
});

describe("a note of staff", () => {
  const check = (more: object) => {
    const { bench, observe } = benchOf((text) => commentOf(text, more));
    return checkNote(bench, observe);
  };
  it("may come as internal", async () => {
    await expect(check({ visibility: "internal" })).resolves.toBeUndefined();
  });
  it("may stay away", async () => {
    const { bench, observe } = benchOf(() => undefined);
    await expect(checkNote(bench, observe)).resolves.toBeUndefined();
  });
  it("must not come as public", async () => {
    await expect(check({})).rejects.toThrow("public");
  });
  it("must not come as ours", async () => {
    const ours = { visibility: "internal", author: { id: "x", isUs: true } };
    await expect(check(ours)).rejects.toThrow("staff is taken for us");
  });
  it("has to be written by the harness", async () => {
    const { bench, observe } = benchOf(() => undefined, { note: undefined });
    await expect(checkNote(bench, observe)).rejects.toThrow(
      "the harness lacks staff.note, though the connector declares internalComments",
    );
  });
});

describe("a change of status", () => {
  const check = (toEvent: (what: string) => HelpdeskEvent | undefined) => {
    const { bench, observe } = benchOf(toEvent);
    return checkStatus(bench, observe);
  };
  it("may come in our words", async () => {
    const seen: string[] = [];
    const noted = (status: string) => {
      seen.push(status);
      return changeTo(status);
    };
    await expect(check(noted)).resolves.toBeUndefined();
    expect(seen).toEqual(["pending", "solved"]);
  });
  it.each<[what: string, event: HelpdeskEvent | undefined, says: string]>([
    ["never", undefined, "the change to pending did not arrive"],
    ["to another status", changeTo("solved"), "the change to pending did not arrive"],
    ["with a ticket of before", changeTo("pending", ticketOf({ status: "open" })), "open"],
    ["as ours", changeTo("pending", { author: { id: "x", isUs: true } }), "staff is taken for us"],
  ])("must not come %s", async (_what, event, says) => {
    await expect(check(() => event)).rejects.toThrow(says);
  });
});

it("a comment is known by its words, a change by its ticket and status", () => {
  expect(isComment(commentOf("one two"), "two")).toBe(true);
  expect(isComment(commentOf("one two"), "three")).toBe(false);
  expect(isComment(changeTo("open"), "")).toBe(false);
  expect(isChange(changeTo("open"), "7", "open")).toBe(true);
  expect(isChange(changeTo("open"), "8", "open")).toBe(false);
  expect(isChange(changeTo("open"), "7", "solved")).toBe(false);
  expect(isChange(commentOf("x", { to: "open" }), "7", "open")).toBe(false);
});
