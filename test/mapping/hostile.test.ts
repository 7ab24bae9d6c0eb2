import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  type AttackResult,
  attack,
  type HostileCase,
  hostileExpressions,
  MAX_LAG_MS,
  MAX_VERDICT_MS,
  readHostileCases,
} from "../../src/mapping/attack.ts";
import { createMapper, type Mapper } from "../../src/mapping/mapper.ts";

// A killed child starts again from the sources, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const cases = await readHostileCases(hostileExpressions);
const groups = [...new Set(cases.map(({ group }) => group))];
const results: AttackResult[] = [];
let mapper: Mapper;

beforeAll(() => {
  // One child: everything has to go through the one that was just killed.
  mapper = createMapper({ children: 1 });
});

afterAll(async () => {
  await mapper.close();
  const worst = (of: (result: AttackResult) => number) => Math.max(...results.map(of)).toFixed(0);
  const again = results
    .filter(({ tries }) => tries > 1)
    .map(({ case: { name }, tries }) => `${name} (${tries})`);
  process.stdout.write(
    `hostile: ${results.length} expressions, slowest verdict ${worst((result) => result.verdictMs)} of ${MAX_VERDICT_MS} ms, ` +
      `longest lag ${worst((result) => result.lagMs)} of ${MAX_LAG_MS} ms; tried again: ${again.join(", ") || "none"}\n`,
  );
});

async function run(some: HostileCase[]): Promise<AttackResult[]> {
  const found: AttackResult[] = [];
  for await (const result of attack(mapper, some)) found.push(result);
  return found;
}

test("the published set holds at least 60 expressions, each once", () => {
  expect(cases.length).toBeGreaterThanOrEqual(60);
  expect(new Set(cases.map(({ group, name }) => `${group}: ${name}`)).size).toBe(cases.length);
});

describe.each(groups)("of the group %s", (group) => {
  const members = cases.filter((hostile) => hostile.group === group);
  test.each(members.map((hostile) => [hostile.name, hostile] as const))(
    "%s ends as it must, in time, and leaves nothing behind",
    async (_name, hostile) => {
      const [result] = await run([hostile]);
      if (!result) throw new Error("no result");
      results.push(result);
      expect(result.failure, result.answer).toBeUndefined();
      // Words of a person never stand in a refusal.
      expect(result.answer).not.toContain("Hello");
    },
  );
});

describe("an attack is called a failure", () => {
  const base: HostileCase = {
    group: "g",
    name: "n",
    source: `{"name": "x"}`,
    ends: "harmless",
    record: { name: "x" },
  };
  test.each([
    ["when it ends elsewhere", { ...base, ends: "load" as const }, /ended as "harmless" instead of "load"/],
    ["when it makes something else", { ...base, record: { name: "y" } }, /another record/],
    [
      "when the refusal says something else",
      { ...base, source: `{"name": 1}`, ends: "evaluate" as const, says: "memory" },
      /does not say memory/,
    ],
  ])("%s", async (_when, hostile, failure) => {
    const [result] = await run([hostile]);
    expect(result?.failure).toMatch(failure);
  });

  test("when it takes longer than promised, each time", async () => {
    const slow = createMapper({ children: 1, timeoutMs: 600 });
    const source = `($f := function($n) { $f($n + 1) }; {"name": $string($f(0))})`;
    const found: AttackResult[] = [];
    const cases: HostileCase[] = [{ ...base, source, ends: "evaluate" }];
    for await (const result of attack(slow, cases, async () => 1)) found.push(result);
    await slow.close();
    expect(found[0]).toMatchObject({ tries: 4, failure: "it took longer than promised" });
  });
});

describe("a normal evaluation", () => {
  const source = `{"name": $plain(person.name, 100), "phone": person.phone, "custom": {"Said": $oneLine(message.text, 80)}}`;
  const input = {
    person: { name: "Amina", phone: "+254700000001" },
    message: { text: "The pump is broken" },
  };

  /** Milliseconds of the slowest but one in a hundred. */
  async function p99(): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < 1000; i += 1) {
      const start = performance.now();
      await mapper.mapSource("contact.jsonata", source, input);
      times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b)[989] ?? Number.POSITIVE_INFINITY;
  }

  test("adds at most 2 ms at p99; the best of five rounds counts, as other work on the machine only ever adds", async () => {
    await p99();
    const rounds: number[] = [];
    while (rounds.length < 5 && !(Math.min(...rounds) <= 2)) rounds.push(await p99());
    const shown = rounds.map((ms) => ms.toFixed(2)).join(", ");
    process.stdout.write(`normal evaluation: p99 of 1,000: ${shown} ms\n`);
    expect(Math.min(...rounds)).toBeLessThanOrEqual(2);
  });
});
