import { expect, it, test } from "vitest";
import { check } from "../../scripts/chaos/check.ts";
import type { Play } from "../../scripts/chaos/play.ts";
import type { DeskLedger } from "../../src/sandbox/desk/reads.ts";
import type { GraphLedger } from "../../src/sandbox/graph/entries.ts";

const play: Play = {
  people: [{ phone: "+447700900001", messages: ["<m1>", "<m2>", "<m3>"], answers: ["<a1>", "<a2>"] }],
  wamids: [],
  cuts: 0,
};

/** Ledgers with these comments and sends of one person; only what the checker reads. */
function ledgers(tickets: string[][], sends: string[]): [DeskLedger, GraphLedger] {
  let ids = 1;
  const desk = {
    contacts: [{ id: "c", phone: "+447700900001" }],
    tickets: tickets.map((bodies) => ({
      contact_id: "c",
      comments: bodies.map((body) => ({ id: `${ids++}`, body, author: { kind: "api" } })),
    })),
  };
  const graph = { sends: sends.map((text) => ({ person: "+447700900001", text })) };
  return [desk as unknown as DeskLedger, graph as unknown as GraphLedger];
}

it.each([
  ["nothing when all is there once and in order", [["<m1>", "<m2>", "<m3>"]], ["<a1>", "<a2>"], {}],
  ["a lost comment", [["<m1>", "<m3>"]], ["<a1>", "<a2>"], { lost: 1 }],
  ["a lost answer", [["<m1>", "<m2>", "<m3>"]], ["<a2>"], { lost: 1 }],
  ["a doubled comment", [["<m1>", "<m2>", "<m2>", "<m3>"]], ["<a1>", "<a2>"], { doubled: 1 }],
  ["a second ticket", [["<m1>", "<m2>"], ["<m3>"]], ["<a1>", "<a2>"], { doubled: 1 }],
  [
    "a message sent three times",
    [["<m1>", "<m2>", "<m3>"]],
    ["<a1>", "<a1>", "<a1>", "<a2>"],
    { doubled: 2 },
  ],
  ["comments out of order", [["<m2>", "<m1>", "<m3>"]], ["<a1>", "<a2>"], { reordered: 1 }],
])("the checker of the chaos run counts %s", (_name, tickets, sends, found) => {
  const none = { lost: 0, doubled: 0, reordered: 0, held: 0 };
  const { faults, ...counts } = check(play, ...ledgers(tickets, sends));
  expect(counts).toEqual({ ...none, ...found });
  expect(faults.length > 0).toBe(Object.keys(found).length > 0);
});

test("what waits for an operator is held, not lost; what is there is counted all the same", () => {
  const [desk, graph] = ledgers([["<m1>", "<m3>", "<m3>"]], ["<a1>"]);
  const isHeld = (mark: string) => ["<m2>", "<m3>", "<a2>"].includes(mark);
  expect(check(play, desk, graph, isHeld)).toMatchObject({ lost: 0, doubled: 1, reordered: 0, held: 2 });
});

test("on two tickets of one person, comments count in the order in which they came", () => {
  const [desk, graph] = ledgers([["<m1>", "<m2>"], ["<m3>"]], ["<a1>", "<a2>"]);
  const [first, second] = desk.tickets;
  desk.tickets = [second, first].flatMap((ticket) => ticket ?? []);
  expect(check(play, desk, graph)).toMatchObject({ doubled: 1, reordered: 0 });
});
