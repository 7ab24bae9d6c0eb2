import type { Clock } from "../sdk/clock.ts";

export const systemClock: Clock = { now: () => Date.now() };

/** A clock that a test or the demo page can put forward, so that windows close and addresses expire at once. */
export interface ShiftableClock extends Clock {
  advance(ms: number): void;
}

export function createShiftableClock(base: Clock): ShiftableClock {
  let offset = 0;
  return {
    now: () => base.now() + offset,
    advance(ms) {
      offset += ms;
    },
  };
}
