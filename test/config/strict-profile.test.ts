import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { ConfigError } from "../../src/config/errors.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Plugins } from "../../src/config/plugins.ts";

const anything = { label: "x", config: z.looseObject({}), create: () => ({}) };
const plugins = {
  channelTypes: { phone: { ...anything, name: "phone" } },
  connectors: { desk: { ...anything, name: "desk" } },
} as unknown as Plugins;

const strict = `profile: strict
redis:
  url: rediss://redis.example.org:6380
encryption:
  keys: ["a:${"00".repeat(32)}"]
  nameKey: ${"n".repeat(32)}
channels:
  city: { type: phone, graphUrl: "https://graph.example.org" }
connections:
  main: { use: desk, url: "https://desk.example.org", more: { hosts: ["http://127.0.0.1:8"] } }
routes:
  - { channel: city, connection: main, mapping: m, atMostOnce: true }
files: { stripMetadata: true }
audit: { secret: ${"s".repeat(32)} }
`;

function problemsOf(text: string): { path: string; reason: string; remedy: string }[] {
  const folder = mkdtempSync(join(tmpdir(), "deskferry-strict-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "m"));
  for (const name of ["contact", "ticket", "comment"])
    writeFileSync(join(folder, "m", `${name}.jsonata`), "{}");
  const file = join(folder, "deskferry.yaml");
  writeFileSync(file, text);
  try {
    loadConfig(file, plugins, {});
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}

test("settings that give all that the strict profile demands are taken", () => {
  expect(problemsOf(strict)).toEqual([]);
});

test.each([
  ["redis.cluster", "url: rediss://redis.example.org:6380", "cluster: [redis://redis.example.org:6380]"],
  ["redis.url", "rediss://redis.example.org:6380", "redis://redis.example.org:6380"],
  ["redis.allowUnsafe", "6380\n", "6380\n  allowUnsafe: true\n"],
  ["server.publicMetrics", "profile: strict\n", "profile: strict\nserver: { publicMetrics: true }\n"],
  ["encryption", /encryption:\n.*\n.*\n/, ""],
  ["channels.city.graphUrl", "https://graph", "http://graph"],
  ["connections.main.url", "https://desk", "HTTP://desk"],
  ["connections.main.more.hosts[0]", "http://127.0.0.1:8", "http://10.0.0.1:8"],
  ["routes[0].atMostOnce", "atMostOnce: true", "atMostOnce: false"],
  ["routes[0].atMostOnce", ", atMostOnce: true", ""],
  ["routes[0].optOut.enabled", "atMostOnce: true", "atMostOnce: true, optOut: { enabled: false }"],
  ["files.stripMetadata", "files: { stripMetadata: true }\n", ""],
  ["files.refuse", "stripMetadata: true", "stripMetadata: true, refuse: [program]"],
  ["audit.secret", /audit: .*\n/, ""],
  ["audit.keepDays", "audit: {", "audit: { keepDays: 100,"],
  ["recording.enabled", "audit:", "recording: { enabled: true }\naudit:"],
])(
  "%s is refused when it is not enough, with a reason and a remedy, and taken without the profile",
  (path, from, to) => {
    const text = strict.replace(from, to);
    expect(text).not.toBe(strict);
    const problems = problemsOf(text);
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0]?.reason).toMatch(/^the strict profile: /);
    expect(problems[0]?.remedy).not.toBe("");
    expect(problemsOf(text.replace("profile: strict", "profile: standard"))).toEqual([]);
  },
);

test("redis on the same machine needs no TLS", () => {
  for (const host of ["127.0.0.1", "localhost", "[::1]"])
    expect(problemsOf(strict.replace("rediss://redis.example.org", `redis://${host}`))).toEqual([]);
});
