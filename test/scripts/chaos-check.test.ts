import { expect, it } from "vitest";
import { check } from "../../scripts/chaos/check.ts";
import type { Play } from "../../scripts/chaos/play.ts";
import type { DeskLedger } from "../../src/sandbox/desk/reads.ts";
import type { GraphLedger } from "../../src/sandbox/graph/entries.ts";

const play: Play = {
  people: [{ phone: "+447700900001", messages: ["<m1>", "<m2>", "<m3>"], answers: ["<a1>", "<a2>"] }],
};

/** Ledgers with these comments and sends of one person; only what the checker reads. */
function ledgers(tickets: string[][], sends: string[]): [DeskLedger, GraphLedger] {
  const desk = {
    contacts: [{ id: "c", phone: "+447700900001" }],
    tickets: tickets.map((bodies) => ({
      contact_id: "c",
      comments: bodies.map((body) => ({ body, author: { kind: "api" } })),
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
  expect(check(play, ...ledgers(tickets, sends))).toEqual({ lost: 0, doubled: 0, reordered: 0, ...found });
});
