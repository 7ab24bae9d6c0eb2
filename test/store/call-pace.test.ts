import { describe, expect, it } from "vitest";
import { createCallPace } from "../../src/store/call-pace.ts";
import { createClock } from "../support/clock.ts";
import { openRedis, uniqueConnection } from "../support/redis.ts";

const PER_MINUTE = (calls: number) => ({ calls, windowMs: 60_000 });

async function setUp(limit = 0) {
  const redis = await openRedis();
  const connection = uniqueConnection(redis);
  const pace = createCallPace(redis);
  const clock = createClock();
  const bound = limit > 0 ? PER_MINUTE(limit) : undefined;
  const turn = (who: string, begins = true) =>
    pace.turn(connection, { who, begins, limit: bound, now: clock.now() });
  return { connection, pace, clock, turn };
}

describe("turns at calling a helpdesk", () => {
  it("without a limit are everybody's at once", async () => {
    const { turn } = await setUp();
    for (const who of ["a", "b", "c", "d"]) expect(await turn(who)).toBe(0);
  });

  it("go to a burst at once, then one after the other, to everybody at a time of their own", async () => {
    const { turn } = await setUp(100);
    const waits = [];
    for (const who of ["a", "b", "c", "d", "e"]) waits.push(await turn(who));
    // 97 of 100 a minute, of which two at once.
    expect(waits).toEqual([0, 0, 619, 1238, 1856]);
  });

  it("are kept by those who come again, early, in time or late, and nobody pushes in", async () => {
    const { turn, clock } = await setUp(100);
    for (const who of ["a", "b", "c", "d"]) await turn(who);
    clock.advance(400);
    expect(await turn("c")).toBe(219);
    expect(await turn("newcomer")).toBe(1456);
    clock.advance(219);
    expect(await turn("another")).toBeGreaterThan(1456);
    expect(await turn("c")).toBe(0);
    clock.advance(3000);
    expect([await turn("newcomer"), await turn("d")]).toEqual([0, 0]);
  });

  it("move back, for the whole line, by each call of something begun", async () => {
    const { turn } = await setUp(100);
    for (const who of ["a", "b", "c", "d"]) await turn(who);
    expect(await turn("a", false)).toBe(619);
    expect([await turn("c"), await turn("d")]).toEqual([1238, 1856]);
  });

  it("are in no window, wherever it begins, more than the limit", async () => {
    for (const limit of [100, 330]) {
      const { turn, clock } = await setUp(limit);
      const times: number[] = [];
      let waitMs = 0;
      while (times.length < limit * 1.5) {
        clock.advance(waitMs);
        waitMs = await turn(`call ${times.length}`);
        if (waitMs === 0) times.push(clock.now());
      }
      const most = Math.max(
        ...times.map((from) => times.filter((time) => time >= from && time < from + 60_000).length),
      );
      expect(most).toBeLessThanOrEqual(limit);
      expect(most).toBeGreaterThan(limit * 0.95);
    }
  });

  it("stand still in a pause, and come in the same order after it", async () => {
    const { turn, pace, clock, connection } = await setUp(100);
    for (const who of ["a", "b", "c", "d"]) await turn(who);
    await pace.pause(connection, 7000, clock.now());
    await pace.pause(connection, 1000, clock.now());
    expect([await turn("c"), await turn("d"), await turn("e")]).toEqual([7619, 8238, 8856]);
    clock.advance(7000);
    expect([await turn("c"), await turn("d")]).toEqual([619, 1238]);
    clock.advance(619);
    expect(await turn("c")).toBe(0);
  });

  it("come ten a second after a pause of a helpdesk whose limit nobody knows", async () => {
    const { turn, pace, clock, connection } = await setUp();
    await pace.pause(connection, 2000, clock.now());
    expect([await turn("a"), await turn("b"), await turn("c")]).toEqual([2000, 2100, 2200]);
    clock.advance(2000);
    expect(await turn("a")).toBe(0);
  });

  it("follow the stricter of the settings and of what the helpdesk says", async () => {
    const { turn, pace, connection } = await setUp(100);
    await pace.learn(connection, { calls: 600, windowMs: 60_000 });
    expect([await turn("a"), await turn("b"), await turn("c")]).toEqual([0, 0, 619]);
    await pace.learn(connection, { calls: 5, windowMs: 10_000 });
    const [next, after] = [await turn("d"), await turn("e")];
    expect(after - next).toBe(2500);
  });

  it("are not held up for good by a worker whose clock is a day ahead", async () => {
    const { turn, pace, clock, connection } = await setUp(100);
    clock.advance(86_400_000);
    for (const who of ["a", "b", "c"]) await turn(who);
    await pace.pause(connection, 3_600_000, clock.now());
    clock.advance(-86_400_000);
    expect(await turn("d")).toBeLessThan(60_000 * 2);
  });
});
