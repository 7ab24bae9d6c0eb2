import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createAudit } from "../../src/app/audit.ts";
import { createRetention } from "../../src/app/retention.ts";
import { readEntry } from "../../src/domain/audit.ts";
import { channelTag, connectionTag, keys } from "../../src/store/keys.ts";
import { createStore } from "../../src/store/store.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { ticketChanged } from "../support/builders.ts";
import { createClock } from "../support/clock.ts";
import { openRedis, uniqueChannel } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { setUpApp } from "./app-setup.ts";

const DAY_MS = 86_400_000;
const settings = { deadLetterDays: 30, quarantineDays: 20, traceDays: 10, mediaHours: 24 };

async function setUp() {
  const redis = await openRedis();
  const channel = uniqueChannel(redis);
  const clock = createClock("2026-11-21T12:00:00.000Z");
  const ago = (days: number) => new Date(clock.now() - days * DAY_MS).toISOString();
  const store = createStore(redis);
  const folder = await mkdtemp(path.join(tmpdir(), "deskferry-retention-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const audit = createAudit({
    settings: { keepDays: 400, log: false, formerSecrets: [] },
    audits: store.audits,
    by: "system",
    clock,
  });
  const metrics = createMetrics();
  const config = { retention: settings, media: { folder, maxBytes: 1 } };
  const logger = createLogger("silent");
  const run = createRetention({ config, store, audit, metrics, logger, clock }, [channel]);
  return { redis, channel, clock, ago, store, folder, metrics, run };
}

it("S45: what is older than its setting is gone, and what is not is there", async () => {
  const { redis, channel, clock, ago, store, folder, metrics, run } = await setUp();
  const letter = (id: string, days: number) =>
    redis.hset(keys.dead(channel), id, JSON.stringify({ id, lane: "in", at: ago(days), event: "hidden" }));
  for (const [id, days] of [
    ["old", 30.01],
    ["young", 29.99],
  ] as const)
    await letter(id, days);
  const part = (reason: string, at?: string) =>
    redis.rpush(keys.quarantine(channel), JSON.stringify({ reason, payload: {}, ...(at ? { at } : {}) }));
  await part("of an older version");
  await part("old", ago(21));
  await part("of an older version, later");
  await part("young", ago(19));
  const step = (days: number) =>
    redis.xadd(
      keys.trace(channel),
      `${clock.now() - days * DAY_MS}-0`,
      "entry",
      JSON.stringify({ event: "e" }),
    );
  for (const days of [400, 11, 10.1, 9.9, 0]) await step(days);
  const names = ["0123456789abcdef0123", "0123456789abcdef0124.part", "0123456789abcdef0125", "notes.txt"];
  for (const name of names) await writeFile(path.join(folder, name), "x");
  const old = new Date(clock.now() - 25 * 3_600_000);
  for (const name of names.filter((each) => !each.endsWith("25")))
    await utimes(path.join(folder, name), old, old);

  await run();
  expect(await redis.hkeys(keys.dead(channel))).toEqual(["young"]);
  expect((await store.deadLetters.quarantine(channel)).map(({ reason }) => reason)).toEqual([
    "of an older version, later",
    "young",
  ]);
  expect(await store.traces.of(channel, "e")).toHaveLength(2);
  // What is not called as we call files is not ours.
  expect((await readdir(folder)).sort()).toEqual(["0123456789abcdef0125", "notes.txt"]);
  const { texts } = await store.audits.read(channel);
  expect(texts.map((text) => readEntry(text)).map((entry) => [entry?.what, entry?.detail["count"]])).toEqual([
    ["dead.expired", "1"],
    ["quarantine.expired", "2"],
  ]);
  expect(await metrics.registry.metrics()).toContain(
    `deskferry_expired_total{channel="${channel}",what="quarantine"} 2`,
  );

  clock.advance(31 * DAY_MS);
  await run();
  expect(await store.deadLetters.count(channel)).toBe(0);
  expect(await store.deadLetters.quarantined(channel)).toBe(0);
  expect(await store.traces.of(channel, "e")).toEqual([]);
  expect(await readdir(folder)).toEqual(["notes.txt"]);
});

it("S45: the quarantine loses nothing that comes while its age is looked at", async () => {
  const { channel, store, redis } = await setUp();
  await redis.rpush(keys.quarantine(channel), "{}", "{}", "{}");
  expect(await store.deadLetters.dropQuarantined(channel, { count: 2, of: 2 })).toBe(false);
  expect(await store.deadLetters.quarantined(channel)).toBe(3);
  expect(await store.deadLetters.dropQuarantined(channel, { count: 2, of: 3 })).toBe(true);
  expect(await store.deadLetters.quarantined(channel)).toBe(1);
});

/** What stays until a person is erased or somebody acts, is bounded otherwise, or ends with what it belongs to. */
const stays = [
  // docs/decisions/0050: who it is, their ticket, and what they asked for.
  /:(person|alias|contact|ticket|consent:\w+):/,
  // A list of what goes on at the moment.
  /:(pending:\w+|undelivered|stop)$/,
  // The account's own, of nobody.
  /:templates(:state)?$/,
  /:account$/,
  // Trimmed by the round above, or by audit.keepDays.
  /:(trace|dead|quarantine|audit|audit:head)$/,
  // BullMQ's accounts of its queues, bounded by number.
  /:(in|out|receipt):(meta|events|id|stalled-check|stalled|marker|wait|active|delayed|prioritized|completed|failed|pc|paused)$/,
];

it("S45: every key that a conversation leaves expires within 35 days, or stands in the list of what stays", async () => {
  const setup = await setUpApp();
  const redis = await openRedis();
  const app = await setup.start();
  await setup.write(app, "The street light is broken");
  await setup.write(app, "stop");
  await until("both comments", () => setup.desk.comments.length === 2);
  await setup.write(app, "start");
  await until("the third", () => setup.desk.comments.length === 3);
  const [ticket] = setup.desk.tickets;
  if (!ticket) throw new Error("there is no ticket");
  const { id, externalId } = ticket;
  await setup.report(app, [ticketChanged({ ticket: { id, externalId, status: "solved" } })]);
  await until("the confirmation", () => setup.whatsapp.sent.length === 1);
  await app.stop();

  const found = [
    ...(await redis.keys(`${channelTag(setup.channel)}:*`)),
    ...(await redis.keys(`${connectionTag(setup.connection)}:*`)),
  ];
  expect(found.length).toBeGreaterThan(15);
  const endless: string[] = [];
  for (const key of found) {
    const seconds = await redis.ttl(key);
    const isShort = seconds >= 0 && seconds <= 40 * 86_400;
    if (!isShort && !stays.some((pattern) => pattern.test(key))) endless.push(`${key} ${seconds}`);
  }
  expect(endless).toEqual([]);
}, 30_000);
