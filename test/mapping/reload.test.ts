import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MappingError } from "../../src/mapping/errors.ts";
import { createMapper, type Mapper } from "../../src/mapping/mapper.ts";
import { createReloader, type Reloader, type ReloadOutcome } from "../../src/mapping/reload.ts";

/** Each change starts a child process from the sources, and the machine may be busy. */
vi.setConfig({ testTimeout: 60_000 });

let root: string;
let folder: string;
let mapper: Mapper;
let reloader: Reloader;
let told: ReloadOutcome[];

/** A mapping folder whose comments tell which one made them. */
function filesOf(mark: string): Record<string, string> {
  const test = (input: unknown, expected: unknown) =>
    JSON.stringify([{ name: `of ${mark}`, input, expected }]);
  return {
    "contact.jsonata": `{"name": person.name}`,
    "contact.test.json": test({ person: { name: "A" } }, { name: "A" }),
    "ticket.jsonata": `{"subject": message.text}`,
    "ticket.test.json": test({ message: { text: "b" } }, { subject: "b" }),
    "comment.jsonata": `{"body": "${mark} " & message.text}`,
    "comment.test.json": test({ message: { text: "c" } }, { body: `${mark} c`, visibility: "public" }),
  };
}

async function save(files: Record<string, string>, into = folder): Promise<void> {
  await mkdir(into, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(into, name), text);
}

async function says(): Promise<string> {
  const { record } = await mapper.map(folder, "comment", { message: { text: "hello" } });
  return record.body;
}

/** Two looks that agree, the first of which sees the change. */
async function looks(): Promise<void> {
  await reloader.look();
  await reloader.look();
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "reload-"));
  folder = join(root, "mine");
  mapper = createMapper({ children: 1 });
  told = [];
  reloader = createReloader({ mapper, folders: [folder], told: (outcome) => told.push(outcome) });
});
afterEach(async () => {
  await mapper.close();
  await rm(root, { recursive: true });
});

async function start(): Promise<void> {
  await save(filesOf("one"));
  await reloader.load();
}

describe("a changed mapping folder", () => {
  test("is in use after two looks that saw the same, and not before", async () => {
    await start();
    await save(filesOf("two"));
    await reloader.look();
    expect(await says()).toBe("one hello");
    await reloader.look();
    expect(await says()).toBe("two hello");
    expect(told).toEqual([{ folder, is: "in use" }]);
    await looks();
    expect(told).toHaveLength(1);
  });

  test("is not tried as long as it keeps changing", async () => {
    await start();
    for (const mark of ["two", "three", "four"]) {
      await save(filesOf(`${mark}${mark.length}`));
      await reloader.look();
    }
    expect(await says()).toBe("one hello");
    await reloader.look();
    expect(await says()).toBe("four4 hello");
  });

  test("that changes during its tests is left for the next looks", async () => {
    await start();
    const changing = createReloader({
      folders: [folder],
      told: (outcome) => told.push(outcome),
      mapper: {
        load: mapper.load,
        replace: (path, accept) =>
          mapper.replace(path, async (trial) => {
            await writeFile(join(folder, "comment.jsonata"), `{"body": "half`);
            await accept(trial);
          }),
      },
    });
    await changing.load();
    await save(filesOf("two"));
    await changing.look();
    await changing.look();
    expect(await says()).toBe("one hello");
    expect(told).toEqual([]);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ["a syntax error", { "comment.jsonata": `{\n"body": ` }, /comment\.jsonata.*S0/],
    [
      "an expression that is not allowed",
      { "comment.jsonata": `{"body":\n $eval(message.text)}` },
      /comment\.jsonata:2:\d+: \$eval is switched off/,
    ],
    [
      "a test that fails",
      { "comment.jsonata": `{"body": "other"}` },
      /1 of 3 tests fail: .*comment\.test\.json: "of one"\. Run deskferry map test/,
    ],
    ["no tests", { "comment.test.json": "[]" }, /1 of 3 tests fail/],
    ["tests that are no JSON", { "ticket.test.json": "[{" }, /1 of 3 tests fail/],
    [
      "an expression without end",
      { "comment.jsonata": `($f := function($n) { $f($n) }; {"body": $f(1)})` },
      /1 of 3 tests fail/,
    ],
  ])(
    "with %s is refused with file and remedy, and the former one works on",
    async (_what, broken, reason) => {
      await start();
      await save(broken);
      await looks();
      expect(told).toEqual([{ folder, is: "refused", reason: expect.stringMatching(reason) }]);
      expect(reloader.refused()).toEqual([{ folder, reason: expect.stringMatching(reason) }]);
      expect(await says()).toBe("one hello");
      await looks();
      // What only a starved machine failed at is tried again, and what came of that is told.
      if (!reloader.refused()[0]?.reason.includes("too busy")) expect(told).toHaveLength(1);

      await save(filesOf("mended"));
      await looks();
      expect(told.at(-1)).toEqual({ folder, is: "in use" });
      expect(reloader.refused()).toEqual([]);
      expect(await says()).toBe("mended hello");
    },
  );

  test("switches as a whole: a good file beside a broken one is not used", async () => {
    await start();
    await save({ ...filesOf("two"), "ticket.jsonata": `{"subject": 1}` });
    await looks();
    expect(await says()).toBe("one hello");
  });

  test("that is gone for a while is refused, and used again when it is back", async () => {
    await start();
    await rename(folder, `${folder}-away`);
    await looks();
    expect(reloader.refused()).toHaveLength(1);
    expect(await says()).toBe("one hello");
    await rename(`${folder}-away`, folder);
    await looks();
    expect(reloader.refused()).toEqual([]);
  });

  test("is seen when a ConfigMap swaps its link, and when size and time stay the same", async () => {
    await save(filesOf("one"), join(root, "v1"));
    await save(filesOf("two"), join(root, "v2"));
    for (const version of ["v1", "v2"]) {
      for (const name of Object.keys(filesOf("one"))) await utimes(join(root, version, name), 1, 1);
    }
    await symlink(join(root, "v1"), join(root, "data"));
    await mkdir(folder);
    for (const name of Object.keys(filesOf("one")))
      await symlink(join(root, "data", name), join(folder, name));
    await reloader.load();
    await symlink(join(root, "v2"), join(root, "data-new"));
    await rename(join(root, "data-new"), join(root, "data"));
    await looks();
    expect(await says()).toBe("two hello");

    const same = filesOf("ten");
    for (const [name, text] of Object.entries(same)) {
      await writeFile(join(root, "v2", name), text);
      await utimes(join(root, "v2", name), 1, 1);
    }
    await looks();
    expect(await says()).toBe("ten hello");
  });

  test("whose tests ran out of time on a starved machine is tried again by itself, less and less often", async () => {
    await start();
    let tries = 0;
    let isStarved = true;
    const starving = createReloader({
      folders: [folder],
      told: (outcome) => told.push(outcome),
      mapper: {
        load: mapper.load,
        replace: (path, accept) =>
          mapper.replace(path, (trial) => {
            tries += 1;
            const stalled = new MappingError({ kind: "limit", file: "f", reason: "slow", isStalled: true });
            return accept(isStarved ? { ...trial, map: () => Promise.reject(stalled) } : trial);
          }),
      },
    });
    await starving.load();
    await save(filesOf("two"));
    const triedAt: number[] = [];
    for (let looks = 0; looks < 20; looks += 1) {
      const before = tries;
      await starving.look();
      if (tries > before) triedAt.push(looks);
    }
    // The first look sees the change.
    expect(triedAt).toEqual([1, 3, 6, 11]);
    expect(told).toEqual([{ folder, is: "refused", reason: expect.stringMatching(/too busy to tell/) }]);
    expect(await says()).toBe("one hello");
    isStarved = false;
    for (let looks = 0; looks < 10; looks += 1) await starving.look();
    expect(told.slice(1)).toEqual([{ folder, is: "in use" }]);
    expect(await says()).toBe("two hello");
    expect(starving.refused()).toEqual([]);
  });

  test("of a table beside the files is a change too", async () => {
    await start();
    await save({ "wards.csv": "code,name\n1,North\n" }, join(folder, "tables"));
    await looks();
    expect(told).toEqual([{ folder, is: "in use" }]);
    await save({ "wards.csv": "code,name\n1,South\n" }, join(folder, "tables"));
    await looks();
    expect(told).toHaveLength(2);
  });
});

test("evaluations under way while a folder is replaced end with the version that they began with", async () => {
  await start();
  await save(filesOf("two"));
  await reloader.look();
  const before = Array.from({ length: 50 }, () => says());
  await reloader.look();
  expect(new Set(await Promise.all(before))).toEqual(new Set(["one hello"]));
  expect(await says()).toBe("two hello");
});
