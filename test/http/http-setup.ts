import { createHmac } from "node:crypto";
import { onTestFinished } from "vitest";
import meta from "../../src/channels/meta/index.ts";
import { type ChannelEndpoint, channelWebhook } from "../../src/http/channel-webhook.ts";
import { connectionWebhook } from "../../src/http/connection-webhook.ts";
import { health } from "../../src/http/health.ts";
import { createHttpApp, listen } from "../../src/http/server.ts";
import type { ParsedPayload } from "../../src/sdk/channel.ts";
import type { Connector } from "../../src/sdk/connector.ts";
import { verifyHmac } from "../../src/sdk/signature.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import { createClock } from "../support/clock.ts";
import { createFakeHelpdesk } from "../support/fake-helpdesk.ts";

export const APP_SECRET = "app-secret-of-the-city";
export const HOOK_SECRET = "hook-secret-of-the-desk";
export const VERIFY_TOKEN = "verify-token-of-the-city";

/** What went through the intake, and what the outside was told. */
export interface HttpSetup {
  /** Without the way ahead of its router. */
  app: ReturnType<typeof createHttpApp>;
  /** Bodies that reached `parse`. */
  parsed: Buffer[];
  taken: { name: string; parsed: ParsedPayload }[];
  changes: { name: string; count: number }[];
  counted: string[];
  /** Log lines as they would be handed to the sink. */
  log: { level: string; message: string; fields: Record<string, unknown> }[];
  /** The intake throws this from now on. */
  breakWith(error: Error | undefined): void;
  /** Listens on loopback until the test ends. */
  start(): Promise<{ port: number; close(): Promise<void> }>;
}

/** The http room with WhatsApp's own channel type, and an intake that only remembers. */
export function setUpHttp(notReady: () => Promise<string[]> = async () => []): HttpSetup {
  const parsed: Buffer[] = [];
  const taken: HttpSetup["taken"] = [];
  const changes: HttpSetup["changes"] = [];
  const counted: string[] = [];
  const log: HttpSetup["log"] = [];
  let broken: Error | undefined;
  const write =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void log.push({ level, message, fields });
  const logger: Logger = {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
  const count = (name: string, answer: string) => void counted.push(`${name} ${answer}`);
  const probes = health({
    notReady,
    metrics: async () => ({ contentType: "text/plain", text: "figures 1\n" }),
  });
  const webhooks = {
    "/webhooks/channels": channelWebhook({
      endpoints: new Map([["city", endpoint(parsed)]]),
      take: async (name, _request, payload) => {
        if (broken) throw broken;
        taken.push({ name, parsed: payload });
      },
      counted: count,
      logger,
    }),
    "/webhooks/connections": connectionWebhook({
      connectors: connectors(),
      take: async (name, events) => {
        if (broken) throw broken;
        changes.push({ name, count: events.length });
      },
      counted: count,
      logger,
    }),
  };
  const app = createHttpApp(probes, webhooks, logger);
  return {
    app,
    parsed,
    taken,
    changes,
    counted,
    log,
    breakWith: (error) => {
      broken = error;
    },
    async start() {
      const server = await listen(app, webhooks, { host: "127.0.0.1", port: 0 });
      onTestFinished(() => server.close());
      return server;
    },
  };
}

function endpoint(parsed: Buffer[]): ChannelEndpoint {
  return {
    channel: metaChannel("106540352242922", [APP_SECRET]),
    parse(body) {
      parsed.push(body);
      return meta.parse(body);
    },
  };
}

/** A number at Meta; nothing here calls Graph. */
export function metaChannel(phoneNumberId: string, appSecrets: string[]) {
  const settings = { phoneNumberId, appSecrets, verifyToken: VERIFY_TOKEN, accessToken: "t" };
  const nothing = () => undefined;
  return meta.create(meta.config.parse(settings), {
    clock: createClock(),
    log: { debug: nothing, info: nothing, warn: nothing },
    http: () => ({
      request: () => Promise.reject(new Error("no call is expected")),
      download: () => Promise.reject(new Error("no call is expected")),
    }),
  });
}

/** `desk` signs its webhooks; `mute` has no way to sign them. */
function connectors(): Map<string, Connector> {
  const { connector } = createFakeHelpdesk({ clock: createClock() });
  const signed: Connector = {
    ...connector,
    parseWebhook: ({ body }) => JSON.parse(body.toString()) as never[],
    verifyWebhook: ({ headers, body }) =>
      verifyHmac([HOOK_SECRET], body, headers["x-desk-signature"], { algorithm: "sha256", encoding: "hex" }),
  };
  return new Map([
    ["desk", signed],
    ["mute", connector],
  ]);
}

/** Meta's signature header over these bytes. */
export function signature(body: Buffer | string, secret = APP_SECRET): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

/** A webhook of one text message. */
export function messageBody(text = "The street light is broken", phoneNumberId = "106540352242922"): string {
  const message = {
    from: "447700900001",
    id: "wamid.A1",
    timestamp: "1793610000",
    type: "text",
    text: { body: text },
  };
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "441632960961", phone_number_id: phoneNumberId },
    contacts: [{ profile: { name: "Ann" }, wa_id: "447700900001" }],
    messages: [message],
  };
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: "102290129340398", changes: [{ field: "messages", value }] }],
  });
}
