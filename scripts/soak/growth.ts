import type { Held, Sample } from "./sample.ts";

/** How much more there is of each thing every minute. */
export interface Growth {
  intakeHeapBytes: number;
  workerHeapBytes: number;
  intakeDescriptors: number;
  workerDescriptors: number;
  lastingKeys: number;
}

/**
 * Most growth a minute; what grows more is a leak. Connections come and go, which alone may look like a quarter of a
 * descriptor a minute. Redis holds lasting keys for people and tickets, not for messages.
 */
export const MOST: Growth = {
  intakeHeapBytes: 1_000_000,
  workerHeapBytes: 1_000_000,
  intakeDescriptors: 1,
  workerDescriptors: 1,
  lastingKeys: 1,
};

/** Over less time garbage alone may look like megabytes a minute. */
export const JUDGED_MINUTES = 20;

/** Of samples after the warm-up, over at least two minutes. */
export function growthOf(samples: readonly Sample[]): Growth {
  const of = (pick: (sample: Sample) => number) => slopeOf(floorsOf(samples, pick));
  const ofBoth = (field: keyof Held) =>
    [of(({ intake }) => intake[field]), of(({ worker }) => worker[field])] as const;
  const [intakeHeapBytes, workerHeapBytes] = ofBoth("heapBytes");
  const [intakeDescriptors, workerDescriptors] = ofBoth("descriptors");
  const lastingKeys = of((sample) => sample.lastingKeys);
  return { intakeHeapBytes, workerHeapBytes, intakeDescriptors, workerDescriptors, lastingKeys };
}

/** One sentence for each thing that grows too fast, as measured over so many minutes; none where these are too few to tell. */
export function leaksIn(growth: Growth, minutes: number): string[] {
  if (minutes < JUDGED_MINUTES) return [];
  const names = Object.keys(MOST) as (keyof Growth)[];
  return names
    .filter((name) => !(growth[name] <= MOST[name]))
    .map((name) => `${name} grow by ${Math.round(growth[name])} a minute, at most ${MOST[name]} is meant`);
}

interface Floor {
  minute: number;
  least: number;
}

/** The least of each minute: what was in use when garbage had just been collected, and no burst was under way. */
function floorsOf(samples: readonly Sample[], pick: (sample: Sample) => number): Floor[] {
  const floors = new Map<number, number>();
  for (const sample of samples) {
    const minute = Math.floor(sample.seconds / 60);
    floors.set(minute, Math.min(floors.get(minute) ?? Number.POSITIVE_INFINITY, pick(sample)));
  }
  return [...floors].map(([minute, least]) => ({ minute, least }));
}

/** Least squares. */
function slopeOf(floors: readonly Floor[]): number {
  const count = floors.length;
  if (count < 2) throw new Error("growth shows over two minutes at least");
  const middle = floors.reduce((sum, { minute }) => sum + minute, 0) / count;
  const above = floors.reduce((sum, { minute, least }) => sum + (minute - middle) * least, 0);
  const below = floors.reduce((sum, { minute }) => sum + (minute - middle) ** 2, 0);
  return above / below;
}
