import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { SettingPath } from "../../src/config/setting-path.ts";
import { validate } from "../../src/config/validate.ts";

const schema = z.strictObject({
  name: z.string().min(2).describe("Name of the desk").optional(),
  port: z.int().min(1).max(9).default(7).describe("Port of the desk"),
  share: z.number().optional(),
  verbose: z.boolean().optional(),
  kind: z.enum(["slow", "fast"]).optional(),
  list: z.array(z.strictObject({ size: z.int() })).optional(),
  names: z.record(z.string().regex(/^[a-z]+$/, "write small letters"), z.int()).optional(),
});

/** Checks a section `desk`, in which these paths hold variables. */
function check(value: unknown, interpolated: string[] = [], line?: number) {
  const asked: SettingPath[] = [];
  const lineOf = (path: SettingPath) => {
    asked.push(path);
    return line;
  };
  const checked = validate(
    schema,
    { path: ["desk"], value },
    { interpolated: new Set(interpolated), lineOf },
  );
  return { ...checked, asked };
}

describe("a section that fits", () => {
  test("comes with its defaults and leaves what was given alone", () => {
    const given = { share: "1.5" };
    expect(check(given, ["desk.share"]).value).toEqual({ port: 7, share: 1.5 });
    expect(given).toEqual({ share: "1.5" });
  });
});

describe("a variable is text, and is converted where something else is wanted", () => {
  test.each([
    ["port", "8", 8],
    ["share", "-1.25", -1.25],
    ["share", "0", 0],
    ["verbose", "true", true],
    ["verbose", "false", false],
    ["name", "12", "12"],
  ])("%s: %j becomes %j", (key, text, value) => {
    expect(check({ [key]: text }, [`desk.${key}`]).value).toMatchObject({ [key]: value });
  });

  test.each([
    ["port", "8x"],
    ["port", "x8"],
    ["share", "1."],
    ["share", ".5"],
    ["share", "--1"],
    ["share", ""],
    ["verbose", "yes"],
    ["verbose", "1"],
    ["list", "1"],
  ])("but not %s: %j", (key, text) => {
    expect(check({ [key]: text }, [`desk.${key}`]).problems).toHaveLength(1);
  });

  test("in the items of lists too, several at once, and only where a variable stands", () => {
    const value = { list: [{ size: "1" }, { size: "2" }] };
    expect(check(value, ["desk.list[0].size", "desk.list[1].size"]).value?.list).toEqual([
      { size: 1 },
      { size: 2 },
    ]);
    const { problems } = check(value, ["desk.list[1].size"]);
    expect(problems?.map(({ path }) => path)).toEqual(["desk.list[0].size"]);
  });

  test("also beside something that is wrong for another reason", () => {
    const { problems } = check({ kind: "odd", port: "8", verbose: "x" }, ["desk.port", "desk.verbose"]);
    expect(problems?.map(({ path }) => path)).toEqual(["desk.verbose", "desk.kind"]);
  });
});

describe("what is wrong is told with its remedy", () => {
  test.each<[string, object, { path: string; reason: string; remedy: string }]>([
    [
      "a setting that is missing",
      { list: [{}] },
      { path: "desk.list[0].size", reason: "is missing", remedy: "Add it" },
    ],
    [
      "a number for a text",
      { name: 12 },
      {
        path: "desk.name",
        reason: "expected string, received number",
        remedy: "Put it in quotes, so that YAML keeps it as text",
      },
    ],
    [
      "a switch for a text",
      { name: true },
      {
        path: "desk.name",
        reason: "expected string, received boolean",
        remedy: "Correct it: Name of the desk",
      },
    ],
    [
      "a number that is too large",
      { port: 10 },
      { path: "desk.port", reason: "expected number to be <=9", remedy: "Correct it: Port of the desk" },
    ],
    [
      "a number that is too small",
      { port: 0 },
      { path: "desk.port", reason: "expected number to be >=1", remedy: "Correct it: Port of the desk" },
    ],
    [
      "another word",
      { kind: "fats" },
      { path: "desk.kind", reason: "must be one of slow, fast", remedy: 'Did you mean "fast"?' },
    ],
    [
      "another setting",
      { prot: 1 },
      { path: "desk.prot", reason: "there is no such setting", remedy: 'Did you mean "port"?' },
    ],
    [
      "another setting deeper down",
      { list: [{ size: 1, siez: 1 }] },
      { path: "desk.list[0].siez", reason: "there is no such setting", remedy: 'Did you mean "size"?' },
    ],
    [
      "a name that cannot be used",
      { names: { ABC: 1 } },
      { path: "desk.names.ABC", reason: "this name cannot be used", remedy: "Write small letters" },
    ],
  ])("%s", (_what, value, problem) => {
    const { problems } = check(value);
    expect(problems).toHaveLength(1);
    expect(problems?.[0]).toMatchObject({
      path: problem.path,
      reason: problem.reason,
      remedy: expect.stringContaining(problem.remedy),
    });
    expect(problems?.[0]).not.toHaveProperty("line");
  });

  test("with the line of its place in the whole file", () => {
    const { problems, asked } = check({ list: [{ size: 1 }, {}] }, [], 12);
    expect(problems?.[0]).toMatchObject({ line: 12 });
    expect(asked).toEqual([["desk", "list", 1, "size"]]);
  });

  test("all at once, each key that is unknown by itself", () => {
    const { problems } = check({ one: 1, two: 2, port: 0 });
    expect(problems?.map(({ path }) => path)).toEqual(["desk.port", "desk.one", "desk.two"]);
  });
});
