import type { Clock } from "../../src/sdk/clock.ts";

/** Where test clocks begin: a Monday morning, so that dates in failures are easy to read. */
export const START = "2026-11-02T09:00:00.000Z";

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  /** The time now as ISO 8601. */
  iso(): string;
  /** To a time, ISO 8601. */
  set(iso: string): void;
  /** Forward by milliseconds. */
  advance(ms: number): void;
}

export function createClock(start: string = START): TestClock {
  let now = Date.parse(start);
  return {
    now: () => now,
    iso: () => new Date(now).toISOString(),
    set: (iso) => {
      now = Date.parse(iso);
    },
    advance: (ms) => {
      now += ms;
    },
  };
}
