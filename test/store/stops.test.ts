import { expect, test } from "vitest";
import { createAccountStops } from "../../src/store/account-stops.ts";
import { keys } from "../../src/store/keys.ts";
import { createStops } from "../../src/store/stops.ts";
import { openPersonal } from "./personal-setup.ts";

const NOW = 1_000_000;
const STOP = { reason: "account", says: "the account is locked", by: "answer" } as const;
const TEMPLATE = { name: "hello", language: "en" };

async function setUp() {
  const open = await openPersonal();
  return { ...open, stops: createStops(open.redis), accounts: createAccountStops(open.redis) };
}

test("a channel is stopped once, with the reason of the latest, until somebody resumes it", async () => {
  const { channel, other, stops } = await setUp();
  expect(await stops.channel(channel)).toBeUndefined();
  expect(await stops.stopChannel(channel, STOP, NOW)).toBe(true);
  expect(await stops.stopChannel(channel, { ...STOP, says: "still" }, NOW + 1)).toBe(false);
  expect(await stops.channel(channel)).toEqual({ reason: "account", says: "still" });
  expect(await stops.channel(other)).toBeUndefined();
  expect(await stops.resumeAfterAnswer(channel)).toBe(true);
  expect(await stops.resumeAfterAnswer(channel)).toBe(false);
  expect(await stops.channel(channel)).toBeUndefined();
});

test("a channel that a receipt stopped is not resumed by an answer, but by a receipt of something later", async () => {
  const { channel, stops } = await setUp();
  expect(await stops.resumeAfterReceipt(channel, NOW)).toBe(false);
  await stops.stopChannel(channel, { ...STOP, by: "receipt" }, NOW);
  expect(await stops.resumeAfterAnswer(channel)).toBe(false);
  expect(await stops.resumeAfterReceipt(channel, NOW - 1)).toBe(false);
  expect(await stops.resumeAfterReceipt(channel, NOW)).toBe(false);
  expect(await stops.resumeAfterReceipt(channel, NOW + 1)).toBe(true);
  expect(await stops.channel(channel)).toBeUndefined();
});

test("a stopped channel is probed after a second, by one, and each time later, a minute at most", async () => {
  const { channel, stops } = await setUp();
  const says = STOP.says;
  expect(await stops.probe(channel, NOW)).toBeUndefined();
  expect(await stops.waiting(channel, NOW)).toBe(0);
  await stops.stopChannel(channel, STOP, NOW);
  expect(await stops.probe(channel, NOW + 1)).toEqual({ says, waitMs: 999 });
  expect(await stops.waiting(channel, NOW + 1)).toBe(999);
  let now = NOW;
  for (const wait of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
    now += wait;
    expect(await stops.waiting(channel, now)).toBe(0);
    expect(await stops.probe(channel, now)).toEqual({ says, waitMs: 0 });
  }
  expect(await stops.probe(channel, now)).toEqual({ says, waitMs: 60_000 });
  expect(await stops.waiting(channel, now + 90_000)).toBe(0);
  await stops.probeNow(channel, now);
  expect(await stops.probe(channel, now)).toEqual({ says, waitMs: 0 });
  expect(await stops.waiting(channel, now)).toBe(2000);
});

test("a template is stopped for three hours, in its language only, or until it is lifted", async () => {
  const { redis, channel, other, stops } = await setUp();
  const [end, german] = [NOW + 3 * 3_600_000, { ...TEMPLATE, language: "de" }];
  await stops.stopTemplate(channel, TEMPLATE, { says: "paused", now: NOW });
  expect(await stops.template(channel, TEMPLATE, end - 1)).toBe("paused");
  expect(await stops.template(channel, TEMPLATE, end)).toBeUndefined();
  expect(await stops.template(channel, german, NOW)).toBeUndefined();
  expect(await stops.template(other, TEMPLATE, NOW)).toBeUndefined();
  expect(await stops.templates(channel, [german, TEMPLATE], NOW)).toEqual([{ ...TEMPLATE, says: "paused" }]);
  const left = await redis.pttl(keys.stoppedTemplate(channel, TEMPLATE));
  expect(left).toBeGreaterThan(3 * 3_600_000 - 60_000);
  expect(left).toBeLessThanOrEqual(3 * 3_600_000);
  await stops.liftTemplate(channel, TEMPLATE);
  expect(await stops.templates(channel, [german, TEMPLATE], NOW)).toEqual([]);
});

test("a stop without words is one too", async () => {
  const { redis, channel, stops } = await setUp();
  await redis.hset(keys.stoppedTemplate(channel, TEMPLATE), "until", NOW + 1);
  expect(await stops.template(channel, TEMPLATE, NOW)).toBe("");
  expect(await stops.templates(channel, [TEMPLATE], NOW)).toEqual([{ ...TEMPLATE, says: "" }]);
  await redis.hset(keys.stop(channel), "reason", "account");
  expect(await stops.channel(channel)).toEqual({ reason: "account", says: "" });
});

test("templates are held from a person for a day, whoever they turned out to be", async () => {
  const { redis, channel, stops } = await setUp();
  await redis.hset(keys.person(channel, "first"), "sameAs", "second");
  await redis.hset(keys.person(channel, "second"), "sameAs", "ada");
  await stops.holdTemplates({ channel, person: "first" }, { says: "no more", now: NOW });
  const end = NOW + 24 * 3_600_000;
  for (const person of ["first", "second", "ada"]) {
    expect(await stops.heldTemplates({ channel, person }, end - 1)).toBe("no more");
    expect(await stops.heldTemplates({ channel, person }, end)).toBeUndefined();
  }
  expect(await stops.heldTemplates({ channel, person: "eve" }, NOW)).toBeUndefined();
  expect(await redis.pttl(keys.held(channel, "ada"))).toBeGreaterThan(23 * 3_600_000);
});

test("a helpdesk's account is stopped once, probed after five seconds and ever later, and resumed once", async () => {
  const { redis, connection, accounts } = await setUp();
  expect(await accounts.waiting(connection, NOW)).toBeUndefined();
  expect(await accounts.reason(connection)).toBeUndefined();
  expect(await accounts.probe(connection, NOW)).toBe(0);
  expect(await accounts.stop(connection, "wrong password", NOW)).toBe(true);
  expect(await accounts.stop(connection, "locked", NOW + 10)).toBe(false);
  expect(await accounts.reason(connection)).toBe("locked");
  expect(await redis.hget(keys.accountStop(connection), "since")).toBe(String(NOW + 10));
  expect(await accounts.waiting(connection, NOW + 1)).toBe(4999);
  expect(await accounts.waiting(connection, NOW + 5001)).toBe(0);
  expect(await accounts.probe(connection, NOW + 4999)).toBe(1);
  let now = NOW + 5000;
  for (const wait of [10_000, 20_000, 40_000, 60_000, 60_000]) {
    expect(await accounts.probe(connection, now)).toBe(0);
    expect(await accounts.probe(connection, now)).toBe(wait);
    now += wait;
  }
  await accounts.probe(connection, now);
  await accounts.probeNow(connection, now);
  expect(await accounts.probe(connection, now)).toBe(0);
  expect(await accounts.resume(connection)).toBe(true);
  expect(await accounts.resume(connection)).toBe(false);
  await accounts.probeNow(connection, now);
  expect(await accounts.waiting(connection, now)).toBeUndefined();
});
