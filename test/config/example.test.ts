import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectors } from "../../connectors/registry.ts";
import { channelTypes } from "../../src/channels/registry.ts";
import { inputSchema, type JsonSchema } from "../../src/config/json-schema.ts";
import { loadConfig } from "../../src/config/load.ts";
import { loadPlugins } from "../../src/config/plugins.ts";
import { configFile } from "../../src/config/schema.ts";

const file = "deskferry.example.yaml";
const env = {
  REDIS_URL: "redis://127.0.0.1:6379",
  META_PHONE_NUMBER_ID: "106540352242922",
  META_APP_SECRET: "secret",
  META_VERIFY_TOKEN: "word",
  META_ACCESS_TOKEN: "token",
  RT_URL: "https://rt.example.org",
  RT_TOKEN: "token",
  RT_WEBHOOK_SECRET: "secret",
};

test("the example is good as it stands, and shows the defaults", async () => {
  const sources = { channelTypes, connectors, import: (name: string) => import(name) };
  const plugins = await loadPlugins(file, sources, env);
  const config = loadConfig(file, plugins, env);
  const { REDIS_URL: url } = env;
  const defaults = configFile.parse({ redis: { url }, channels: {}, connections: {}, routes: [] });
  expect(config.server).toEqual(defaults.server);
  expect(config.redis).toEqual(defaults.redis);
  expect(config.queue).toEqual(defaults.queue);
  expect(config.media.maxBytes).toBe(defaults.media.maxBytes);
  expect(config.channels["city"]?.settings).toEqual(
    channelTypes["meta"]?.config.parse({
      phoneNumberId: env.META_PHONE_NUMBER_ID,
      appSecrets: [env.META_APP_SECRET],
      verifyToken: env.META_VERIFY_TOKEN,
      accessToken: env.META_ACCESS_TOKEN,
    }),
  );
});

test("the example names every setting, but for those of connectors", () => {
  const lines = readFileSync(file, "utf8").split("\n");
  const { properties = {} } = inputSchema(configFile);
  const named = namesIn({ properties });
  const meta = channelTypes["meta"];
  if (meta) named.push(...namesIn(inputSchema(meta.config)));
  expect(named.length).toBeGreaterThan(35);
  expect(named.filter((name) => !lines.some((line) => line.match(/[a-zA-Z]+(?=:)/)?.[0] === name))).toEqual(
    [],
  );
});

function namesIn(schema: JsonSchema): string[] {
  const inner = [schema.items, schema.additionalProperties].filter((part) => typeof part === "object");
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, part]) => [name, ...namesIn(part)]),
    ...inner.flatMap(namesIn),
  ];
}

test("the generated files are up to date, and the check notices when one is not", () => {
  const run = (...args: string[]) =>
    spawnSync(
      process.execPath,
      ["--conditions=source", "--import", "tsx", "scripts/generate-docs.ts", ...args],
      { encoding: "utf8" },
    );
  expect(run("--check")).toMatchObject({ status: 0 });
  const root = mkdtempSync(join(tmpdir(), "generated-"));
  expect(run("--root", root)).toMatchObject({ status: 0 });
  expect(run("--root", root, "--check")).toMatchObject({ status: 0 });
  appendFileSync(join(root, "docs/reference/settings.md"), "drift");
  const drifted = run("--root", root, "--check");
  expect(drifted.status).toBe(1);
  expect(drifted.stderr).toBe("Out of date: docs/reference/settings.md. Run: npm run docs\n");
  rmSync(root, { recursive: true });
}, 60_000);
