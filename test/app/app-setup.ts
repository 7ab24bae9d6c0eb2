import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { type App, type Role, startApp } from "../../src/app/start.ts";
import meta from "../../src/channels/meta/index.ts";
import type { Plugins } from "../../src/config/plugins.ts";
import type { Config } from "../../src/config/schema.ts";
import type { HelpdeskEvent } from "../../src/domain/event.ts";
import { dangers } from "../../src/domain/file-danger.ts";
import type { ChannelDefinition } from "../../src/sdk/channel.ts";
import type { Connector, ConnectorDefinition } from "../../src/sdk/connector.ts";
import { verifyHmac } from "../../src/sdk/signature.ts";
import { connectRedis } from "../../src/store/connection.ts";
import { createStore, type Store } from "../../src/store/store.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { HOOK_SECRET, messageBody, metaChannel, signature } from "../http/http-setup.ts";
import { phone } from "../support/builders.ts";
import { createClock } from "../support/clock.ts";
import { createFakeChannel, type FakeChannel } from "../support/fake-channel.ts";
import { createFakeHelpdesk, type FakeHelpdesk } from "../support/fake-helpdesk.ts";
import { redisUrl, uniqueChannel, uniqueConnection } from "../support/redis.ts";

export const APP_SECRET = "secret-of-the-city";
export const NUMBER = "106540352242922";

export interface AppSetup {
  config: Config;
  plugins: Plugins;
  desk: FakeHelpdesk;
  whatsapp: FakeChannel;
  store: Store;
  channel: string;
  connection: string;
  /** Starts another app on the same settings; it is stopped when the test ends, unless it was before. */
  start(role?: Role): Promise<App>;
  /** A signed webhook of one text message; each text is a message of its own. Of person 1, or another up to 999. */
  write(app: App, text: string, from?: number): Promise<Response>;
  /** A signed webhook of the helpdesk. */
  report(app: App, events: HelpdeskEvent[]): Promise<Response>;
}

export interface AppOptions {
  redis?: string;
  /** Folder of the mapping files; the sandbox's unless said otherwise. */
  mapping?: string;
  /** Default 0: nothing is reloaded. */
  watchSeconds?: number;
  connector?: Partial<Connector>;
  pollSeconds?: number;
  reconcileMinutes?: number;
  callsPerMinute?: number;
  server?: Config["server"];
  allowUnsafe?: boolean;
  readMarks?: "received" | "on_reply";
  recording?: Partial<Config["recording"]>;
  audit?: Partial<Config["audit"]>;
  encryption?: Config["encryption"];
}

/** The whole app on real Redis with real mappings, signatures and parsing; both other sides in memory. */
export async function setUpApp(options: AppOptions = {}): Promise<AppSetup> {
  const url = options.redis ?? redisUrl();
  const redis = await connectRedis(url, "worker");
  onTestFinished(() => redis.disconnect());
  const clock = createClock(new Date().toISOString());
  const desk = createFakeHelpdesk({ clock });
  const whatsapp = createFakeChannel({ clock });
  const folder = await mkdtemp(path.join(tmpdir(), "deskferry-app-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const channel = uniqueChannel(redis);
  const connection = uniqueConnection(redis);
  const config: Config = {
    profile: "standard",
    server: options.server ?? { host: "127.0.0.1", port: 0, publicMetrics: false },
    redis: { url, waitReplicas: 0, allowUnsafe: options.allowUnsafe ?? true },
    channels: { [channel]: { type: "fake", settings: {} } },
    connections: {
      [connection]: {
        use: "fake",
        settings: {},
        ...(options.pollSeconds ? { pollSeconds: options.pollSeconds } : {}),
        ...(options.reconcileMinutes ? { reconcileMinutes: options.reconcileMinutes } : {}),
        ...(options.callsPerMinute ? { callsPerMinute: options.callsPerMinute } : {}),
      },
    },
    routes: [
      {
        channel,
        connection,
        mapping: options.mapping ?? fileURLToPath(new URL("../../mappings/sandbox", import.meta.url)),
        reopenWithinDays: 7,
        templateLanguages: [],
        sendNotes: "problems",
        atMostOnce: false,
        undelivered: { tellAfterHours: 24, giveUpAfterHours: 720 },
        optOut: { enabled: true, words: { stop: [], start: [] } },
        messagesPerComment: 1,
        readMarks: options.readMarks ?? "never",
      },
    ],
    mappings: { watchSeconds: options.watchSeconds ?? 0 },
    queue: {
      concurrency: 5,
      reorderMillis: 0,
      crashLimit: 5,
      giveUpAfterHours: 72,
      receiptWaitSeconds: 1,
      messagesPerSecond: 80,
      lockSeconds: 2,
      stallSeconds: 1,
    },
    templates: { refreshMinutes: 60 },
    media: { maxBytes: 1024 * 1024, folder },
    retention: { deadLetterDays: 30, quarantineDays: 30, traceDays: 30, mediaHours: 24 },
    files: { refuse: [...dangers], stripMetadata: false },
    recording: { enabled: false, maxEvents: 100, maxAgeDays: 30, keepWords: [], ...options.recording },
    audit: { keepDays: 400, log: false, formerSecrets: [], ...options.audit },
    ...(options.encryption ? { encryption: options.encryption } : {}),
  };
  const plugins: Plugins = {
    channelTypes: { fake: channelType(whatsapp) },
    connectors: { fake: connector(desk, options.connector ?? {}) },
  };
  return {
    config,
    plugins,
    desk,
    whatsapp,
    store: createStore(redis),
    channel,
    connection,
    async start(role = "all") {
      const logger = createLogger("silent");
      const app = await startApp({ config, plugins, role, logger, clock: { now: Date.now } });
      let stopping: Promise<void> | undefined;
      const once = {
        port: app.port,
        stop: () => {
          stopping ??= app.stop();
          return stopping;
        },
      };
      onTestFinished(() => once.stop());
      return once;
    },
    write(app, text, from = 1) {
      const body = webhookOf(text, from);
      const headers = { "X-Hub-Signature-256": signature(body, APP_SECRET) };
      return post(app, `channels/${channel}`, body, headers);
    },
    report(app, events) {
      const body = JSON.stringify(events);
      return post(app, `connections/${connection}`, body, {
        "X-Desk-Signature": signature(body, HOOK_SECRET).slice("sha256=".length),
      });
    },
  };
}

function webhookOf(text: string, from: number): string {
  const seconds = String(Math.floor(Date.now() / 1000));
  const id = `wamid.${Buffer.from(text).toString("base64url")}`;
  return messageBody(text, NUMBER)
    .replace("1793610000", seconds)
    .replace("wamid.A1", id)
    .replaceAll("447700900001", phone(from).slice(1));
}

function post(app: App, address: string, body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`http://127.0.0.1:${app.port}/webhooks/${address}`, { method: "POST", body, headers });
}

/** Meta's own parsing and signatures; sends and files stay in memory. */
function channelType({ channel }: FakeChannel): ChannelDefinition {
  const { verify } = metaChannel(NUMBER, [APP_SECRET]);
  const create = () => ({ ...channel, accountId: NUMBER, verify });
  return { name: "fake", label: "In memory", config: z.unknown(), parse: meta.parse, create };
}

function connector({ connector: inMemory }: FakeHelpdesk, given: Partial<Connector>): ConnectorDefinition {
  const signed: Connector = {
    ...inMemory,
    parseWebhook: ({ body }) => JSON.parse(body.toString()) as HelpdeskEvent[],
    verifyWebhook: ({ headers, body }) =>
      verifyHmac([HOOK_SECRET], body, headers["x-desk-signature"], { algorithm: "sha256", encoding: "hex" }),
    ...given,
  };
  return { name: "fake", label: "In memory", config: z.unknown(), create: () => signed };
}
