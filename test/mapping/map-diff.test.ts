import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { createRecordings } from "../../src/store/recordings.ts";
import { commandLine } from "../support/command-line.ts";
import { openRedis, redisUrl, uniqueChannel } from "../support/redis.ts";

/** Each starts programs, and the machine may be busy. */
vi.setConfig({ testTimeout: 120_000 });

const root = mkdtempSync(join(tmpdir(), "map-diff-"));
afterAll(() => rmSync(root, { recursive: true }));

function deskferry(...args: string[]) {
  return spawnSync(process.execPath, [...commandLine, "map", ...args], { encoding: "utf8" });
}

function changedCopy(): string {
  const folder = join(root, "changed");
  cpSync("mappings/sandbox", folder, { recursive: true });
  const file = join(folder, "ticket.jsonata");
  const source = readFileSync(file, "utf8");
  writeFileSync(
    file,
    source.replace(`"tags":`, `"priority": $contains(message.text, "fire") ? "high",\n  "tags":`),
  );
  return folder;
}

const message = (text: string) => ({
  id: text,
  type: "text" as const,
  text,
  sentAt: "2026-11-20T08:15:00.000Z",
});

test("what was recorded is shown, exported, replayed through both mappings and cleared", async () => {
  const redis = await openRedis();
  const channel = uniqueChannel(redis);
  const recordings = createRecordings(redis);
  const limits = { maxEvents: 100, maxAgeMs: 600_000 };
  const key = await recordings.key(channel, limits);
  for (const text of ["fire here", "water", "fire there"]) {
    const input = { channel, person: { name: "Xyz" }, message: message(text) };
    await recordings.add(
      channel,
      { key, id: text, event: { kind: "ticket", input }, now: Date.now() },
      limits,
    );
  }
  const config = join(root, "deskferry.yaml");
  writeFileSync(
    config,
    `redis: { url: "${redisUrl()}" }
recording: { enabled: true }
channels: { ${channel}: { type: meta, phoneNumberId: "1", appSecrets: [x], verifyToken: x, accessToken: x } }
connections: { desk: { use: sandbox, url: "http://127.0.0.1:9", token: x, webhookSecret: x } }
routes: [{ channel: ${channel}, connection: desk, mapping: ${resolve("mappings/sandbox")} }]
`,
  );
  expect(deskferry("record", "-c", config).stdout).toMatch(
    new RegExp(`Recording is on: .*\n${channel} {2}3 inputs, the oldest of 20`),
  );
  const exported = deskferry("record", "export", "-c", config).stdout;
  expect(exported.trim().split("\n")).toHaveLength(3);
  const file = join(root, "events.jsonl");
  writeFileSync(file, exported);

  const folders = ["mappings/sandbox", changedCopy()] as const;
  const byFile = deskferry("diff", ...folders, "--events", file, "--exit-code", "--verbose");
  expect(byFile.stdout).toMatch(
    /^ticket: 2 of 3 change\n {2}2 of 3 tickets change priority: nothing → high \(2\)\n/,
  );
  expect(byFile.stdout).toContain(`nothing → high  {"channel":"${channel}"`);
  expect(byFile.status).toBe(1);
  const byRedis = deskferry("diff", ...folders, "-c", config, "--json");
  expect(JSON.parse(byRedis.stdout)).toMatchObject([{ kind: "ticket", events: 3, changed: 2 }]);
  expect(byRedis.status).toBe(0);

  expect(deskferry("record", "clear", "-c", config).stdout).toBe("cleared\n");
  expect((await recordings.state(channel)).events).toBe(0);
  const empty = deskferry("diff", ...folders, "-c", config);
  expect(empty.stderr).toMatch(/no recorded events/);
  expect(empty.status).toBe(2);
});

test("a file that is no recording is named with its line", () => {
  const file = join(root, "odd.jsonl");
  writeFileSync(file, `{"kind": "ticket", "input": {"message": {"text": "x"}}}\n{"a": 1}\n`);
  const result = deskferry("diff", "mappings/sandbox", "mappings/sandbox", "--events", file);
  expect(result.stderr).toMatch(/odd\.jsonl:2: the line is no recorded event/);
  expect(result.status).toBe(2);
});
