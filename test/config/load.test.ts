import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, type ConfigProblem } from "../../src/config/errors.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Plugins } from "../../src/config/plugins.ts";
import type { Config } from "../../src/config/schema.ts";
import {
  type Channel,
  type Connector,
  defineChannel,
  defineConnector,
  PluginError,
  secret,
  serverUrl,
} from "../../src/sdk/index.ts";

const root = mkdtempSync(join(tmpdir(), "config-"));
const mapping = join(root, "mappings", "desk");
mkdirSync(mapping, { recursive: true });
for (const kind of ["contact", "ticket", "comment"]) writeFileSync(join(mapping, `${kind}.jsonata`), "{}");

afterAll(() => rmSync(root, { recursive: true }));

const notUsed = () => {
  throw new Error("not used here");
};

const phone = defineChannel({
  name: "phone",
  label: "Test phone",
  config: z.strictObject({
    number: z
      .string()
      .regex(/^[0-9]+$/, "digits only")
      .describe("Id of the number"),
    accessToken: secret("Token"),
    retries: z.int().default(3),
  }),
  parse: notUsed,
  create: (config): Channel => {
    if (config.number === "666") throw new PluginError({ kind: "config", operatorMessage: "no such number" });
    return { accountId: config.number, verify: notUsed, send: notUsed, fetchMedia: notUsed };
  },
});

const desk = defineConnector({
  name: "desk",
  label: "Test desk",
  // Not strict on purpose: loadConfig refuses unknown settings all the same.
  config: z.object({
    url: serverUrl("Address of the desk"),
    verbose: z.boolean().default(false),
    secrets: z.array(secret("One")).default([]),
    limits: z.strictObject({ bytes: z.number().optional() }).optional(),
  }),
  create: (): Connector => notUsed(),
});

const plugins: Plugins = { channelTypes: { phone }, connectors: { desk } };

const good = `redis:
  url: \${REDIS_URL}
channels:
  city:
    type: phone
    number: "4711"
    accessToken: \${TOKEN}
connections:
  main:
    use: desk
    url: https://desk.example.org/
routes:
  - channel: city
    connection: main
    mapping: mappings/desk
`;
const env = { REDIS_URL: "redis://127.0.0.1:6379", TOKEN: "canary-token-91" };

function load(text: string, variables: Record<string, string> = env): Config {
  const file = join(mkdtempSync(join(root, "c-")), "deskferry.yaml");
  writeFileSync(file, text.replaceAll("mappings/desk", mapping));
  return loadConfig(file, plugins, variables);
}

function problemsOf(text: string, variables: Record<string, string> = env): ConfigProblem[] {
  try {
    load(text, variables);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const { reason, remedy } of error.problems) {
      expect(reason).not.toBe("");
      expect(remedy).not.toBe("");
      // P31: a message that quoted values would put secrets into logs.
      expect(reason + remedy).not.toContain("canary");
    }
    return error.problems;
  }
  return expect.unreachable("the settings were accepted");
}

describe("where Redis is", () => {
  const withRedis = (text: string) => good.replace(/ {2}url: .*\n/, text);
  const nodes = (...urls: string[]) =>
    withRedis(`  cluster: [${urls.map((url) => `"${url}"`).join(", ")}]\n`);

  test("may be told by the nodes of a cluster", () => {
    const cluster = ["rediss://u:canary@10.0.0.1:6379", "rediss://u:canary@10.0.0.2:6379/0"];
    expect(load(nodes(...cluster)).redis).toEqual({ cluster, waitReplicas: 0, allowUnsafe: false });
  });

  test.each([
    ["nowhere", withRedis("  waitReplicas: 1\n"), "redis.url", 1],
    ["twice", withRedis("  url: redis://h\n  cluster: [redis://h]\n"), "redis.cluster", 3],
    ["by no node", nodes(), "redis.cluster", 2],
    ["by something else than an address", nodes("10.0.0.1:6379"), "redis.cluster[0]", 2],
    ["by one node twice", nodes("redis://a:1", "redis://b:1", "redis://a:1"), "redis.cluster[2]", 2],
    ["with a number of a database", nodes("redis://a:1/2"), "redis.cluster[0]", 2],
    ["with two accounts", nodes("redis://:canary-1@a:1", "redis://:canary-2@b:1"), "redis.cluster[1]", 2],
    ["half of it with TLS", nodes("rediss://a:1", "redis://b:1"), "redis.cluster[1]", 2],
    ["with two users", nodes("redis://a:p@a:1", "redis://b:p@b:1"), "redis.cluster[1]", 2],
    [
      "with another account at its third node",
      nodes("redis://a:1", "redis://b:1", "redis://:p@c:1"),
      "redis.cluster[2]",
      2,
    ],
  ])("is not told %s", (_, text, path, line) => {
    expect(problemsOf(text)).toMatchObject([{ path, line }]);
  });
});

test.each([
  [
    "with nowhere",
    "",
    "nothing says where Redis is",
    "Give the address of the server, e.g. redis://127.0.0.1:6379",
  ],
  [
    "twice",
    "url: redis://h\n  cluster: [redis://h]",
    "there is redis.url as well",
    "Keep redis.cluster for a Redis Cluster",
  ],
  [
    "with a database",
    'cluster: ["redis://a:1/2"]',
    "a Redis Cluster has no numbered databases",
    "End the address with the port",
  ],
  [
    "with a node twice",
    'cluster: ["redis://a:1", "redis://a:1"]',
    "this node is named twice",
    "Name each once",
  ],
  [
    "with two accounts",
    'cluster: ["redis://:p@a:1", "redis://:q@b:1"]',
    "its protocol, user or password is another than that of the nodes before it",
    "Give all nodes the same: one account is used for the whole cluster",
  ],
])("Redis told %s is refused with what to do", (_, lines, reason, remedy) => {
  const [problem] = problemsOf(good.replace(/ {2}url: .*\n/, `  waitReplicas: 1\n  ${lines}\n`));
  expect(problem).toMatchObject({ reason, remedy: expect.stringContaining(remedy) });
});

describe("a good file", () => {
  test("is complete, with defaults and absolute paths", () => {
    expect(load(good)).toEqual({
      profile: "standard",
      server: { host: "127.0.0.1", port: 8080, publicMetrics: false },
      redis: { url: "redis://127.0.0.1:6379", waitReplicas: 0, allowUnsafe: false },
      channels: {
        city: { type: "phone", settings: { number: "4711", accessToken: "canary-token-91", retries: 3 } },
      },
      connections: {
        main: {
          use: "desk",
          reconcileMinutes: 15,
          settings: { url: "https://desk.example.org", verbose: false, secrets: [] },
        },
      },
      routes: [
        {
          channel: "city",
          connection: "main",
          mapping,
          reopenWithinDays: 7,
          templateLanguages: [],
          sendNotes: "templates",
          atMostOnce: false,
          optOut: { enabled: true, words: { stop: [], start: [] } },
          messagesPerComment: 1,
          readMarks: "on_reply",
          undelivered: { tellAfterHours: 24, giveUpAfterHours: 720 },
        },
      ],
      mappings: { watchSeconds: 2 },
      queue: {
        reorderMillis: 250,
        concurrency: 10,
        crashLimit: 5,
        giveUpAfterHours: 72,
        receiptWaitSeconds: 120,
        messagesPerSecond: 80,
        lockSeconds: 10,
        stallSeconds: 5,
      },
      templates: { refreshMinutes: 60 },
      media: { maxBytes: 104_857_600, folder: join(tmpdir(), "deskferry-media") },
      files: { refuse: ["program", "script", "page", "macros", "hidden"], stripMetadata: false },
      recording: { enabled: false, maxEvents: 10_000, maxAgeDays: 30, keepWords: [] },
      audit: { keepDays: 400, log: false, formerSecrets: [] },
      retention: { deadLetterDays: 30, quarantineDays: 30, traceDays: 30, mediaHours: 24 },
    });
  });

  test("keeps what it sets", () => {
    const text = `${good}    reopenWithinDays: 0
    replyTemplate: { name: staff_reply, language: en, parameters: [agent, text] }
    atMostOnce: true
    optOut: { words: { stop: ["  no more "] } }
server: { port: 0, host: 0.0.0.0 }
media: { folder: files }
`;
    const config = load(text.replace("use: desk", "use: desk\n    pollSeconds: 15"));
    expect(config.routes[0]).toMatchObject({
      reopenWithinDays: 0,
      atMostOnce: true,
      optOut: { enabled: true, words: { stop: ["no more"], start: [] } },
      replyTemplate: { name: "staff_reply", language: "en", parameters: ["agent", "text"] },
    });
    expect(config.server).toEqual({ port: 0, host: "0.0.0.0", publicMetrics: false });
    expect(config.connections["main"]?.pollSeconds).toBe(15);
    expect(config.connections["main"]?.settings).not.toHaveProperty("pollSeconds");
    expect(config.media.folder).toMatch(/^\/.*\/files$/);
  });
});

describe("variables", () => {
  test("become numbers and switches where those are wanted, and stay text where text is", () => {
    const text = `${good
      .replace('number: "4711"', `number: \${NUMBER}\n    retries: \${RETRIES:-5}`)
      .replace("use: desk", `use: desk\n    verbose: "\${VERBOSE}"`)}server:\n  port: \${PORT}\n`;
    const config = load(text, { ...env, NUMBER: "00123456789012345678", VERBOSE: "true", PORT: "9001" });
    expect(config.channels["city"]?.settings).toMatchObject({ number: "00123456789012345678", retries: 5 });
    expect(config.connections["main"]?.settings).toMatchObject({ verbose: true });
    expect(config.server.port).toBe(9001);
  });

  test("that are no number where one is wanted are a problem", () => {
    expect(problemsOf(`${good}server:\n  port: \${PORT}\n`, { ...env, PORT: "canary" })).toMatchObject([
      { path: "server.port", line: 17, reason: "expected number, received string" },
    ]);
  });

  test("are read from NAME_FILE without the line end, NAME itself goes first", () => {
    const file = join(root, "token");
    writeFileSync(file, "from-the-file\n");
    const settings = (variables: Record<string, string>) =>
      load(good, { REDIS_URL: "redis://h", TOKEN_FILE: file, ...variables }).channels["city"]?.settings;
    expect(settings({})).toMatchObject({ accessToken: "from-the-file" });
    expect(settings({ TOKEN: "direct" })).toMatchObject({ accessToken: "direct" });
  });

  test("that are missing, or whose file is, are all reported by name and line", () => {
    expect(problemsOf(good, { TOKEN_FILE: join(root, "nowhere") })).toEqual([
      {
        path: "redis.url",
        line: 2,
        reason: "the environment variable REDIS_URL is not set",
        remedy: "Set REDIS_URL, or REDIS_URL_FILE to a file that holds it",
      },
      {
        path: "channels.city.accessToken",
        line: 7,
        reason: "the file that TOKEN_FILE names cannot be read (ENOENT)",
        remedy: "Correct the path or the file's permissions",
      },
    ]);
  });

  test("with a slip in them are refused rather than taken for text", () => {
    expect(problemsOf(good.replace(`\${TOKEN}`, `\${TO KEN}`))).toMatchObject([
      { path: "channels.city.accessToken", line: 7, remedy: expect.stringMatching(/NAME:-default/) },
    ]);
  });

  test("are not looked for in keys, comments and escaped text", () => {
    const config = load(good.replace(`\${TOKEN}`, () => `"$\${TOKEN}" # \${COMMENT}`));
    expect(config.channels["city"]?.settings).toMatchObject({ accessToken: `\${TOKEN}` });
  });
});

describe("problems", () => {
  test("are reported all at once, in the order of the file, with line, reason and remedy", () => {
    const text = `server:
  prot: 80
  port: 70000
redis:
  url: mysql://x
channels:
  City!:
    type: phone
    number: 4711
  town:
    type: phnoe
connections:
  main:
    use: desk
    url: desk.example.org
    verbos: true
    limits: { byts: 3 }
routes:
  - channel: cty
    connection: mian
    mapping: mappings/nowhere
    replyTemplate: { name: Staff, language: en, parameters: [texts] }
extra: 1
`;
    const problems = problemsOf(text);
    const shown = problems.map(({ path, line, reason, remedy }) => `${line} ${path}: ${reason}. ${remedy}`);
    expect(shown).toEqual([
      expect.stringMatching(/^2 server\.prot: there is no such setting\. Did you mean "port"\?$/),
      expect.stringMatching(/^3 server\.port: expected number to be <=65535\. Correct it: Port/),
      expect.stringMatching(/^5 redis\.url: invalid URL\. Correct it: redis:/),
      expect.stringMatching(/^7 channels\.City!: this name cannot be used\. Use 1 to 40/),
      expect.stringMatching(/^7 channels\.City!\.accessToken: is missing\. Add it: Token$/),
      expect.stringMatching(/^9 channels\.City!\.number: expected string.*Put it in quotes/),
      expect.stringMatching(/^10 channels\.town: no route says/),
      expect.stringMatching(/^11 channels\.town\.type: there is no plugin "phnoe"\. Did you mean "phone"\?$/),
      expect.stringMatching(/^15 connections\.main\.url: invalid URL\. Correct it: Address of the desk$/),
      expect.stringMatching(
        /^16 connections\.main\.verbos: there is no such setting\. Did you mean "verbose"\?$/,
      ),
      expect.stringMatching(/^17 connections\.main\.limits\.byts: .* Did you mean "bytes"\?$/),
      expect.stringMatching(/^19 routes\[0\]\.channel: there is no channel called "cty"/),
      expect.stringMatching(/^20 routes\[0\]\.connection: .*Did you mean "main"\?$/),
      expect.stringMatching(/^21 routes\[0\]\.mapping: there is no folder /),
      expect.stringMatching(/^22 routes\[0\]\.replyTemplate\.name: use lower-case/),
      expect.stringMatching(
        /^22 routes\[0\]\.replyTemplate\.parameters\[0\]: must be one of .*Did you mean "text"\?$/,
      ),
      expect.stringMatching(/^23 extra: there is no such setting\. Known here: profile, server, redis/),
    ]);
  });

  test("of an empty file name what is missing", () => {
    const paths = problemsOf("").map(({ path }) => path);
    expect(paths).toEqual(["redis", "channels", "connections", "routes"]);
  });

  test("a file that is not there says how to begin", () => {
    expect(() => loadConfig(join(root, "none.yaml"), plugins, env)).toThrow(
      /cannot be read \(ENOENT\).*example/,
    );
  });

  test("broken YAML is told by line, without quoting the file", () => {
    expect(problemsOf(`redis:\n  url: x\n\turl: canary`)).toMatchObject([{ line: 3 }]);
    expect(problemsOf(`redis: { url: \${REDIS_URL} }\n`)).toMatchObject(
      [{ line: 1, remedy: /in quotes$/ }].map((p) => ({ ...p, remedy: expect.stringMatching(p.remedy) })),
    );
    expect(problemsOf(`${good}redis: 1\n`)).toMatchObject([
      { line: 16, reason: "the same key stands here twice" },
    ]);
    expect(problemsOf("a: *nowhere\n")).toMatchObject([{ reason: expect.stringMatching(/alias/) }]);
  });

  test("two routes for one channel, and none, are refused", () => {
    const twice = problemsOf(`${good}  - { channel: city, connection: main, mapping: mappings/desk }\n`);
    expect(twice).toMatchObject([{ path: "routes[1].channel", line: 16 }]);
    const none = problemsOf(good.replace(/routes:.*/s, "routes: []\n"));
    expect(none).toMatchObject([{ path: "channels.city", line: 4 }]);
  });

  test("a mapping folder without its files is refused", () => {
    const folder = mkdtempSync(join(root, "half-"));
    writeFileSync(join(folder, "contact.jsonata"), "{}");
    expect(problemsOf(good.replace("mappings/desk", folder))).toMatchObject([
      {
        path: "routes[0].mapping",
        reason: expect.stringMatching(/^ticket\.jsonata, comment\.jsonata missing/),
      },
    ]);
  });

  test("P24: two channels of one number are refused, two numbers are not", () => {
    const second = (number: string) =>
      good
        .replace("connections:", `  town: { type: phone, number: "${number}", accessToken: x }\nconnections:`)
        .replace("routes:", "routes:\n  - { channel: town, connection: main, mapping: mappings/desk }");
    expect(problemsOf(second("4711"))).toMatchObject([
      { path: "channels.town", line: 8, reason: "serves the same phone number as channels.city" },
    ]);
    expect(Object.keys(load(second("4712")).channels)).toEqual(["city", "town"]);
    expect(problemsOf(second("666"))).toMatchObject(
      [{ path: "channels.town", reason: /no such number/ }].map((p) => ({
        ...p,
        reason: expect.stringMatching(p.reason),
      })),
    );
  });

  test("names that every object has are nothing special", () => {
    const text = good.replace("use: desk", "use: constructor").replace("type: phone", "type: toString");
    expect(problemsOf(text).map(({ path }) => path)).toEqual(["channels.city.type", "connections.main.use"]);
  });

  test("the error's text holds every problem with its place", () => {
    const error = (() => {
      try {
        return load(`${good}extra: 1\nserver: { host: 5 }\n`);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(String(error)).toMatch(/2 problem\(s\)\n- extra \(line 16\): .*\n- server\.host \(line 17\): /);
  });
});
