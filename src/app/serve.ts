import type { Config } from "../config/schema.ts";
import { isLoopback } from "../config/server-settings.ts";
import { lanes } from "../domain/lane.ts";
import { channelWebhook } from "../http/channel-webhook.ts";
import { connectionWebhook } from "../http/connection-webhook.ts";
import { health } from "../http/health.ts";
import { createHttpApp, listen } from "../http/server.ts";
import type { WebhookSides } from "../http/webhook-routes.ts";
import type { ChannelDefinition } from "../sdk/channel.ts";
import type { Clock } from "../sdk/clock.ts";
import type { WebhookRequest } from "../sdk/webhook-request.ts";
import type { Store } from "../store/store.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { ConnectionGuard } from "./calls/guard.ts";
import type { Parts } from "./parts.ts";
import { createAdmission } from "./tokens.ts";
import type { createTaking } from "./webhooks.ts";

export interface ServeOptions {
  config: Config;
  role: "all" | "intake" | "worker";
  parts: Parts;
  taking: ReturnType<typeof createTaking>;
  metrics: Metrics;
  /** On a Redis that answers soon or not at all. */
  store: Pick<Store, "accountStops" | "callPace" | "stops" | "deadLetters" | "mailboxes" | "tokens">;
  /** Rejects when Redis does not answer. */
  ping(): Promise<unknown>;
  /** Shown by /health/ready beside the answer. */
  warnings(): Promise<string[]>;
  logger: Logger;
  clock: Clock;
  guards: ReadonlyMap<string, ConnectionGuard>;
}

/** Everything reachable by HTTP: webhooks unless this is a mere worker, health and metrics always. */
export async function serve(options: ServeOptions) {
  const { config, role, parts, taking, metrics, ping, logger, clock } = options;
  let isStopping = false;
  const isOpen = isLoopback(config.server.host);
  const probes = health({
    admit: isOpen ? undefined : createAdmission(options.store.tokens, clock),
    hasPublicMetrics: config.server.publicMetrics,
    notReady: async () => [
      ...(isStopping ? ["stopping"] : []),
      ...(await ping().then(
        () => [],
        () => ["Redis does not answer"],
      )),
    ],
    warnings: options.warnings,
    metrics: async () => {
      await measureRedis(options);
      return { contentType: metrics.registry.contentType, text: await metrics.registry.metrics() };
    },
  });
  const endpoints = new Map(
    [...parts.channels].map(([name, { channel, definition }]) => [
      name,
      { channel, parse: parserOf(definition, clock) },
    ]),
  );
  const webhooks: WebhookSides = {
    "/webhooks/channels": channelWebhook({
      endpoints,
      take: taking.fromChannel,
      counted: (name, answer) => metrics.webhooks.inc({ source: "channel", name, answer }),
      logger,
    }),
    "/webhooks/connections": connectionWebhook({
      connectors: parts.connectors,
      take: taking.fromConnection,
      counted: (name, answer) => metrics.webhooks.inc({ source: "connection", name, answer }),
      logger,
    }),
  };
  const taken = role === "worker" ? {} : webhooks;
  const server = await listen(createHttpApp(probes, taken, logger), taken, config.server);
  return {
    port: server.port,
    close: () => {
      isStopping = true;
      return server.close();
    },
  };
}

/** Some providers send no time and give part of the news in the address. */
function parserOf(definition: ChannelDefinition, clock: Clock) {
  return (body: Buffer, query: WebhookRequest["query"]) =>
    definition.parse(body, { query, receivedAt: new Date(clock.now()).toISOString() });
}

/** The figures are asked for most of all when Redis is away. */
async function measureRedis(options: ServeOptions): Promise<void> {
  const { parts, store, metrics } = options;
  try {
    await measure(parts, store, metrics);
    await measureConnections(options);
    metrics.redisAnswers.set(1);
  } catch {
    metrics.redisAnswers.set(0);
  }
}

async function measureConnections({ guards, store, metrics }: ServeOptions): Promise<void> {
  for (const [connection, guard] of guards) {
    const stop = await store.accountStops.reason(connection);
    metrics.connectionStopped.set({ connection }, stop === undefined ? 0 : 1);
    metrics.connectionOut.set({ connection }, guard.isOpen() ? 1 : 0);
    metrics.callsInLine.set({ connection }, await store.callPace.inLine(connection));
  }
}

/** Reads what only Redis knows at the moment somebody asks. */
async function measure(parts: Parts, store: ServeOptions["store"], metrics: Metrics): Promise<void> {
  metrics.stopped.reset();
  for (const channel of parts.channels.keys()) {
    const stop = await store.stops.channel(channel);
    if (stop) metrics.stopped.set({ channel, reason: stop.reason }, 1);
    metrics.dead.set({ channel }, await store.deadLetters.count(channel));
    metrics.quarantined.set({ channel }, await store.deadLetters.quarantined(channel));
    for (const lane of lanes)
      metrics.waiting.set({ channel, lane }, await store.mailboxes.waiting(channel, lane));
  }
}
