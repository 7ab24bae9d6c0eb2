import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  type AttackResult,
  attack,
  type HostileCase,
  hostileExpressions,
  MAX_LAG_MS,
  MAX_NOT_MEASURED,
  MAX_VERDICT_MS,
  readHostileCases,
} from "../../src/mapping/attack.ts";
import { machinePace } from "../../src/mapping/machine-pace.ts";
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
  const measured = results.filter(({ notMeasured }) => !notMeasured);
  const worst = (of: (result: AttackResult) => number) => Math.max(...measured.map(of)).toFixed(0);
  const again = measured
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
      if (result.notMeasured) process.stdout.write(`not measured: ${result.notMeasured}: ${hostile.name}\n`);
      expect(result.failure, result.answer).toBeUndefined();
      // Words of a person never stand in a refusal.
      expect(result.answer).not.toContain("Hello");
    },
  );
});

test(`at most ${MAX_NOT_MEASURED} could not be measured because the machine was starved`, () => {
  const names = results.filter(({ notMeasured }) => notMeasured).map(({ case: { name } }) => name);
  expect(names.length, names.join(", ")).toBeLessThanOrEqual(MAX_NOT_MEASURED);
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

  describe("when it takes longer than promised", () => {
    const source = `($f := function($n) { $f($n + 1) }; {"name": $string($f(0))})`;
    const endless: HostileCase = { ...base, source, ends: "evaluate" };

    /** On a mapper that is slower than the promise; the machine is starved after the tries that say so. */
    async function late(...starved: boolean[]): Promise<AttackResult | undefined> {
      const slow = createMapper({ children: 1, timeoutMs: 600 });
      const pace = { isStarved: () => starved.shift() ?? false, rest: async () => undefined };
      const found: AttackResult[] = [];
      for await (const result of attack(slow, [endless], pace)) found.push(result);
      await slow.close();
      return found[0];
    }

    test("each of three times", async () => {
      expect(await late()).toMatchObject({ tries: 3, failure: "it took longer than promised" });
    });

    test("even once while the machine is not starved", async () => {
      expect(await late(true, false, true)).toMatchObject({ failure: "it took longer than promised" });
    });

    test("but is not measured when the machine is starved each time", async () => {
      const result = await late(true, true, true);
      expect(result).toMatchObject({ tries: 3, notMeasured: "machine starved" });
      expect(result?.failure).toBeUndefined();
    });
  });
});

describe("a normal evaluation", () => {
  const contact = `{"name": $plain(person.name, 100), "phone": person.phone, "custom": {"Said": $oneLine(message.text, 80)}}`;
  const input = {
    person: { name: "Amina", phone: "+254700000001" },
    message: { text: "The pump is broken" },
  };
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "normal-"));
    const files = { contact, ticket: `{"subject": message.text}`, comment: `{"body": message.text}` };
    for (const [kind, source] of Object.entries(files))
      writeFileSync(join(folder, `${kind}.jsonata`), source);
    await mapper.load(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Milliseconds of the slowest but ten in a thousand, as production evaluates. */
  async function p99(): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < 1000; i += 1) {
      const start = performance.now();
      await mapper.map(folder, "contact", input);
      times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b)[989] ?? Number.POSITIVE_INFINITY;
  }

  // Other work on the machine only ever adds, so the best round is nearest to what the evaluation itself takes.
  test("adds at most 2 ms at p99, in the best of at most ten rounds", async (context) => {
    await p99();
    const rounds: number[] = [];
    let wasStarved = true;
    while (rounds.length < 10 && !(Math.min(...rounds) <= 2)) {
      rounds.push(await p99());
      if (Math.min(...rounds) > 2) wasStarved = machinePace.isStarved() && wasStarved;
    }
    const shown = rounds.map((ms) => ms.toFixed(2)).join(", ");
    process.stdout.write(`normal evaluation: p99 of 1,000: ${shown} ms\n`);
    if (Math.min(...rounds) > 2 && wasStarved) context.skip("not measured: machine starved");
    expect(Math.min(...rounds)).toBeLessThanOrEqual(2);
  });
});
