import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { asRows, goalsOf } from "../../scripts/bench/goals.ts";
import { bytesOfOneMore } from "../../scripts/bench/growth/growth.ts";
import { plotLines } from "../../scripts/bench/growth/line-plot.ts";
import { inTurn } from "../../scripts/bench/options.ts";
import { measuredBefore, namesIn, type Run } from "../../scripts/bench/parts.ts";
import { sharesOf } from "../../scripts/bench/profile.ts";
import { describePerformance } from "../../scripts/bench/report.ts";

const run: Run = {
  at: "2026-11-21",
  commit: "0123abc",
  machine: "2 × a processor, Node 20",
  command: "npm run bench -- --only ordered",
  rounds: 5,
  seconds: 4,
};
const spread = (median: number) => ({ median, least: median, most: median });
const ordered = { run, result: { ordered: spread(1900), unordered: spread(2000) } };

test("a part that nobody knows is refused with the names of those there are", () => {
  expect(namesIn("calls, path")).toEqual(["calls", "path"]);
  expect(() => namesIn("calls,nothing")).toThrow(/there are calls, intake, path/);
});

test("goals are told of what was measured, and of nothing else", () => {
  expect(asRows(goalsOf({ ordered }))).toEqual({
    rows: [{ name: "ordered / unordered", value: 0.95, must: ">= 0.9", aim: ">= 1" }],
  });
});

test("an older commit is compared so that more is better, with costs and with gains", () => {
  const rows = [
    { what: "messages/s", isCost: false, before: spread(100), now: spread(250) },
    { what: "µs", isCost: true, before: spread(100), now: spread(50) },
  ];
  const against = { run, result: { commit: "0123abc", rows } };
  expect(goalsOf({ against }).map(({ value }) => value)).toEqual([2.5, 2]);
});

test("the page tells of each part when and how it was measured, and leaves out what was not", () => {
  const page = describePerformance({ ordered });
  expect(page).toContain("*2026-11-21, commit 0123abc, 5 rounds, 4 s: `npm run bench -- --only ordered`*");
  expect(page).not.toContain("## Intake");
});

test("what was kept of another machine is no part of this one's page", () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "bench-kept-")), "kept.json");
  expect(measuredBefore(file, run)).toEqual({});
  const calls = { run: { ...run, machine: "another" }, result: {} };
  writeFileSync(file, JSON.stringify({ ordered, calls }));
  expect(measuredBefore(file, run)).toEqual({ ordered });
});

test("every other round goes backwards", () => {
  expect([0, 1, 2].map((round) => inTurn(["a", "b"], round).join(""))).toEqual(["ab", "ba", "ab"]);
});

test("what one more costs is told by the end of a curve, where what is fixed counts least", () => {
  const points = [10, 1000, 2000].map((size) => ({ size, bytes: 1_000_000 + 500 * size }));
  expect(bytesOfOneMore(points)).toBe(500);
});

test("a plot has a title, a description and every point, on a scale that holds them", () => {
  const points = [
    { x: 1000, y: 2.5 },
    { x: 1_000_000, y: 7.2 },
  ];
  const lines = [{ name: "p50 & more", points }];
  const plot = plotLines({
    ...{ title: "A < B", description: "What it shows", x: "conversations" },
    panels: [{ title: "Latency", unit: "ms", lines }],
  });
  expect(plot).toContain('<title id="t">A &lt; B</title>');
  expect(plot).toContain('<desc id="d">What it shows</desc>');
  expect(plot).toContain("p50 &amp; more");
  expect(plot).toContain(">1M</text>");
  const heights = [...plot.matchAll(/<circle cx="[\d.]+" cy="([\d.]+)"/g)].map(([, y]) => Number(y));
  // Two points and the one of the legend, which comes last; larger values stand higher.
  expect(heights).toHaveLength(3);
  expect(heights[0]).toBeGreaterThan(heights[1] ?? 0);
  expect(plot).not.toContain("NaN");
});

test("a profile tells whose time it was within a span, native code with whom it served, and leaves idling out", () => {
  const frame = (id: number, functionName: string, url: string, children: number[] = []) => ({
    id,
    callFrame: { functionName, url },
    children,
  });
  const nodes = [
    frame(1, "(root)", "", [2, 3, 4, 5]),
    frame(2, "store", "file:///home/it/dist/src/store/mailbox.js", [6]),
    frame(3, "(idle)", ""),
    frame(4, "(garbage collector)", ""),
    frame(5, "onread", "node:net"),
    frame(6, "send", "file:///home/it/node_modules/ioredis/built/Redis.js", [7]),
    frame(7, "writev", ""),
  ];
  const samples = [2, 7, 3, 4, 5, 2];
  const timeDeltas = [10, 30, 1000, 10, 40, 20];
  const shares = sharesOf({ nodes, startTime: 0, samples, timeDeltas }, [10, 1090]);
  expect(shares).toEqual([
    { part: "Node itself", percent: (100 * 40) / 90 },
    { part: "ioredis", percent: (100 * 30) / 90 },
    { part: "src/store", percent: (100 * 10) / 90 },
    { part: "garbage collection", percent: (100 * 10) / 90 },
  ]);
});
