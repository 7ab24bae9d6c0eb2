import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { channelTag, keys } from "../../src/store/keys.ts";
import { createPace, numberPace } from "../../src/store/pace.ts";
import { createClock } from "../support/clock.ts";
import { keysLike, openRedis, uniqueChannel } from "../support/redis.ts";

/** Two workers, each with a connection of its own, and one clock that stands still until it is moved. */
async function setUp(messagesPerSecond = 80) {
  const redis = await openRedis();
  const workers = [createPace(redis), createPace(await openRedis())] as const;
  const channel = uniqueChannel(redis);
  const clock = createClock();
  let asked = 0;
  /** Asks as one worker, then as the other, and so on. */
  const take = (person: string) =>
    workers[asked++ % 2 === 0 ? 0 : 1].take({ channel, person }, { messagesPerSecond, now: clock.now() });
  return { redis, channel, clock, take };
}

/** The most of these times (milliseconds) that lie within one stretch of this length, its end not counted. */
function mostWithin(times: readonly number[], ms: number): number {
  return Math.max(0, ...times.map((start) => times.filter((t) => t >= start && t < start + ms).length));
}

describe("P25: the limit of a business number", () => {
  test.each([
    [4, { burst: 1, perSecond: 2 }],
    [20, { burst: 1, perSecond: 14 }],
    [80, { burst: 6, perSecond: 54 }],
    [1000, { burst: 75, perSecond: 675 }],
  ])("of %i a second leaves a quarter to what people write", (limit, { burst, perSecond }) => {
    const pace = numberPace(limit);
    expect(pace).toEqual({ burst, intervalMicros: Math.ceil(1_000_000 / perSecond) });
    expect(burst + perSecond).toBeLessThanOrEqual(limit * 0.75);
  });

  test.each([4, 20, 80, 1000])("of %i is kept by two workers together, in any second", async (limit) => {
    const { clock, take } = await setUp(limit);
    const given: number[] = [];
    let person = 0;
    // Everybody asks all the time, and nobody minds what they were told.
    for (const end = clock.now() + 2500; clock.now() < end; clock.advance(7)) {
      for (let n = 0; n < 10; n++) if (!(await take(`p${person++}`))) given.push(clock.now());
    }
    expect(mostWithin(given, 1000)).toBeLessThanOrEqual(limit * 0.75);
    // Nor is much of it left unused: 10 ask every 7 ms, more than is allowed.
    const { intervalMicros } = numberPace(limit);
    expect(given.length).toBeGreaterThan((0.9 * 2_500_000) / intervalMicros);
  });

  test("is told as the time after which the next one goes out, not a millisecond sooner", async () => {
    const { clock, take } = await setUp(20);
    expect(await take("a")).toBeUndefined();
    expect(await take("b")).toEqual({ by: "number", waitMs: 72 });
    clock.advance(71);
    expect(await take("c")).toMatchObject({ by: "number" });
    clock.advance(1);
    expect(await take("b")).toBeUndefined();
  });

  test("lets 200 people who write at once through in the time that it takes, each asking about twice", async () => {
    const { clock, take } = await setUp();
    const start = clock.now();
    const waiting = Array.from({ length: 200 }, (_, n) => ({ person: `p${n}`, at: start }));
    const given: number[] = [];
    let asked = 0;
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      clock.advance(Math.max(0, next.at - clock.now()));
      const paced = await take(next.person);
      asked++;
      if (paced) waiting.push({ ...next, at: clock.now() + paced.waitMs });
      else given.push(clock.now());
      waiting.sort((one, two) => one.at - two.at);
    }
    expect(given).toHaveLength(200);
    expect(asked).toBeLessThanOrEqual(420);
    expect(clock.now() - start).toBeLessThan((200 / 54) * 1000 + 200);
    expect(mostWithin(given, 1000)).toBeLessThanOrEqual(60);
  });

  test("is not held up by a worker whose clock is a day fast", async () => {
    const { clock, take } = await setUp();
    clock.advance(86_400_000);
    for (let n = 0; n < 50; n++) await take("ada");
    clock.advance(-86_400_000);
    expect(await take("ada")).toBeUndefined();
  });

  test("is each number's own", async () => {
    const one = await setUp(4);
    const two = await setUp(4);
    expect(await one.take("a")).toBeUndefined();
    expect(await one.take("a")).toMatchObject({ by: "number" });
    expect(await two.take("a")).toBeUndefined();
  });
});

describe("P25: the limit of messages to one person", () => {
  /** So many go out at once; the number itself must allow them. */
  async function burst(setup: Awaited<ReturnType<typeof setUp>>, count: number) {
    for (let n = 0; n < count; n++) expect(await setup.take("ada")).toBeUndefined();
  }

  test("is 45 at once, then one every 6 seconds, to the millisecond", async () => {
    const setup = await setUp(1000);
    await burst(setup, 45);
    for (let n = 0; n < 5; n++) {
      expect(await setup.take("ada")).toEqual({ by: "person", waitMs: 6000 });
      setup.clock.advance(5999);
      expect(await setup.take("ada")).toEqual({ by: "person", waitMs: 1 });
      setup.clock.advance(1);
      expect(await setup.take("ada")).toBeUndefined();
    }
  });

  test("has to be paid back: 45 at once again after 270 seconds of silence, not before", async () => {
    const setup = await setUp(1000);
    await burst(setup, 45);
    setup.clock.advance(264_000);
    await burst(setup, 44);
    expect(await setup.take("ada")).toEqual({ by: "person", waitMs: 6000 });
    setup.clock.advance(270_000);
    await burst(setup, 45);
    expect(await setup.take("ada")).toMatchObject({ by: "person" });
  });

  test("R42: keeps nobody else waiting, and costs the number nothing while it refuses", async () => {
    const setup = await setUp(1000);
    await burst(setup, 45);
    const before = await setup.redis.hgetall(keys.pace(setup.channel));
    for (let n = 0; n < 200; n++) expect(await setup.take("ada")).toMatchObject({ by: "person" });
    expect(await setup.redis.hgetall(keys.pace(setup.channel))).toEqual(before);
    for (let n = 0; n < 30; n++) expect(await setup.take(`other${n}`)).toBeUndefined();
  });

  test("costs nothing while the number refuses: both or none", async () => {
    const setup = await setUp(4);
    expect(await setup.take("ada")).toBeUndefined();
    const key = keys.personPace(setup.channel, "ada");
    const before = await setup.redis.hgetall(key);
    for (let n = 0; n < 100; n++) expect(await setup.take("ada")).toMatchObject({ by: "number" });
    expect(await setup.redis.hgetall(key)).toEqual(before);
  });
});

test("P25: whenever messages come, in no stretch of time do more go out than the burst and what has come back", async () => {
  const { redis, clock } = await setUp();
  const arrivals = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 9000 }),
      person: fc.constantFrom("a", "b"),
      count: fc.integer({ min: 1, max: 30 }),
    }),
    { minLength: 1, maxLength: 15 },
  );
  const limits = fc.constantFrom(4, 20, 80, 1000);
  await fc.assert(
    fc.asyncProperty(arrivals, limits, async (all, messagesPerSecond) => {
      const pace = createPace(redis);
      const channel = uniqueChannel(redis);
      const given: { person: string; at: number }[] = [];
      for (const { afterMs, person, count } of all) {
        clock.advance(afterMs);
        const now = clock.now();
        const asked = Array.from({ length: count }, () =>
          pace.take({ channel, person }, { messagesPerSecond, now }),
        );
        for (const paced of await Promise.all(asked)) if (!paced) given.push({ person, at: now });
      }
      expectWithin(
        given.map(({ at }) => at),
        numberPace(messagesPerSecond),
      );
      for (const name of ["a", "b"]) {
        const times = given.filter(({ person }) => person === name).map(({ at }) => at);
        expectWithin(times, { burst: 45, intervalMicros: 6_000_000 });
      }
    }),
    { numRuns: 60 },
  );
});

/** Between any two of the times, both counted, there are no more than the pace allows. */
function expectWithin(times: readonly number[], pace: { burst: number; intervalMicros: number }): void {
  for (const [first, from] of times.entries()) {
    for (const [index, to] of times.slice(first).entries()) {
      const allowed = pace.burst + Math.floor(((to - from) * 1000) / pace.intervalMicros);
      if (index + 1 > allowed) expect.fail(`${index + 1} within ${to - from} ms, allowed are ${allowed}`);
    }
  }
}

test("a number that is silent leaves nothing behind: both buckets expire when they are full again", async () => {
  const { redis, channel, take } = await setUp();
  await take("ada");
  const left = await keysLike(redis, `${channelTag(channel)}:pace*`);
  expect(left).toHaveLength(2);
  for (const key of left) {
    const ttl = await redis.pttl(key);
    expect(ttl).toBeGreaterThan(50_000);
    expect(ttl).toBeLessThanOrEqual(67_000);
  }
});
