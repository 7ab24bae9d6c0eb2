import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createShiftableClock, systemClock } from "../../src/sandbox/clock.ts";
import { journalSource } from "../../src/sandbox/event-stream.ts";
import { createJournal } from "../../src/sandbox/journal.ts";

const clock = { now: () => Date.parse("2026-11-21T10:00:00Z") };
const at = "2026-11-21T10:00:00.000Z";

test("entries are numbered from 1, stamped, and read from any of them on", () => {
  const journal = createJournal<{ a: number }>({ clock });
  expect(journal.append({ a: 1 })).toEqual({ a: 1, seq: 1, at });
  journal.append({ a: 2 });
  expect(journal.since(0).map(({ a }) => a)).toEqual([1, 2]);
  expect(journal.since(1)).toEqual([{ a: 2, seq: 2, at }]);
  expect(journal.since(-1)).toHaveLength(2);
  expect(journal.since(2)).toEqual([]);
});

test("listeners are told of later entries until they stop", () => {
  const journal = createJournal<{ a: number }>({ clock });
  const heard: [string, number][] = [];
  journal.append({ a: 0 });
  const stop = journal.subscribe(({ a }) => heard.push(["one", a]));
  journal.subscribe(({ a }) => heard.push(["two", a]));
  journal.append({ a: 1 });
  stop();
  journal.append({ a: 2 });
  expect(heard).toEqual([
    ["one", 1],
    ["two", 1],
    ["two", 2],
  ]);
});

test("the source of a journal's stream has the entries' numbers as ids", () => {
  const journal = createJournal<{ a: number }>({ clock });
  const source = journalSource(journal);
  journal.append({ a: 1 });
  const heard: unknown[] = [];
  const stop = source.subscribe((event) => heard.push(event));
  journal.append({ a: 2 });
  stop();
  journal.append({ a: 3 });
  const event = (a: number) => ({ id: a, data: { a, seq: a, at } });
  expect(source.replay(1)).toEqual([event(2), event(3)]);
  expect(heard).toEqual([event(2)]);
});

test("a file gets an entry a line, after what it held", async () => {
  const folder = await mkdtemp(join(tmpdir(), "journal-"));
  const file = join(folder, "ledger.jsonl");
  await writeFile(file, "old\n");
  const journal = createJournal<{ a: number }>({ clock, file });
  journal.append({ a: 1 });
  journal.append({ a: 2 });
  await journal.close();
  const lines = [1, 2].map((a) => JSON.stringify({ a, seq: a, at }));
  expect(await readFile(file, "utf8")).toBe(`old\n${lines.join("\n")}\n`);
  await rm(folder, { recursive: true });
  await createJournal({ clock }).close();
});

test("a clock is put forward as often as asked, and otherwise tells its base's time", () => {
  const shifted = createShiftableClock({ now: () => 1000 });
  expect(shifted.now()).toBe(1000);
  shifted.advance(5);
  shifted.advance(7);
  expect(shifted.now()).toBe(1012);
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
});
