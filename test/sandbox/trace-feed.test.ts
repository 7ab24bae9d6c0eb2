import { expect, test } from "vitest";
import type { TraceEntry } from "../../src/domain/trace.ts";
import type { StreamEvent } from "../../src/sandbox/event-stream.ts";
import { createTraceFeed } from "../../src/sandbox/trace-feed.ts";

function entry(event: string): TraceEntry {
  const at = "2026-11-21T10:00:00.000Z";
  return { at, event, channel: "city", person: "a1", step: "accepted", detail: {} };
}

test("what comes later is replayed after the id that a page has seen, and told to those that listen", async () => {
  let go = () => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const feed = createTraceFeed(async function* () {
    await gate;
    for (const name of ["a", "b", "c"]) yield entry(name);
  });
  const heard: StreamEvent[] = [];
  const unheard: StreamEvent[] = [];
  feed.source.subscribe((event) => heard.push(event));
  feed.source.subscribe((event) => unheard.push(event))();
  go();
  await feed.reading;
  expect(heard).toEqual(["a", "b", "c"].map((name, index) => ({ id: index + 1, data: entry(name) })));
  expect(unheard).toEqual([]);
  expect(feed.source.replay(2).map(({ id }) => id)).toEqual([3]);
  expect(feed.source.replay(3)).toEqual([]);
});

test("a trace that breaks is told, and 2,000 entries are kept whole", async () => {
  const broken = createTraceFeed(async function* () {
    yield entry("a");
    throw new Error("gone");
  });
  await expect(broken.reading).rejects.toThrow("gone");
  expect(broken.source.replay(0)).toHaveLength(1);
  const full = createTraceFeed(async function* () {
    for (let index = 1; index <= 2000; index += 1) yield entry(String(index));
  });
  await full.reading;
  expect(full.source.replay(0)[0]?.id).toBe(1);
});
