import { performance } from "node:perf_hooks";
import { afterEach, expect, test, vi } from "vitest";
import { type AttackResult, attack, type HostileCase } from "../../src/mapping/attack.ts";
import { MappingError } from "../../src/mapping/errors.ts";
import type { MachinePace } from "../../src/mapping/machine-pace.ts";
import type { Mapper } from "../../src/mapping/mapper.ts";

afterEach(() => vi.restoreAllMocks());

const UNTOUCHED = { name: "Amina", custom: { is: 3 } };
const refused = (kind: "compile" | "evaluate", reason: string) =>
  new MappingError({ kind, file: "contact.jsonata", reason });

/** A mapper on which the innocent neighbour makes `neighbour`, and the attack what `made` makes. */
function mapperThat(made: (source: string) => unknown, neighbour: unknown = UNTOUCHED): Mapper {
  const mapSource: Mapper["mapSource"] = async (_path, source) => {
    const record = source.includes("polluted") ? neighbour : made(source);
    return { record, version: "0" } as Awaited<ReturnType<Mapper["mapSource"]>>;
  };
  return { mapSource } as Mapper;
}

const fails = (error: Error) => () => {
  throw error;
};

const quick: MachinePace = { isStarved: () => false, rest: () => Promise.resolve() };

async function run(
  mapper: Mapper,
  hostile: Partial<HostileCase> = {},
  pace = quick,
): Promise<AttackResult | undefined> {
  const whole: HostileCase = { group: "g", name: "n", source: "1", ends: "load", ...hostile };
  const results: AttackResult[] = [];
  for await (const result of attack(mapper, [whole], pace)) results.push(result);
  return results[0];
}

test("an expression that is refused as it must be is no failure, and the refusal is told", async () => {
  const result = await run(mapperThat(fails(refused("compile", "not allowed"))), { says: "NOT allowed" });
  expect(result).toMatchObject({ tries: 1, answer: expect.stringContaining("not allowed") });
  expect(result).not.toHaveProperty("failure");
});

test.each([
  ["that is carried out", mapperThat(() => UNTOUCHED), {}, 'it ended as "harmless" instead of "load"'],
  [
    "that is refused later",
    mapperThat(fails(refused("evaluate", "no"))),
    {},
    'it ended as "evaluate" instead of "load"',
  ],
  [
    "that is refused for another reason",
    mapperThat(fails(refused("compile", "no"))),
    { says: "too long" },
    "the refusal does not say too long",
  ],
  [
    "that makes another record",
    mapperThat(() => ({ name: "B" })),
    { ends: "harmless" as const, record: { name: "A" } },
    'it made another record than {"name":"A"}',
  ],
  [
    "that changes what the next mapping makes",
    mapperThat(fails(refused("compile", "no")), { name: "Amina", custom: {} }),
    {},
    "it left something behind for the next mapping",
  ],
])("an expression %s is a failure that says so", async (_name, mapper, hostile, failure) => {
  expect((await run(mapper, hostile))?.failure).toBe(failure);
});

test("a harmless one passes with its record, and long ones are put together from their parts", async () => {
  const seen: string[] = [];
  const mapper = mapperThat((source) => {
    seen.push(source);
    return { name: "A" };
  });
  const source = ["(", { text: "1+", times: 3 }, "1)"];
  const result = await run(mapper, { ends: "harmless", record: { name: "A" }, source, input: {} });
  expect([result?.failure, result?.answer]).toEqual([undefined, '{"name":"A"}']);
  expect(seen).toEqual(["(1+1+1+1)"]);
});

test("an error of our own ends the run", async () => {
  await expect(run(mapperThat(fails(new Error("out of children"))))).rejects.toThrow("out of children");
});

/** Every look at the clock is half a second after the one before. */
function slowClock(): void {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    now += 500;
    return now;
  });
}

test.each([
  ["is a failure", [false, false, false], { failure: "it took longer than promised" }],
  [
    "is a failure when the machine had time at one of them",
    [true, false, true],
    { failure: expect.any(String) },
  ],
  ["is not measured when the machine was starved", [true, true, true], { notMeasured: "machine starved" }],
])("an expression that is late at each of three tries %s", async (_name, starved, expected) => {
  slowClock();
  let rests = 0;
  const pace: MachinePace = {
    isStarved: () => starved.shift() ?? false,
    rest: async () => {
      rests += 1;
    },
  };
  const result = await run(mapperThat(fails(refused("compile", "no"))), {}, pace);
  expect(result).toMatchObject({ tries: 3, verdictMs: 500, ...expected });
  expect(rests).toBe(2);
});
