import type { Redis } from "ioredis";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { TraceEntry } from "../../src/domain/trace.ts";
import { keys } from "../../src/store/keys.ts";
import { createStore, type Store } from "../../src/store/store.ts";
import { openRedis, uniqueChannel } from "../support/redis.ts";

let redis: Redis;
let store: Store;
let channel: string;

beforeEach(async () => {
  redis = await openRedis();
  store = createStore(redis);
  channel = uniqueChannel(redis);
});

const entry = (event: string, step: TraceEntry["step"]): TraceEntry => ({
  at: "2026-11-02T10:00:00.000Z",
  event,
  channel,
  person: "3f9a",
  step,
  detail: { ticket: "17" },
});

test("a trace holds an event's steps in their order, and no other event's", async () => {
  const steps = ["accepted", "ticket.ensured", "comment.added"] as const;
  for (const step of steps) {
    await store.traces.add(entry("a", step));
    await store.traces.add(entry("b", step));
  }
  expect(await store.traces.of(channel, "a")).toEqual(steps.map((step) => entry("a", step)));
  expect(await store.traces.of(channel, "c")).toEqual([]);
});

test("entries of one turn of the event loop are written in their order, each channel its own", async () => {
  const other = uniqueChannel(redis);
  await Promise.all([
    ...Array.from({ length: 10 }, (_, n) =>
      store.traces.add({ ...entry("a", "planned"), detail: { n: `${n}` } }),
    ),
    store.traces.add({ ...entry("a", "sent"), channel: other }),
  ]);
  const told = (await store.traces.of(channel, "a")).map(({ detail }) => detail["n"]);
  expect(told).toEqual(Array.from({ length: 10 }, (_, n) => `${n}`));
  expect(await store.traces.of(other, "a")).toHaveLength(1);
});

test("the oldest entries of a channel fall off, so that traces do not grow for ever", async () => {
  const pipeline = redis.pipeline();
  for (let n = 0; n < 20_500; n++) pipeline.xadd(keys.trace(channel), "*", "entry", "{}");
  await pipeline.exec();
  await store.traces.add(entry("a", "accepted"));
  const length = await redis.xlen(keys.trace(channel));
  expect(length).toBeGreaterThanOrEqual(20_000);
  expect(length).toBeLessThan(20_200);
});

describe("following", () => {
  test("yields what comes from now on, whole and in order, however it is bunched", async () => {
    const own = await openRedis();
    const id = await own.client("ID");
    const follower = createStore(own).traces.follow(channel);
    await store.traces.add(entry("before", "accepted"));
    const first = follower.next();
    await expect.poll(() => redis.client("LIST", "ID", id)).toContain("cmd=xread");
    for (let n = 0; n < 5; n++) await store.traces.add(entry(`e${n}`, "accepted"));
    const seen = [(await first).value, ...(await take(follower, 4))];
    expect(seen.map((one) => one?.event)).toEqual(["e0", "e1", "e2", "e3", "e4"]);
    expect(seen[0]).toEqual(entry("e0", "accepted"));
  });

  test("misses nothing that comes between two looks", async () => {
    const own = await openRedis();
    const follower = createStore(own).traces.follow(channel);
    vi.spyOn(own, "xread").mockImplementationOnce(async () => {
      await store.traces.add(entry("meanwhile", "accepted"));
      return null;
    });
    expect((await follower.next()).value?.event).toBe("meanwhile");
  });

  async function take(entries: AsyncGenerator<TraceEntry>, count: number) {
    const taken = [];
    for (let n = 0; n < count; n++) taken.push((await entries.next()).value as TraceEntry | undefined);
    return taken;
  }
});

test("what was done for an event is remembered, step by step, for 8 days", async () => {
  expect(await store.steps.done(channel, "wamid.1")).toEqual({});
  await store.steps.remember(channel, "wamid.1", { ticket: "17" });
  await store.steps.remember(channel, "wamid.1", { comment: "4" });
  expect(await store.steps.done(channel, "wamid.1")).toEqual({ ticket: "17", comment: "4" });
  expect(await store.steps.done(channel, "wamid.2")).toEqual({});
  expect((await redis.ttl(keys.steps(channel, "wamid.1"))) / 86_400).toBeCloseTo(8, 2);
});
