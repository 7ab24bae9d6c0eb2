import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MappingError, MappingLoadError } from "../../src/mapping/errors.ts";
import type { Mapper } from "../../src/mapping/mapper.ts";
import { createReloader, type Reloader, type ReloadOutcome } from "../../src/mapping/reload.ts";

let folder: string;
let told: ReloadOutcome[];
let loads: string[];
let replaced: number;
/** What a try of the folder does. */
let trying: (accept: (trial: Mapper) => Promise<void>) => Promise<void>;
let reloader: Reloader;
let size: number;

/** A mapper that loads anything and makes of every input the input. */
const trial = {
  load: async () => undefined,
  map: async (_folder: string, _kind: string, input: unknown) => ({ record: input, version: "1" }),
} as unknown as Mapper;

const stalled = new MappingError({ kind: "limit", file: "f", reason: "slow", isStalled: true });
const broken = new MappingError({ kind: "compile", file: "f", reason: "broken" });
const fail = (error: Error) => () => Promise.reject(error);

function save(name: string, cases: { name: string; isRight: boolean }[]): void {
  const all = cases.map(({ name: called, isRight }) => ({
    name: called,
    input: 1,
    expected: isRight ? 1 : 2,
  }));
  writeFileSync(join(folder, `${name}.test.json`), JSON.stringify(all));
}

/** Another size of a file that no test reads. */
function change(): void {
  size += 1;
  writeFileSync(join(folder, "ticket.jsonata"), "1".repeat(size));
}

async function looks(count: number): Promise<void> {
  for (let look = 0; look < count; look += 1) await reloader.look();
}

function reloaderOf(...folders: string[]): Reloader {
  const mapper = {
    load: async (path: string) => void loads.push(path),
    replace: async (_folder: string, accept: (one: Mapper) => Promise<void>) => {
      replaced += 1;
      await trying(accept);
    },
  };
  return createReloader({ mapper, folders, told: (outcome) => told.push(outcome) });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "decisions-"));
  [told, loads, replaced, size] = [[], [], 0, 0];
  trying = (accept) => accept(trial);
  for (const name of ["contact", "ticket", "comment"]) save(name, [{ name, isRight: true }]);
  change();
  reloader = reloaderOf(folder);
  await reloader.load();
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a folder", () => {
  test("that does not change is loaded once and never tried", async () => {
    await looks(3);
    expect([loads, replaced, told]).toEqual([[folder], 0, []]);
  });

  test("that was never loaded is tried when it changes, not when it is first seen", async () => {
    reloader = reloaderOf(folder);
    await looks(3);
    expect(replaced).toBe(0);
    change();
    await looks(2);
    expect(told).toEqual([{ folder, is: "in use" }]);
  });

  test("is tried once for each change", async () => {
    change();
    await looks(5);
    expect([replaced, told]).toEqual([1, [{ folder, is: "in use" }]]);
    expect(reloader.refused()).toEqual([]);
  });

  test("that is refused is refused once, until it changes", async () => {
    trying = fail(new MappingLoadError([broken, stalled]));
    change();
    await looks(9);
    expect(replaced).toBe(1);
    expect(told).toEqual([{ folder, is: "refused", reason: "f: broken\nf: slow" }]);
    expect(reloader.refused()).toEqual([{ folder, reason: "f: broken\nf: slow" }]);
    trying = fail(broken);
    change();
    await looks(2);
    expect(told[1]).toEqual({ folder, is: "refused", reason: "f: broken" });
    trying = (accept) => accept(trial);
    change();
    await looks(2);
    expect([told[2], reloader.refused()]).toEqual([{ folder, is: "in use" }, []]);
  });

  test("that changes while it fails is told of only when it stands still", async () => {
    trying = async () => {
      trying = fail(broken);
      change();
      throw broken;
    };
    change();
    await looks(2);
    expect([replaced, told]).toEqual([1, []]);
    await looks(2);
    expect([replaced, told.length]).toEqual([2, 1]);
  });

  test("beside one that fails for a reason of ours is looked at all the same, and is tried again", async () => {
    trying = fail(new Error("ours"));
    change();
    await reloader.look();
    await expect(reloader.look()).rejects.toThrow("ours");
    await expect(reloader.look()).rejects.toThrow("ours");
    trying = (accept) => accept(trial);
    await reloader.look();
    expect(told).toEqual([{ folder, is: "in use" }]);
  });
});

describe("a folder whose tests fail", () => {
  const wrong = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ name: `no ${n + 1}`, isRight: false }));
  const named = (count: number) =>
    Array.from({ length: count }, (_, n) => `${join(folder, "contact.test.json")}: "no ${n + 1}"`).join(", ");

  test.each([
    [1, 3, ""],
    [5, 7, ""],
    [6, 8, " and 1 more"],
    [9, 11, " and 4 more"],
  ])("is refused with %i of %i of them, five by name", async (count, all, more) => {
    save("contact", wrong(count));
    await looks(2);
    const shown = named(Math.min(count, 5));
    const reason = `${count} of ${all} tests fail: ${shown}${more}. Run deskferry map test ${folder}`;
    expect(reloader.refused()).toEqual([{ folder, reason }]);
  });

  test("is not told of when it changes meanwhile", async () => {
    save("contact", wrong(1));
    trying = async (accept) => {
      change();
      await accept(trial);
    };
    await looks(2);
    expect(told).toEqual([]);
  });
});

describe("a folder that only a starved machine failed at", () => {
  const busy = "The machine was too busy to tell; it is tried again by itself";

  test("is tried after 1, 2, 4 … looks, 64 at most, and told of once", async () => {
    trying = fail(stalled);
    change();
    const at: number[] = [];
    for (let look = 0; look < 270; look += 1) {
      const before = replaced;
      await reloader.look();
      if (replaced > before) at.push(look);
    }
    const gaps = at.slice(1).map((look, index) => look - (at[index] ?? 0) - 1);
    expect(gaps).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64]);
    expect(told).toEqual([{ folder, is: "refused", reason: `f: slow. ${busy}` }]);
  });

  test("is told of again when another reason comes out, and begins anew with a change", async () => {
    trying = fail(stalled);
    change();
    await looks(7);
    expect(replaced).toBe(3);
    change();
    await looks(4);
    expect(replaced).toBe(5);
    trying = fail(broken);
    await looks(3);
    expect(told.map((each) => (each.is === "refused" ? each.reason : each.is))).toEqual([
      `f: slow. ${busy}`,
      `f: slow. ${busy}`,
      "f: broken",
    ]);
    await looks(9);
    expect(replaced).toBe(6);
  });
});
