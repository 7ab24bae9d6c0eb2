import { describe, expect, it, vi } from "vitest";
import { type RenewOptions, renewSecrets } from "../../src/app/renew-secrets.ts";
import { ConfigError } from "../../src/config/errors.ts";
import type { Config } from "../../src/config/schema.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { createClock } from "../support/clock.ts";

const NOTHING = { channels: [], connections: [] };
const config = {
  redis: { url: "redis://one" },
  channels: { city: { type: "fake", settings: { token: "a" } }, park: { type: "fake", settings: {} } },
  connections: { desk: { use: "fake", settings: { key: "a" } } },
  routes: [
    { channel: "city", connection: "desk", mapping: "m" },
    { channel: "park", connection: "other", mapping: "m" },
  ],
  encryption: { keys: [{ id: "k1" }], nameKey: "n" },
} as unknown as Config;

interface Given {
  current?: Config;
  next?: Config | Error;
  renewed?: { channels: string[]; connections: string[] } | Error;
  changed?: boolean;
}

function setUp({ current = config, next = config, renewed = NOTHING, changed = true }: Given) {
  const metrics = createMetrics();
  const told = {
    log: [] as unknown[][],
    audit: [] as unknown[],
    hurried: [] as string[],
    probed: [] as string[],
  };
  const write = (level: string) => (message: string, fields?: object) =>
    void told.log.push([level, message, ...(fields ? [fields] : [])]);
  const [mended, renewKeys] = [vi.fn(), vi.fn()];
  const fails = <T>(value: T | Error): T => {
    if (value instanceof Error) throw value;
    return value;
  };
  const job = renewSecrets({
    secrets: { secretFiles: { haveChanged: async () => changed }, reload: () => fails(next) },
    config: current,
    parts: {
      renew: () => fails(renewed),
      routes: new Map(current.routes.map((route) => [route.channel, route])),
    },
    guards: new Map([["desk", { mended }]]),
    store: { stops: { probeNow: async (channel: string) => void told.probed.push(channel) } },
    cipher: { renew: renewKeys },
    queues: { hurry: async (channel: string, lane: string) => void told.hurried.push(`${channel} ${lane}`) },
    metrics,
    audit: { note: async (channels: string[], deed: object) => void told.audit.push({ channels, ...deed }) },
    logger: { error: write("error"), warn: write("warn"), info: write("info") },
    clock: createClock(),
  } as unknown as RenewOptions);
  const counted = async () => {
    const { values } = await metrics.secretChanges.get();
    return values.filter(({ value }) => value > 0).map(({ labels, value }) => [labels["outcome"], value]);
  };
  return { job, told, mended, renewKeys, counted };
}

const QUIET = { log: [], audit: [], hurried: [], probed: [] };

describe("secrets that are looked for every two seconds", () => {
  it("that are as before do nothing at all", async () => {
    const { job, told, counted } = setUp({ changed: false, next: new Error("not asked for") });
    expect([job.name, job.everyMs]).toEqual(["secrets", 2000]);
    await job.run();
    expect([told, await counted()]).toEqual([QUIET, []]);
  });

  it("whose files changed, but nothing in them, do nothing either", async () => {
    const { job, told, renewKeys, counted } = setUp({});
    await job.run();
    expect([told, await counted()]).toEqual([QUIET, []]);
    expect(renewKeys).not.toHaveBeenCalled();
  });

  it("of a channel are taken, written down, and its stop and both its lanes are tried at once", async () => {
    const { job, told, mended, counted } = setUp({ renewed: { channels: ["city"], connections: [] } });
    await job.run();
    expect(told).toEqual({
      log: [["info", "new secrets are in use", { channels: ["city"], connections: [] }]],
      audit: [{ channels: ["city"], what: "secrets.taken", detail: { channel: "city" } }],
      hurried: ["city out", "city in"],
      probed: ["city"],
    });
    expect(await counted()).toEqual([["taken", 1]]);
    expect(mended).not.toHaveBeenCalled();
  });

  it("of a connection are tried by its guard, and by the channels that go to it and by no other", async () => {
    const { job, told, mended } = setUp({ renewed: { channels: [], connections: ["desk"] } });
    await job.run();
    expect(mended).toHaveBeenCalledTimes(1);
    expect([told.hurried, told.probed]).toEqual([["city in", "city out"], []]);
    expect(told.audit).toEqual([
      { channels: ["city"], what: "secrets.taken", detail: { connection: "desk" } },
    ]);
  });

  it("of contents are given to the cipher and written down for every channel", async () => {
    const encryption = { keys: [{ id: "k2" }, { id: "k1" }], nameKey: "n" };
    const next = { ...config, encryption } as unknown as Config;
    const { job, told, renewKeys, counted } = setUp({ next });
    await job.run();
    expect(renewKeys).toHaveBeenCalledExactlyOnceWith(encryption);
    expect(told).toEqual({
      ...QUIET,
      log: [["info", "new secrets are in use", { ...NOTHING, encryption: "keys" }]],
      audit: [{ channels: ["city", "park"], what: "secrets.taken", detail: { encryption: "keys" } }],
    });
    expect(await counted()).toEqual([["taken", 1]]);
    await job.run();
    expect(renewKeys).toHaveBeenCalledTimes(1);
  });

  it("of contents, where there was no encryption or is none any more, are left to a restart", async () => {
    const { encryption: _, ...plain } = config;
    for (const [current, next] of [
      [plain as Config, config],
      [config, plain as Config],
    ] as const) {
      const { job, renewKeys } = setUp({ current, next });
      await job.run();
      expect(renewKeys).not.toHaveBeenCalled();
    }
  });

  it.each<[string, object]>([
    ["Redis' address", { redis: { url: "redis://two" } }],
    ["the name key", { encryption: { keys: [{ id: "k1" }], nameKey: "other" } }],
    ["a connection's own settings of ours", { connections: { desk: { use: "other", settings: {} } } }],
    ["a channel's type", { channels: { ...config.channels, park: { type: "other", settings: {} } } }],
  ])("that only a restart can take, %s, are told once", async (_name, change) => {
    const { job, told, counted } = setUp({ next: { ...config, ...change } as Config });
    await job.run();
    await job.run();
    const message = "a secret that only a restart can change has changed: restart to use it";
    expect(told).toEqual({ ...QUIET, log: [["warn", message]] });
    expect(await counted()).toEqual([["restart", 1]]);
  });

  it.each<[string, Given, string[]]>([
    [
      "settings that are none",
      { next: new ConfigError("deskferry.yaml", [{ path: "channels.city", reason: "is missing" }] as never) },
      ["channels.city: is missing"],
    ],
    ["a part that cannot be built", { renewed: new TypeError("secret-value is odd") }, ["TypeError"]],
  ])("that cannot be used, %s, are refused, and the old ones stay", async (_name, given, reason) => {
    const { job, told, counted } = setUp(given);
    await job.run();
    expect(told).toEqual({
      ...QUIET,
      log: [["error", "the new secrets cannot be used; the old ones stay in use", { reason }]],
      audit: [{ channels: ["city", "park"], what: "secrets.refused", detail: { reason: reason.join("; ") } }],
    });
    expect(await counted()).toEqual([["refused", 1]]);
  });

  it("the log of changes keeps no more of a reason than fits", async () => {
    const problems = Array.from({ length: 100 }, (_, index) => ({ path: `a${index}`, reason: "is odd" }));
    const { job, told } = setUp({ next: new ConfigError("deskferry.yaml", problems as never) });
    await job.run();
    const [{ detail } = { detail: { reason: "" } }] = told.audit as { detail: { reason: string } }[];
    expect(detail.reason).toHaveLength(300);
    expect(detail.reason).toMatch(/^a0: is odd; a1: is odd; /);
  });
});
