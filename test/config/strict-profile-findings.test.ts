import { describe, expect, test } from "vitest";
import type { Config } from "../../src/config/schema.ts";
import { strictFindings } from "../../src/config/strict-profile.ts";

const route = { atMostOnce: true, optOut: { enabled: true } };
const enough = {
  profile: "strict",
  server: { publicMetrics: false },
  redis: { url: "rediss://redis.example.org", allowUnsafe: false },
  encryption: {},
  routes: [route],
  files: { stripMetadata: true, refuse: ["1", "2", "3", "4", "5"] },
  audit: { secret: "s", keepDays: 365 },
  recording: { enabled: false },
  channels: {},
  connections: {},
};

/** What is found in the settings with these parts in place of their own. */
const findingsOf = (parts: object) => strictFindings({ ...enough, ...parts } as unknown as Config);

test("settings that give enough, and all others without the profile, are let through", () => {
  expect(findingsOf({})).toEqual([]);
  expect(findingsOf({ profile: "standard", redis: { url: "redis://h" }, encryption: undefined })).toEqual([]);
});

describe("what is not enough is named with why and with the remedy", () => {
  test.each<[object, (string | number)[], string, string]>([
    [
      { redis: { url: "redis://h" } },
      ["redis", "url"],
      "messages would cross the network in clear",
      "Use rediss:// (TLS)",
    ],
    [
      { redis: { cluster: ["rediss://a", "redis://b"] } },
      ["redis", "cluster"],
      "messages would cross the network in clear",
      "Use rediss:// (TLS)",
    ],
    [{ redis: {} }, ["redis", "url"], "messages would cross the network in clear", "Use rediss:// (TLS)"],
    [
      { redis: { url: "rediss://h", allowUnsafe: true } },
      ["redis", "allowUnsafe"],
      "messages could be lost",
      "Remove it",
    ],
    [
      { server: { publicMetrics: true } },
      ["server", "publicMetrics"],
      "figures would be for everybody",
      "Remove it, and give Prometheus a token: deskferry token create --scope metrics:read",
    ],
    [
      { encryption: undefined },
      ["encryption"],
      "messages would stand in Redis in clear",
      "Add encryption.keys and nameKey; `deskferry keys new` makes them",
    ],
    [
      { routes: [route, { ...route, atMostOnce: false }] },
      ["routes", 1, "atMostOnce"],
      "a message might be sent twice after an unclear end",
      "Set atMostOnce: true; staff are told of what stayed unclear",
    ],
    [
      { routes: [{ ...route, optOut: { enabled: false } }] },
      ["routes", 0, "optOut", "enabled"],
      "a STOP would be ignored",
      "Remove enabled: false",
    ],
    [
      { files: { ...enough.files, stripMetadata: false } },
      ["files", "stripMetadata"],
      "pictures would tell where they were taken",
      "Set stripMetadata: true",
    ],
    [
      { files: { ...enough.files, refuse: ["1", "2", "3", "4"] } },
      ["files", "refuse"],
      "dangerous files would be carried",
      "Remove it: the default refuses all kinds",
    ],
    [
      { audit: { keepDays: 365 } },
      ["audit", "secret"],
      "the audit log could be made anew unnoticed",
      "Add a secret of 32 characters or more, from a variable or a secret file",
    ],
    [
      { audit: { secret: "s", keepDays: 364 } },
      ["audit", "keepDays"],
      "the audit log must reach back a year",
      "Write 365 or more, or remove it (400)",
    ],
    [
      { recording: { enabled: true } },
      ["recording", "enabled"],
      "what people wrote would be recorded, if anonymised",
      "Remove it; record where the data is not real",
    ],
    [
      { channels: { city: { settings: { urls: [{ a: "http://10.0.0.1" }] } } } },
      ["channels", "city", "urls", 0, "a"],
      "this would be called without TLS",
      "Use an https:// address",
    ],
    [
      { connections: { desk: { settings: { url: "HTTP://[::2]" } } } },
      ["connections", "desk", "url"],
      "this would be called without TLS",
      "Use an https:// address",
    ],
    [
      { connections: { desk: { settings: { url: "http://" } } } },
      ["connections", "desk", "url"],
      "this would be called without TLS",
      "Use an https:// address",
    ],
  ])("%j", (parts, path, reason, remedy) => {
    expect(findingsOf(parts)).toEqual([{ path, reason: `the strict profile: ${reason}`, remedy }]);
  });
});

describe("addresses", () => {
  test.each([
    "redis://127.0.0.1:6379",
    "redis://localhost",
    "redis://[::1]:6379",
    "rediss://far.example.org",
  ])("of Redis may be %s", (url) => {
    expect(findingsOf({ redis: { url } })).toEqual([]);
    expect(findingsOf({ redis: { cluster: [url, url] } })).toEqual([]);
  });

  test.each(["no address", "https://h"])("of Redis may not be %s", (url) => {
    expect(findingsOf({ redis: { url } })).toHaveLength(1);
  });

  test.each(["https://10.0.0.1", "http://127.0.0.1:8", "http://[::1]", "see http://10.0.0.1", 7, null, true])(
    "of others may be %j",
    (url) => expect(findingsOf({ channels: { city: { settings: { url } } } })).toEqual([]),
  );
});
