import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { attack, type HostileCase, readHostileCases } from "../../src/mapping/attack.ts";
import type { Mapper } from "../../src/mapping/mapper.ts";

const root = mkdtempSync(join(tmpdir(), "hostile-"));
afterAll(() => rmSync(root, { recursive: true }));

const whole = { group: "g", name: "n", source: "1", ends: "load" };

function read(content: unknown): Promise<HostileCase[]> {
  const file = join(root, "cases.json");
  writeFileSync(file, JSON.stringify(content));
  return readHostileCases(file);
}

describe("a file of hostile expressions", () => {
  test.each([
    {},
    { says: "no", input: { a: 1 } },
    { ends: "evaluate" },
    { ends: "harmless", record: { name: "A" } },
    { source: ["(", { text: "1+", times: 1 }, { text: "1", times: 1_000_000 }] },
  ])("may have a case with %j", async (more) => {
    expect(await read([{ ...whole, ...more }])).toEqual([{ ...whole, ...more }]);
  });

  test.each([
    { group: "" },
    { name: "" },
    { ends: "well" },
    { says: 7 },
    { other: 1 },
    { source: 7 },
    { source: [{ text: "a", times: 0 }] },
    { source: [{ text: "a", times: 1_000_001 }] },
    { source: [{ text: "a", times: 1.5 }] },
    { source: [{ text: "a", times: 1, other: 1 }] },
  ])("may not have a case with %j", async (more) => {
    await expect(read([{ ...whole, ...more }])).rejects.toThrow();
  });

  test("has one case at least", async () => {
    await expect(read([])).rejects.toThrow();
    await expect(read(whole)).rejects.toThrow();
  });
});

test("each expression is tried on its input, or on a message, between two innocent mappings", async () => {
  const asked: [file: string, isNeighbour: boolean, input: unknown][] = [];
  const mapper = {
    mapSource: async (file: string, source: string, input: unknown) => {
      const isNeighbour = source.includes("polluted");
      asked.push([file, isNeighbour, input]);
      return { record: isNeighbour ? { name: "Amina", custom: { is: 3 } } : { name: "A", custom: {} } };
    },
  } as unknown as Mapper;
  const cases: HostileCase[] = [
    { ...whole, ends: "harmless", record: { name: "A" } },
    { ...whole, ends: "harmless", record: { name: "A", custom: {} }, input: { own: true } },
    { ...whole, ends: "harmless", record: { name: "B" } },
  ];
  const failures: unknown[] = [];
  for await (const { failure } of attack(mapper, cases, {
    isStarved: () => true,
    rest: async () => undefined,
  }))
    failures.push(failure);
  const sample = {
    channel: "city",
    person: { name: "Amina", phone: "+254700000001" },
    message: { text: "Hello" },
  };
  const file = "contact.jsonata";
  expect(asked.slice(0, 6)).toEqual([
    [file, true, sample],
    [file, false, sample],
    [file, true, sample],
    [file, true, sample],
    [file, false, { own: true }],
    [file, true, sample],
  ]);
  expect(failures).toEqual([undefined, undefined, 'it made another record than {"name":"B"}']);
});
