import { expect, test } from "vitest";
import { isWindowOpen, WINDOW_MS } from "../../src/domain/window.ts";

const WRITTEN = "2026-11-18T11:06:40.000Z";
const after = (hours: number, minutes = 0, seconds = 0) =>
  Date.parse(WRITTEN) + ((hours * 60 + minutes) * 60 + seconds) * 1000;

test.each([
  ["at once", after(0), true],
  ["after 23 h 58 min 59 s", after(23, 58, 59), true],
  ["after 23 h 59 min, within a minute of the edge", after(23, 59), false],
  ["after 24 h", after(24), false],
  ["after 24 h 1 min", after(24, 1), false],
])("P12: free text %s: %s", (_name, now, open) => {
  expect(isWindowOpen(WRITTEN, now)).toBe(open);
});

test("P12: a clock of ours that is behind Meta's is allowed for by the margin", () => {
  const fiveMinutes = 5 * 60_000;
  // Our clock says 23:55, Meta's already 24:00.
  expect(isWindowOpen(WRITTEN, after(23, 55), fiveMinutes)).toBe(false);
  expect(isWindowOpen(WRITTEN, after(23, 54, 59), fiveMinutes)).toBe(true);
  expect(isWindowOpen(WRITTEN, Date.parse(WRITTEN) + WINDOW_MS - 1, 0)).toBe(true);
});

test("P12: a message dated after our clock opens the window too", () => {
  expect(isWindowOpen(WRITTEN, after(0) - 30_000)).toBe(true);
});

test("P12: whoever never wrote, or at an unreadable time, can only get a template", () => {
  expect(isWindowOpen(undefined, after(0))).toBe(false);
  expect(isWindowOpen("", after(0))).toBe(false);
  expect(isWindowOpen("yesterday", after(0))).toBe(false);
});
