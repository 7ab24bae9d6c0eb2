import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { asked, core } from "../../scripts/mutation/groups.ts";
import { luaMutants } from "../../scripts/mutation/lua-mutants.ts";
import { changed, type Judged, type Mutant, nameOf, type Verdict } from "../../scripts/mutation/mutant.ts";
import { estimate, figuresOf } from "../../scripts/mutation/report.ts";

const mutant = (part: Partial<Mutant> = {}): Mutant => ({
  ...{ id: "1", file: "src/x.ts", mutator: "Text", start: 0, end: 1, replacement: "", line: 1 },
  ...part,
});
const judged = (verdict: Verdict, count: number): Judged[] =>
  Array.from({ length: count }, () => ({ ...mutant(), verdict }));

describe("mutants of a script", () => {
  const script = `-- if a < b then redis.call('DEL') end
local now = tonumber(ARGV[1]) + 5
if not seen and now >= 3 then redis.call('HSET', key, 'at', now) end
add(known(user))
return { 'a -- b', '' }
`;
  const all = luaMutants("x.lua", script);
  const texts = all.map((one) => changed(script, one).split("\n")[one.line - 1]);

  test.each([
    "local now = tonumber(ARGV[2]) + 5",
    "local now = tonumber(ARGV[1]) - 5",
    "local now = tonumber(ARGV[1]) + 6",
    "if seen and now >= 3 then redis.call('HSET', key, 'at', now) end",
    "if not seen or now >= 3 then redis.call('HSET', key, 'at', now) end",
    "if not seen and now > 3 then redis.call('HSET', key, 'at', now) end",
    "if true then redis.call('HSET', key, 'at', now) end",
    "if false then redis.call('HSET', key, 'at', now) end",
    "if not seen and now >= 3 then redis.call('HSET', key, '', now) end",
    "if not seen and now >= 3 then  end",
    "",
    "return { '', '' }",
    "return { 'a -- b', 'changed' }",
  ])("one line becomes %j", (line) => {
    expect(texts).toContain(line);
  });

  test("leave comments and names of commands alone, and change one place each", () => {
    expect(all.map(({ line }) => line)).not.toContain(1);
    expect(texts.filter((line) => line?.includes("redis.call('',"))).toEqual([]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe("figures", () => {
  test("count timeouts as killed, what no test reaches as alive, and leave equivalent mutants out", () => {
    const some = [
      judged("killed", 6),
      judged("timeout", 1),
      judged("survived", 2),
      judged("uncovered", 1),
    ].flat();
    expect(figuresOf([...some, ...judged("equivalent", 5)])).toEqual({
      ...{ mutants: 15, killed: 6, timeout: 1, survived: 2, uncovered: 1, equivalent: 5 },
      score: 70,
    });
  });

  test("of rooms count by their size, with an interval that closes when all were tried", () => {
    const big = { size: 900, judged: [...judged("killed", 50), ...judged("survived", 50)] };
    const small = { size: 100, judged: judged("killed", 100) };
    const { score, interval } = estimate([big, small]);
    expect(score).toBe(55);
    expect(interval[0]).toBeGreaterThan(44);
    expect(interval[0]).toBeLessThan(48);
    expect(interval[1]).toBeCloseTo(110 - interval[0], 1);
    expect(estimate([{ ...big, size: 100 }])).toEqual({ score: 50, interval: [50, 50] });
  });
});

test("every file and test of the groups is there", () => {
  const named = [
    ...Object.values(core).flat(),
    ...Object.entries(asked).flatMap(([file, tests]) => [file, ...tests]),
  ];
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});

test("every mutant that is said to be equivalent can still be made, and has its reason", () => {
  const listed = JSON.parse(readFileSync("scripts/mutation/equivalent.json", "utf8")) as Record<
    string,
    string
  >[];
  for (const { name = "", reason = "" } of listed) {
    const [file = "", , , line = ""] = name.split(" | ");
    expect(readFileSync(file, "utf8"), name).toContain(line);
    expect(reason.length, name).toBeGreaterThan(20);
  }
});

test("a mutant has the same name wherever its line has moved to", () => {
  const [one, other] = ["a\n  if (x) y();\n", "a\nb\n\n  if (x) y();\n"].map((text) => {
    const start = text.indexOf("x");
    return nameOf(mutant({ start, end: start + 1, replacement: "true" }), text);
  });
  expect(one).toBe(other);
  expect(one).toBe("src/x.ts | Text | 6 | if (x) y(); | x -> true");
});
