import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createComparison } from "../../src/mapping/compare.ts";
import { declaredTemplates } from "../../src/mapping/declared-templates.ts";
import { compile, evaluate } from "../../src/mapping/evaluate.ts";
import { createExpressions } from "../../src/mapping/expressions.ts";
import { missingLabels } from "../../src/mapping/lookups/read-labels.ts";
import { readLabelsOf, readLookups } from "../../src/mapping/lookups/read-lookups.ts";
import { createMapper, type Mapper } from "../../src/mapping/mapper.ts";
import { createReloader, type ReloadOutcome } from "../../src/mapping/reload.ts";

const root = mkdtempSync(join(tmpdir(), "faults-"));
let mapper: Mapper;

beforeAll(() => {
  mapper = createMapper({ children: 1 });
});

afterAll(async () => {
  await mapper.close();
  rmSync(root, { recursive: true });
});

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(root, "m-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const good = {
  "contact.jsonata": `{"name": person.name}`,
  "ticket.jsonata": `{"subject": message.text}`,
  "comment.jsonata": `{"body": message.text}`,
};

const shown = (path: string) => path.replace(/^.*\/m-[^/]*\//, "");
const read = (folder: string) =>
  readLookups(folder, shown).then(
    (lookups) => JSON.parse(lookups?.text ?? "null"),
    (error: Error) => error.message,
  );

describe("what stands beside a mapping", () => {
  test("leaves out what editors hide and links that lead nowhere", async () => {
    const folder = folderOf({ "tables/.#wards.csv": "rubbish", "tables/a.yaml": "b: 1\n" });
    symlinkSync(join(folder, "gone.csv"), join(folder, "tables", "gone.csv"));
    expect(await read(folder)).toMatchObject({ tables: { a: { b: 1 } } });
  });

  test("of a wrong kind names what cannot be read, and the remedy", async () => {
    const remedy = "Give access to it";
    expect(await read(folderOf({ tables: "a file" }))).toMatch(/tables: .*ENOTDIR.*Give access to it/);
    expect(await read(folderOf({ "labels.yaml/a": "a folder" }))).toContain(remedy);
  });

  test.each([
    ["tables/a.csv", "", "tables/a.csv:1: the first line must name two or more columns"],
    ["tables/a.yaml", "- a\n", "tables/a.yaml: "],
    ["tables/a.yaml", "a: *b\n", "tables/a.yaml: an alias (*name) has no anchor"],
  ])("%s that holds %j is refused", async (name, text, problem) => {
    expect(await read(folderOf({ [name]: text }))).toContain(problem);
  });

  test("may be an empty table; labels that are whole miss nothing, and those that are not say what", async () => {
    expect(await read(folderOf({ "tables/a.yaml": "" }))).toMatchObject({ tables: { a: {} } });
    const whole = folderOf({ "labels.yaml": "fallback: en\nlabels:\n  a: {en: A, hi: B}\n" });
    const labels = await readLabelsOf(whole);
    expect(labels && missingLabels(labels)).toEqual([]);
    const partly = { fallback: "en", texts: { a: { en: "A", hi: "B" }, b: { en: "C" } } };
    expect(missingLabels(partly)).toEqual(["b: hi"]);
    expect(await readLabelsOf(folderOf({}))).toBeUndefined();
  });
});

describe("a mapping file by itself", () => {
  test("that is not there, has another name or is too large is refused with the remedy", async () => {
    const folder = folderOf({ ...good, "contact.jsonata": " ".repeat(256 * 1024 + 1) });
    const refused = (name: string) => expect(mapper.mapFile(join(folder, name), {})).rejects;
    await refused("route.jsonata").toThrow("there is no such file");
    await refused("person.jsonata").toThrow("Call it contact, ticket");
    await refused("contact.jsonata").toThrow("the file is larger than 262144 bytes. Shorten it");
    rmSync(join(folder, "comment.jsonata"));
    await refused("comment.jsonata").toThrow("the file cannot be read (ENOENT)");
    await expect(mapper.load(folder)).rejects.toThrow("Every mapping folder needs it");
  });

  test("sees null where it is given nothing, and its folder's versions are told", async () => {
    const folder = folderOf(good);
    const path = join(folder, "contact.jsonata");
    const { record } = await mapper.mapSource(path, `{"name": $type($)}`, undefined);
    expect(record).toMatchObject({ name: "null" });
    expect(mapper.versions(folder)).toBe("");
    await mapper.load(folder);
    expect(mapper.versions(folder)).toMatch(/^contact@\w{12} ticket@\w{12} comment@\w{12}$/);
  });
});

test("a result that is too long names its largest field, and a list none", async () => {
  const pathOf = async (source: string) => {
    const compiled = compile(source);
    if (!compiled.ok) throw new Error(compiled.failure.reason);
    const verdict = await evaluate(compiled.program, {}, { timeoutMs: 2000, resultLength: 20 });
    return verdict.ok ? verdict.result : verdict.failure.path;
  };
  expect(await pathOf(`{"a": "x", "b": "${"x".repeat(30)}"}`)).toEqual(["b"]);
  expect(await pathOf(`["${"x".repeat(30)}", 1]`)).toEqual([]);
  expect(await pathOf(`"${"x".repeat(30)}"`)).toEqual([]);
});

test("an expression of the settings sees null where there is nothing, and tells where it failed", async () => {
  const expressions = createExpressions();
  const at = (source: string) => ({ source, place: "feed.items" });
  expect(await expressions.evaluate(at("$type($)"), undefined)).toBe("null");
  await expect(expressions.evaluate(at('\n$number("x")'), {})).rejects.toMatchObject({ line: 2 });
  await expressions.close();
});

describe("a comparison of two folders", () => {
  const mapperOf = (records: Record<string, unknown>) => ({
    map: async (folder: string) => {
      if (records[folder] instanceof Error) throw records[folder];
      return { record: records[folder], version: "0" } as never;
    },
  });
  const event = (text: string) => ({ kind: "comment" as const, input: { text } });

  test("shows at most three examples of a change, and a record that is there or not as a whole", async () => {
    const comparison = createComparison(mapperOf({ a: null, b: { body: "x" } }), { old: "a", new: "b" });
    for (const text of ["1", "2", "3", "4"]) await comparison.add(event(text));
    const [changes] = comparison.result();
    expect(changes).toMatchObject({ events: 4, changed: 4 });
    const whole = changes?.fields.find(({ field }) => field === "the record");
    expect(whole).toMatchObject({ events: 4, transitions: [{ from: "null", to: "nothing", events: 4 }] });
    expect(whole?.examples).toHaveLength(3);
  });

  test("ends with an error that is ours", async () => {
    const comparison = createComparison(mapperOf({ a: new Error("ours"), b: {} }), { old: "a", new: "b" });
    await expect(comparison.add(event("1"))).rejects.toThrow("ours");
  });
});

test("P14: a template with a picture above it is declared with the picture", async () => {
  const template = {
    name: "solved",
    language: "en",
    headerMedia: { type: "image", link: "https://city.example/map.png" },
  };
  const cases = [{ name: "a", input: {}, expected: { template } }];
  const files = { "confirmation.jsonata": "null", "confirmation.test.json": JSON.stringify(cases) };
  const { confirmations } = await declaredTemplates(folderOf(files));
  expect(confirmations).toEqual([[template]]);
});

describe("a changed folder whose tests", () => {
  /** Tries `folder` after a change; `map` is what its files make during the trial. */
  async function tried(folder: string, map: () => Promise<unknown>, replaceFails?: Error) {
    const told: ReloadOutcome[] = [];
    const trial = { load: async () => undefined, map } as unknown as Mapper;
    const replace: Mapper["replace"] = async (_folder, accept) => {
      if (replaceFails) throw replaceFails;
      await accept(trial);
    };
    const readPayload = async () => ({ message: { text: "recorded" } });
    const reloader = createReloader({
      mapper: { load: async () => undefined, replace },
      folders: [folder],
      readPayload,
      told: (outcome) => told.push(outcome),
    });
    await reloader.load();
    writeFileSync(join(folder, "comment.jsonata"), `{"body": "changed"}`);
    await reloader.look();
    await reloader.look();
    return { told, refused: reloader.refused() };
  }

  test("fail six times names five of them and how many more there are", async () => {
    const cases = Array.from({ length: 6 }, (_, index) => ({ name: `n${index}`, input: {}, expected: 1 }));
    const folder = folderOf({ ...good, "comment.test.json": JSON.stringify(cases) });
    const { told } = await tried(folder, async () => ({ record: 2 }));
    expect(told).toEqual([{ folder, is: "refused", reason: expect.stringContaining("and 3 more") }]);
  });

  test("read a recorded payload, and pass", async () => {
    const cases = [{ name: "n", payload: { file: "hook.json" }, expected: { body: "changed" } }];
    const file = JSON.stringify(cases);
    const plain = JSON.stringify([{ name: "n", input: {}, expected: { body: "changed" } }]);
    const tests = { "contact.test.json": plain, "ticket.test.json": plain, "comment.test.json": file };
    const { told, refused } = await tried(folderOf({ ...good, ...tests }), async () => ({
      record: { body: "changed" },
    }));
    expect(told).toMatchObject([{ is: "in use" }]);
    expect(refused).toEqual([]);
  });

  test("run while it changes once more is left for the next looks", async () => {
    const cases = JSON.stringify([{ name: "n", input: {}, expected: {} }]);
    const folder = folderOf({ ...good, "comment.test.json": cases });
    const map = async () => {
      writeFileSync(join(folder, "ticket.jsonata"), `{"subject": "changed as well"}`);
      return { record: {} };
    };
    expect(await tried(folder, map)).toEqual({ told: [], refused: [] });
  });

  test("cannot be run for a reason of ours is tried again, and the reason is thrown", async () => {
    const outcome = tried(folderOf(good), async () => ({}), new Error("no child starts"));
    await expect(outcome).rejects.toThrow("no child starts");
  });
});
