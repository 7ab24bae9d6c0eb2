import { expect, test } from "vitest";
import { CLOCK_DOUBT_MS, mayBeOpen } from "../../src/domain/window.ts";

const WRITTEN = "2026-11-18T11:06:40.000Z";
const after = (hours: number, minutes = 0, seconds = 0) =>
  Date.parse(WRITTEN) + ((hours * 60 + minutes) * 60 + seconds) * 1000;

test.each([
  ["at once", after(0), true],
  ["after 23:59:58", after(23, 59, 58), true],
  ["after 24:00:02, which may be within it by Meta's clock", after(24, 0, 2), true],
  ["after 24:04:59", after(24, 4, 59), true],
  ["after 24:05", after(24, 5), false],
  ["after 25 h", after(25), false],
])("P12: free text %s may be tried: %s", (_name, now, open) => {
  expect(mayBeOpen(WRITTEN, now)).toBe(open);
});

test("R46: whatever our clock is off by, up to five minutes, free text is tried to the window's last second", () => {
  for (const offBy of [-CLOCK_DOUBT_MS, -1000, 0, 1000, CLOCK_DOUBT_MS]) {
    expect(mayBeOpen(WRITTEN, after(23, 59, 58) + offBy)).toBe(true);
  }
});

test("P12: a message dated after our clock opens the window too", () => {
  expect(mayBeOpen(WRITTEN, after(0) - 30_000)).toBe(true);
});

test("P12: whoever never wrote, or at an unreadable time, can only get a template", () => {
  expect(mayBeOpen(undefined, after(0))).toBe(false);
  expect(mayBeOpen("", after(0))).toBe(false);
  expect(mayBeOpen("yesterday", after(0))).toBe(false);
});
