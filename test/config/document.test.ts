import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readDocument } from "../../src/config/document.ts";
import { ConfigError } from "../../src/config/errors.ts";
import { pathText } from "../../src/config/setting-path.ts";
import { createVariableReader, VariableFileError } from "../../src/config/variables.ts";

const root = mkdtempSync(join(tmpdir(), "document-"));
afterAll(() => rmSync(root, { recursive: true }));

const variables: Record<string, string> = { ONE: "1", EMPTY: "" };
const read = (text: string) => readDocument("none.yaml", (name) => variables[name], text);

describe("values", () => {
  test("have their variables filled in, and those that had one are known by their place", () => {
    const { value, interpolated, problems, source } = read(
      `a: \${ONE}\nb:\n  - x\n  - [y, 'z\${ONE}']\nc: 1\n`,
    );
    expect(value).toEqual({ a: "1", b: ["x", ["y", "z1"]], c: 1 });
    expect([...interpolated]).toEqual(["a", "b[1][1]"]);
    expect(problems).toEqual([]);
    expect(source).toContain(`a: \${ONE}`);
  });

  test("of an empty file are none; keys are left as they stand", () => {
    expect(read("").value).toEqual({});
    expect(read(`\${ONE}: x\n`).value).toEqual({ [`\${ONE}`]: "x" });
  });

  test("have the line of their key, or of the nearest thing around them", () => {
    const { lineOf } = read("a:\n  b:\n    - x\n    - y\n  c: 1\n");
    const lines = [["a"], ["a", "b"], ["a", "b", 1], ["a", "c", "d"], ["a", "x"], ["x"], []].map((path) =>
      lineOf(path),
    );
    expect(lines).toEqual([1, 2, 4, 5, 1, undefined, undefined]);
  });
});

describe("what is wrong is told by its place and with its remedy", () => {
  const missing = {
    reason: "the environment variable TWO is not set",
    remedy: "Set TWO, or TWO_FILE to a file that holds it",
  };
  const malformed = {
    reason: "something here begins like a variable but is none",
    remedy: `Write \${NAME} or \${NAME:-default} with letters, digits and _; $\${ for a plain \${`,
  };
  const check = "Check the indentation, colons and quotes";

  test.each([
    [`a: 1\nb: ['\${TWO}']\n`, [{ path: "b[0]", line: 2, ...missing }]],
    [
      `a: \${EMPTY}\${TWO}\n`,
      [
        { path: "a", line: 1, reason: expect.stringContaining("EMPTY") },
        { path: "a", line: 1, ...missing },
      ],
    ],
    [`a: '\${x y'\n`, [{ path: "a", line: 1, ...malformed }]],
    [
      "a: *b\n",
      [{ path: "", reason: "an alias (*name) has no anchor or there are too many", remedy: "Write it out" }],
    ],
    [
      "a: 1\na: 2\nb: 1\nb: 2\n",
      [2, 4].map((line) => ({
        path: "",
        line,
        reason: "the same key stands here twice",
        remedy: "Remove one",
      })),
    ],
    [
      "a: 1\n b: 2\n",
      [
        {
          path: "",
          line: 1,
          reason: "this is not valid YAML (BLOCK_AS_IMPLICIT_KEY, column 4)",
          remedy: check,
        },
      ],
    ],
    ["a:\n\t- b\n", [expect.objectContaining({ line: 2, remedy: "Indent with spaces" })]],
    [
      `a: { b: \${ONE} }\n`,
      [expect.objectContaining({ line: 1, remedy: `Inside { } and [ ] write "\${NAME}" in quotes` })],
    ],
  ])("%j", (text, problems) => {
    expect(read(text).problems).toMatchObject(problems);
    expect(read(text).problems).toHaveLength(problems.length);
  });

  test("a file that cannot be read at all", () => {
    const { problems, value, source, lineOf, interpolated } = readDocument(join(root, "none.yaml"), () => "");
    expect(problems).toEqual([
      {
        path: "",
        reason: "cannot be read (ENOENT)",
        remedy: "Start from deskferry.example.yaml, or name the file with --config",
      },
    ]);
    expect([value, source, lineOf(["a"]), interpolated.size]).toEqual([undefined, undefined, undefined, 0]);
  });

  test("a variable whose file cannot be read; other errors are ours", () => {
    const fails = (error: Error) => () =>
      readDocument(
        "none.yaml",
        () => {
          throw error;
        },
        `a: \${ONE}\n`,
      );
    const { problems, interpolated } = fails(new VariableFileError("ONE", "EACCES"))();
    expect(problems).toEqual([
      {
        path: "a",
        line: 1,
        reason: "the file that ONE_FILE names cannot be read (EACCES)",
        remedy: "Correct the path or the file's permissions",
      },
    ]);
    expect(interpolated).toEqual(new Set(["a"]));
    expect(fails(new Error("ours"))).toThrow("ours");
  });
});

describe("a variable", () => {
  const file = join(root, "secret");
  writeFileSync(file, "a\nsecret\r\n");

  test("is its own value, else what its file holds without the line end, and the file is told of", () => {
    const told: string[] = [];
    const readIn = (env: Record<string, string>) => createVariableReader(env, (path) => told.push(path))("A");
    expect(readIn({ A: "own", A_FILE: file })).toBe("own");
    expect(readIn({})).toBeUndefined();
    expect(readIn({ A: "", A_FILE: "" })).toBe("");
    expect(told).toEqual([]);
    expect(readIn({ A: "", A_FILE: file })).toBe("a\nsecret");
    expect(told).toEqual([file]);
    expect(createVariableReader({ A_FILE: file })("A")).toBe("a\nsecret");
  });

  test("whose file is not there is named with its code", () => {
    const readA = createVariableReader({ A_FILE: join(root, "none") });
    expect(() => readA("A")).toThrow(
      expect.objectContaining({
        name: "VariableFileError",
        message: "the file that A_FILE names cannot be read (ENOENT)",
      }),
    );
  });
});

test("the way to a setting is written as in JavaScript, and an error holds all problems with it", () => {
  expect(pathText(["a", "b", 0, 1, "c"])).toBe("a.b[0][1].c");
  expect(pathText([0, "a"])).toBe("[0].a");
  const error = new ConfigError("f.yaml", [
    { path: "a", line: 2, reason: "is missing", remedy: "Add it" },
    { path: "", reason: "is odd", remedy: "Mend it" },
  ]);
  expect(error.message).toBe(
    "f.yaml: 2 problem(s)\n- a (line 2): is missing. Add it.\n- the file: is odd. Mend it.",
  );
  expect(error).toMatchObject({ name: "ConfigError", file: "f.yaml" });
});
