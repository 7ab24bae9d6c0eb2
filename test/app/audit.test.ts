import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { createAudit } from "../../src/app/audit.ts";
import { auditedStore } from "../../src/app/audited-store.ts";
import { renewSecrets } from "../../src/app/renew-secrets.ts";
import type { Config } from "../../src/config/schema.ts";
import { readEntry } from "../../src/domain/audit.ts";
import { verifyAudit } from "../../src/domain/audit-verify.ts";
import { PluginError } from "../../src/sdk/index.ts";
import { createAudits } from "../../src/store/audits.ts";
import { noCipher } from "../../src/store/cipher.ts";
import { createStore } from "../../src/store/store.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { commentAdded } from "../support/builders.ts";
import { createClock } from "../support/clock.ts";
import { fails } from "../support/fake-helpdesk.ts";
import { openRedis, uniqueChannel } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { type AppSetup, setUpApp } from "./app-setup.ts";

const SECRET = "a secret that is long enough to be one";

async function entriesOf({ store, channel }: Pick<AppSetup, "store" | "channel">) {
  const chain = await store.audits.read(channel);
  return chain.texts.flatMap((text) => readEntry(text) ?? []);
}

it("start, stop, an opt-out and a stopped channel are written down, once each, with no personal data", async () => {
  const setup = await setUpApp({ audit: { secret: SECRET } });
  const { desk, whatsapp, store, channel } = setup;
  const app = await setup.start();
  const second = await setup.start("worker");
  const acts = async () => (await entriesOf(setup)).map(({ what }) => what);
  await setup.write(app, "The street light is broken");
  await setup.write(app, "STOP");
  await until("both comments", () => desk.comments.length === 2);
  const [ticket] = desk.tickets;
  if (!ticket) throw new Error("there is no ticket");
  whatsapp.script.always("send", fails("auth"));
  const { id, externalId } = ticket;
  await setup.report(app, [commentAdded({ ticket: { id, externalId }, body: "We are on our way" })]);
  await until("the stop", async () => (await acts()).includes("channel.stopped"));
  whatsapp.script.always("send", "ok");
  await until("the end of the stop", async () => (await acts()).includes("channel.resumed"));
  await second.stop();
  await app.stop();

  const entries = await entriesOf(setup);
  const [started] = entries;
  expect(started).toMatchObject({ by: "system", what: "process.started" });
  expect(started?.detail).toMatchObject({
    role: "all",
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    settings: expect.stringMatching(/^[0-9a-f]{20}$/),
    mapping: expect.stringMatching(/^contact@[0-9a-f]{12} /),
  });
  const count = (what: string) => entries.filter((entry) => entry.what === what).length;
  expect(["process.started", "process.stopped"].map(count)).toEqual([2, 2]);
  expect(["consent.changed", "channel.stopped", "channel.resumed"].map(count)).toEqual([1, 1, 1]);
  expect(entries.find(({ what }) => what === "consent.changed")?.detail).toMatchObject({
    person: expect.stringMatching(/^[0-9a-f]{20}$/),
    scope: "all",
    state: "stop",
    source: "message",
    evidence: expect.stringMatching(/^[0-9a-f]{20}$/),
  });
  const chain = await store.audits.read(channel);
  expect(chain.texts.join("\n")).not.toMatch(/7700900|wamid|street|Ada|STOP"/);
  expect(chain.texts.join("\n")).not.toContain(SECRET);
  expect(verifyAudit(chain, { secrets: [SECRET] })).toEqual({ good: entries.length });
}, 30_000);

it("a helpdesk that refuses the account is in the log of the channels whose conversations go to it", async () => {
  let isRefused = true;
  const setup = await setUpApp({
    connector: {
      checkConnection: async () => {
        if (isRefused) throw new PluginError({ kind: "auth", operatorMessage: "the token is refused" });
        return [];
      },
    },
  });
  const { desk } = setup;
  const app = await setup.start();
  const acts = async () => (await entriesOf(setup)).map(({ what }) => what);
  desk.script.always("upsertContact", fails("auth"));
  await setup.write(app, "The street light is broken");
  await until("the stop", async () => (await acts()).includes("connection.stopped"));
  isRefused = false;
  desk.script.always("upsertContact", "ok");
  await until("the end of it", async () => (await acts()).includes("connection.resumed"), {
    withinMs: 15_000,
  });
}, 30_000);

it("a changed mapping is in the log: refused with its reason, or taken with its versions", async () => {
  const folder = await mkdtemp(join(tmpdir(), "deskferry-audit-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(new URL("../../mappings/sandbox", import.meta.url), folder, { recursive: true });
  const setup = await setUpApp({ mapping: folder, watchSeconds: 0.05 });
  const file = join(folder, "ticket.jsonata");
  const good = await readFile(file, "utf8");
  await setup.start();
  const found = async (what: string) => (await entriesOf(setup)).filter((entry) => entry.what === what);
  await writeFile(file, "{");
  const [refused] = await until("the refusal", async () => {
    const all = await found("mapping.refused");
    return all.length > 0 && all;
  });
  expect(refused?.detail).toMatchObject({
    mapping: folder,
    reason: expect.stringContaining("ticket.jsonata"),
  });
  await writeFile(file, `/* another text */ ${good}`);
  const [taken] = await until("the new version", async () => {
    const all = await found("mapping.taken");
    return all.length > 0 && all;
  });
  const [started] = await found("process.started");
  const versions = taken?.detail["versions"]?.split(" ") ?? [];
  const others = started?.detail["mapping"]?.split(" ").filter((version) => versions.includes(version)) ?? [];
  expect(others).toHaveLength(versions.length - 1);
}, 30_000);

it("new secrets are in the log of their channel and of those whose conversations go to their connection", async () => {
  const redis = await openRedis();
  const [city, park] = [uniqueChannel(redis), uniqueChannel(redis)];
  const { config } = await setUpApp();
  const [route] = config.routes;
  if (!route) throw new Error("there is no route");
  const own: Config = {
    ...config,
    channels: { [city]: { type: "fake", settings: {} }, [park]: { type: "fake", settings: {} } },
    routes: [
      { ...route, channel: city, connection: "desk" },
      { ...route, channel: park, connection: "other" },
    ],
  };
  const store = createStore(redis);
  const clock = createClock();
  const { audits } = store;
  const job = renewSecrets({
    secrets: {
      secretFiles: { add: () => undefined, paths: () => [], haveChanged: async () => true },
      reload: () => own,
    },
    config: own,
    parts: {
      routes: new Map(own.routes.map((each) => [each.channel, each])),
      renew: vi
        .fn()
        .mockReturnValueOnce({ channels: [park], connections: ["desk"] })
        .mockImplementation(() => {
          throw new PluginError({ kind: "rejected", operatorMessage: "the key is too short" });
        }),
    },
    guards: new Map(),
    store,
    cipher: noCipher,
    queues: { hurry: async () => undefined },
    metrics: createMetrics(),
    audit: createAudit({ settings: own.audit, audits, by: "system", clock }),
    logger: createLogger("silent"),
    clock,
  });
  await job.run();
  await job.run();
  const told = async (channel: string) =>
    (await entriesOf({ store, channel })).map(({ what, detail }) => ({ what, ...detail }));
  const refused = { what: "secrets.refused", reason: "the key is too short" };
  expect(await told(city)).toEqual([{ what: "secrets.taken", connection: "desk" }, refused]);
  expect(await told(park)).toEqual([{ what: "secrets.taken", channel: park }, refused]);
});

it("templates are in the log when the account has others than before, in whatever order", async () => {
  const { channel, audit, audits, redis } = await setUpAudit();
  const { templates } = auditedStore(createStore(redis), { audit, routes: [] });
  const one = {
    header: [],
    body: ["1"],
    buttons: [],
    alsoNeeds: [],
    status: "APPROVED",
    category: "UTILITY",
  };
  const [solved, closed] = ["solved", "closed"].map((name) => ({ ...one, name, language: "en" }));
  if (!solved || !closed) throw new Error("there are no templates");
  const told = async (found: (typeof solved)[]) => {
    await templates.replace(channel, found, 1);
    return (await audits.read(channel)).texts.length;
  };
  expect(await told([solved, closed])).toBe(1);
  expect(await told([closed, solved])).toBe(1);
  expect(await told([closed, { ...solved, status: "PAUSED" }])).toBe(2);
  expect(await told([closed])).toBe(3);
});

it("an opt-out whose event is handled again because its entry could not be written is written down once", async () => {
  const redis = await openRedis();
  const channel = uniqueChannel(redis);
  const store = createStore(redis);
  const audits = createAudits(redis);
  let isDown = true;
  const audit = createAudit({
    settings: { keepDays: 400, log: false, formerSecrets: [] },
    audits: {
      ...audits,
      append: async (...args) => {
        if (isDown) throw new Error("Redis is gone");
        return audits.append(...args);
      },
    },
    by: "system",
    clock: createClock(),
  });
  const { consents } = auditedStore(store, { audit, routes: [] });
  const key = { channel, person: "0123456789abcdef0123" };
  const consent = {
    state: "stop",
    at: "2026-11-02T08:00:00.000Z",
    evidence: "e1",
    source: "message",
  } as const;
  await expect(consents.note(key, "all", consent)).rejects.toThrow("gone");
  isDown = false;
  expect(await consents.note(key, "all", consent)).toBe(true);
  expect(await consents.note(key, "all", consent)).toBe(true);
  expect((await audits.read(channel)).texts).toHaveLength(1);
  expect(await consents.note(key, "all", { ...consent, at: "2026-11-01T08:00:00.000Z" })).toBe(false);
  expect((await audits.read(channel)).texts).toHaveLength(1);
});

async function setUpAudit(settings: { keepDays?: number; log?: boolean } = {}) {
  const redis = await openRedis();
  const channel = uniqueChannel(redis);
  const clock = createClock();
  const audits = createAudits(redis);
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const metrics = createMetrics();
  const audit = createAudit({
    settings: { keepDays: 3, log: false, formerSecrets: [], ...settings },
    audits,
    by: "system",
    clock,
    logger,
    metrics,
  });
  return { redis, channel, clock, audits, audit, logger, metrics };
}

it("entries go by whole days, once a day however often it is looked, and the chain stays whole", async () => {
  const { channel, clock, audits, audit } = await setUpAudit();
  for (let hour = 0; hour < 24 * 6; hour++) {
    await audit.record([channel], { what: "channel.resumed", detail: { hour: String(hour) } });
    await audit.trim([channel]);
    clock.advance(3_600_000);
  }
  const chain = await audits.read(channel);
  expect(verifyAudit(chain).fault).toBeUndefined();
  const entries = chain.texts.flatMap((text) => readEntry(text) ?? []);
  // It began on 2 November at 9; the last look is on the 8th at 8, so that the 5th is the first day that is kept whole.
  expect(entries[0]?.at.slice(0, 10)).toBe("2026-11-05");
  expect(entries.filter(({ what }) => what === "audit.trimmed").map(({ at }) => at.slice(0, 10))).toEqual([
    "2026-11-06",
    "2026-11-07",
    "2026-11-08",
  ]);
});

it("the log gets each entry where the settings want it, and nothing otherwise", async () => {
  for (const log of [true, false]) {
    const { channel, audit, logger } = await setUpAudit({ log });
    await audit.record([channel], { what: "channel.stopped", detail: { reason: "auth" } });
    const line = {
      event: "audit",
      channel,
      seq: 1,
      what: "channel.stopped",
      by: "system",
      detail: { reason: "auth" },
    };
    expect(logger.info.mock.calls).toMatchObject(log ? [[expect.any(String), line]] : []);
  }
});

it("an entry that cannot be written is counted and told, and stops nothing", async () => {
  const { redis, channel, audit, logger, metrics } = await setUpAudit();
  await redis.set(`{deskferry:${channel}}:audit`, "not a list");
  await audit.note([channel], { what: "channel.stopped", detail: {} });
  expect(logger.error).toHaveBeenCalledOnce();
  expect(await metrics.registry.metrics()).toContain("deskferry_audit_failed_total 1");
});
