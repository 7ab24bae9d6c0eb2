import { expect, it } from "vitest";
import { framesOf } from "../../src/telemetry/frames.ts";

it("shows where an error came from, and nothing of what it says", () => {
  const frames = framesOf(new TypeError("Asha Rao, 447700900123"));
  expect(frames).toMatch(/^\s+at .*frames\.test\.ts:\d+:\d+/);
  expect(frames).not.toMatch(/Asha|TypeError/);
});

it("is not taken in by a message that looks like frames", () => {
  const error = new Error("failed\n    at 12 Mill Lane (Asha Rao)\n    at home");
  expect(framesOf(error)).not.toMatch(/Mill|Asha|home/);
  expect(framesOf(error)).toMatch(/^\s+at /);
});

it("shows at most eight frames, and none where there are none", () => {
  const deep = (left: number): string => (left === 0 ? framesOf(new Error("deep")) : deep(left - 1));
  expect(deep(20).split("\n")).toHaveLength(8);
  expect(framesOf(Object.assign(new Error("bare"), { stack: undefined }))).toBe("");
});
