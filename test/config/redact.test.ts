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
    mixed: z.union([secret("Of two kinds"), z.string()]),
    shapes: z.union([z.object({ key: secret("Key") }), z.object({ key: z.string(), way: z.string() })]),
    late: z.lazy(() => z.union([z.number(), secret("Late").optional()])),
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
  mixed: "canary-10",
  shapes: { key: "canary-12", way: "shown" },
  late: "canary-11",
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
    redis: { url: "rediss://********@h:6379/1", waitReplicas: 0, allowUnsafe: false },
    connections: {
      desk: {
        use: "acme",
        pollSeconds: 5,
        url: "https://********@desk.example.org/x",
        token: "********",
        secrets: ["********", "********"],
        nested: { key: "********", user: "ann" },
        shapes: { key: "********", way: "shown" },
        flag: true,
      },
    },
    queue: { concurrency: 10 },
    media: { maxBytes: 1, folder: "/m" },
  });
});

test.each([
  ["redis://h:6379/1", "redis://h:6379/1"],
  ["redis://h:6379/a@b", "redis://h:6379/a@b"],
  ["redis://h:6379?x=a@b", "redis://h:6379?x=a@b"],
  ["redis://h:6379#a@b", "redis://h:6379#a@b"],
  ["redis+tls.x-1://:canary@h", "redis+tls.x-1://********@h"],
  ["REDISS://u:canary@x:canary@h:1/2", "REDISS://********@h:1/2"],
])("of the address %s it shows %s", (url, shown) => {
  const config = { ...configWith({}), redis: { url, waitReplicas: 0, allowUnsafe: false } };
  expect(redactConfig(config, { channelTypes: {}, connectors: {} })["redis"]).toEqual({
    url: shown,
    waitReplicas: 0,
    allowUnsafe: false,
  });
});

test("of the nodes of a cluster it shows the addresses", () => {
  const cluster = ["redis://u:canary@a:1", "redis://u:canary@b:1"];
  const config = { ...configWith({}), redis: { cluster, waitReplicas: 1, allowUnsafe: false } };
  expect(redactConfig(config, { channelTypes: {}, connectors: {} })["redis"]).toEqual({
    cluster: ["redis://********@a:1", "redis://********@b:1"],
    waitReplicas: 1,
    allowUnsafe: false,
  });
});

test("a text that only holds an address is shown as it is, null and numbers too", () => {
  const plain = defineConnector({
    name: "plain",
    label: "Plain",
    config: z.object({
      text: z.string(),
      none: z.null(),
      number: z.number(),
      list: z.array(z.object({ a: z.string() })),
    }),
    create: (): Connector => {
      throw new Error("not used here");
    },
  });
  const own = { text: "see https://ann@h", none: null, number: 7, list: [{ a: "x", b: "canary" }] };
  const config = configWith({ desk: { use: "plain", settings: own } });
  expect(redactConfig(config, { channelTypes: {}, connectors: { plain } })["connections"]).toEqual({
    desk: {
      use: "plain",
      text: "see https://ann@h",
      none: null,
      number: 7,
      list: [{ a: "x", b: "********" }],
    },
  });
});

test("a channel's settings are masked by its type", () => {
  const config = { ...configWith({}), channels: { city: { type: "acme", settings } } } as unknown as Config;
  const type = acme as never;
  const shown = JSON.stringify(redactConfig(config, { channelTypes: { acme: type }, connectors: {} }));
  expect(shown).toContain('"type":"acme"');
  expect(shown).not.toContain("canary");
});

test("shows nothing of a plugin that is not known", () => {
  const config = configWith({ desk: { use: "gone", settings } });
  const channels = { city: { type: "gone", settings } };
  const shown = redactConfig({ ...config, channels } as unknown as Config, {
    channelTypes: {},
    connectors: {},
  });
  expect(shown["connections"]).toEqual({ desk: { use: "gone", settings: "********" } });
  expect(shown["channels"]).toEqual({ city: { type: "gone", settings: "********" } });
});
