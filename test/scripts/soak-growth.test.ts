import { describe, expect, test } from "vitest";
import { seededRandom } from "../../scripts/chaos/random.ts";
import { growthOf, leaksIn, MOST } from "../../scripts/soak/growth.ts";
import type { Held, Sample } from "../../scripts/soak/sample.ts";

const MINUTES = 20;
const EVERY_SECONDS = 5;
const random = seededRandom(20261122);

/** Twenty minutes of samples; `more` is what a process holds beyond what it always does, at that minute. */
function samples(
  more: (minute: number) => { intake?: Partial<Held>; worker?: Partial<Held>; lastingKeys?: number },
): Sample[] {
  return Array.from({ length: (60 * MINUTES) / EVERY_SECONDS }, (_, index) => {
    const seconds = 300 + index * EVERY_SECONDS;
    const { intake, worker, lastingKeys = 0 } = more(seconds / 60);
    // Garbage of up to 40 MB, and connections that come and go.
    const held = ({ heapBytes = 0, descriptors = 0 }: Partial<Held> = {}) => ({
      heapBytes: 60e6 + 40e6 * random() + heapBytes,
      residentBytes: 180e6,
      descriptors: 40 + Math.floor(12 * random()) + Math.floor(descriptors),
    });
    const keys = { lastingKeys: 2500 + lastingKeys, expiringKeys: 100 * index };
    return { seconds, intake: held(intake), worker: held(worker), ...keys, redisBytes: 1e7 + index };
  });
}

describe("the soak", () => {
  test("takes garbage that comes and goes, and keys that go by themselves, for no leak", () => {
    expect(leaksIn(growthOf(samples(() => ({}))), MINUTES)).toEqual([]);
  });

  test.each([
    ["intakeHeapBytes", (minute: number) => ({ intake: { heapBytes: 1.5e6 * minute } })],
    ["workerHeapBytes", (minute: number) => ({ worker: { heapBytes: 1.5e6 * minute } })],
    ["intakeDescriptors", (minute: number) => ({ intake: { descriptors: 2 * minute } })],
    ["workerDescriptors", (minute: number) => ({ worker: { descriptors: 2 * minute } })],
    ["lastingKeys", (minute: number) => ({ lastingKeys: Math.floor(2 * minute) })],
  ])("finds %s that grow, and only those", (name, more) => {
    expect(leaksIn(growthOf(samples(more)), MINUTES)).toEqual([
      expect.stringMatching(new RegExp(`^${name} grow by \\d+ a minute, at most`)),
    ]);
  });

  test("judges nothing by a few minutes, in which garbage alone makes megabytes", () => {
    expect(leaksIn({ ...MOST, workerHeapBytes: 4e6 }, 2)).toEqual([]);
  });

  test("what cannot be told is no pass", () => {
    expect(leaksIn({ ...MOST, lastingKeys: Number.NaN }, MINUTES)).toHaveLength(1);
    const [first] = samples(() => ({}));
    if (!first) throw new Error("there are samples");
    expect(() => growthOf([first])).toThrow("two minutes");
  });
});
