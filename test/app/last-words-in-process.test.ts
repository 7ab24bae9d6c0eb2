import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { endOnUnforeseen } from "../../src/app/last-words.ts";
import type { Logger } from "../../src/telemetry/logger.ts";

const handlers = new Map<string | symbol, (error: unknown) => void>();
const exit = vi.fn();
beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(process, "on").mockImplementation((name, handler) => {
    handlers.set(name, handler);
    return process;
  });
  vi.spyOn(process, "exit").mockImplementation(exit as never);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  handlers.clear();
  exit.mockReset();
});

test.each([
  ["uncaughtException", new TypeError("Asha wrote"), { kind: "TypeError", stack: expect.anything() }],
  ["unhandledRejection", new Error("Asha wrote"), { kind: "Error", stack: expect.anything() }],
  ["unhandledRejection", "Asha wrote", { kind: "string" }],
])("after an %s the process ends with 1, once its last line had time to get out", (event, error, told) => {
  const said: unknown[] = [];
  endOnUnforeseen({ error: (...words: unknown[]) => said.push(words) } as unknown as Logger);
  expect([...handlers.keys()]).toEqual(["uncaughtException", "unhandledRejection"]);
  handlers.get(event)?.(error);
  expect(said).toEqual([["an unforeseen error outside of any handler; the process ends", told]]);
  expect(JSON.stringify(said)).not.toContain("Asha");
  vi.advanceTimersByTime(99);
  expect(exit).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(exit).toHaveBeenCalledWith(1);
});
