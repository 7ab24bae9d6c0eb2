import { expect, test } from "vitest";
import { z } from "zod";
import { redactConfig } from "../../src/config/redact.ts";
import { type Config, configFile } from "../../src/config/schema.ts";
import { type Connector, defineConnector, secret, serverUrl } from "../../src/sdk/index.ts";

const acme = defineConnector({
  name: "acme",
  label: "Acme",
  config: z.strictObject({
    url: serverUrl("Address"),
    token: secret("Token").optional(),
    secrets: z.array(secret("One")),
    either: z.union([secret("One"), z.array(secret("Several"))]),
    nested: z.object({ key: secret("Key").default("canary-default"), user: z.string() }),
    byName: z.record(z.string(), secret("One each")),
    flag: z.boolean(),
  }),
  create: (): Connector => {
    throw new Error("not used here");
  },
});

const settings = {
  url: "https://user:canary-1@desk.example.org/x",
  token: "canary-2",
  secrets: ["canary-3", "canary-4"],
  either: ["canary-5"],
  nested: { key: "canary-6", user: "ann" },
  byName: { a: "canary-7" },
  flag: true,
  unheardOf: "canary-8",
};

function configWith(connections: Config["connections"]): Config {
  const file = configFile.parse({
    redis: { url: "rediss://u:canary-9@h:6379/1" },
    channels: {},
    connections: {},
    routes: [],
  });
  return { ...file, channels: {}, connections, media: { maxBytes: 1, folder: "/m" } };
}

test("P31: masks every secret wherever the schema has it, and shows the rest", () => {
  const config = configWith({ desk: { use: "acme", pollSeconds: 5, settings } });
  const shown = redactConfig(config, { channelTypes: {}, connectors: { acme } });
  expect(JSON.stringify(shown)).not.toContain("canary");
  expect(shown).toMatchObject({
    server: { host: "127.0.0.1", port: 8080 },
    redis: { url: "rediss://********@h:6379/1", allowUnsafe: false },
    connections: {
      desk: {
        use: "acme",
        pollSeconds: 5,
        url: "https://********@desk.example.org/x",
        token: "********",
        secrets: ["********", "********"],
        nested: { key: "********", user: "ann" },
        flag: true,
      },
    },
    queue: { concurrency: 10 },
    media: { maxBytes: 1, folder: "/m" },
  });
});

test("shows nothing of a plugin that is not known", () => {
  const config = configWith({ desk: { use: "gone", settings } });
  expect(redactConfig(config, { channelTypes: {}, connectors: {} })["connections"]).toEqual({
    desk: { use: "gone", settings: "********" },
  });
});
