import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { createConnectionGuard } from "../../src/app/calls/guard.ts";
import { callingFor } from "../../src/app/calls/scope.ts";
import { renewable } from "../../src/app/renewable.ts";
import type { Connector, ConnectorCapabilities } from "../../src/sdk/connector.ts";
import { createHttpClient } from "../../src/sdk/http-client.ts";
import type { CallLimit } from "../../src/store/call-pace.ts";
import { createStore } from "../../src/store/store.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { createClock, type TestClock } from "../support/clock.ts";
import { openRedis, uniqueConnection } from "../support/redis.ts";

export interface GuardedOptions {
  /** What the helpdesk does with a call. */
  answer(request: IncomingMessage, response: ServerResponse, clock: TestClock): void;
  limit?: CallLimit;
  rateLimitHeaders?: ConnectorCapabilities["rateLimitHeaders"];
  /** What waiting does; the clock goes on unless told otherwise. */
  wait?: (ms: number) => Promise<void>;
  canCheck?: boolean;
}

/** A connector behind its guard, on real Redis, real HTTP and a clock that stands still. */
export async function setUpGuarded(options: GuardedOptions) {
  const clock = createClock();
  const server = createServer((request, response) => options.answer(request, response, clock));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const redis = await openRedis();
  const connection = uniqueConnection(redis);
  const store = createStore(redis);
  const metrics = createMetrics();
  const lines: { level: string; message: string }[] = [];
  const write = (level: string) => (message: string) => void lines.push({ level, message });
  const guard = createConnectionGuard({
    connection,
    limit: options.limit,
    store,
    metrics,
    logger: { error: write("error"), warn: write("warn"), info: write("info") },
    clock,
    wait: options.wait ?? (async (ms) => clock.advance(ms)),
  });
  onTestFinished(() => guard.shutdown());
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const http = guard.http(createHttpClient({ baseUrl }, clock), () => options.rateLimitHeaders);
  const { parts } = renewable(
    { [connection]: {} },
    () => createConnector(http, options.canCheck ?? true),
    (_, method) => guard.intercept(method),
  );
  const connector = parts.get(connection);
  if (!connector) throw new Error("the connector is there");
  /** One comment, for a message of this name; as a handler does it. */
  const comment = (name: string) =>
    callingFor(name, () =>
      connector.addComment({
        ticketId: "1",
        externalId: name,
        body: name,
        visibility: "public",
        attachments: [],
      }),
    );
  const figure = async (name: string) => {
    const text = await metrics.registry.getSingleMetricAsString(name);
    return text.split("\n").filter((line) => !line.startsWith("#"));
  };
  return { clock, connection, connector, guard, store, lines, comment, figure };
}

function createConnector(http: ReturnType<typeof createHttpClient>, canCheck: boolean): Connector {
  const post = async (path: string, id: string) => {
    await http.request({ method: "POST", path, json: { id }, what: `post ${path}` });
    return { id };
  };
  return {
    capabilities: {
      idempotency: { class: "A" },
      changes: ["push"],
      internalComments: true,
      maxAttachmentBytes: 0,
    },
    upsertContact: (key) => post("/contacts", key.externalId),
    createTicket: async ({ externalId }) => {
      await post("/tickets", externalId);
      return post("/tickets/subject", externalId);
    },
    addComment: ({ externalId }) => post("/comments", externalId),
    parseWebhook: () => [],
    ...(canCheck
      ? {
          checkConnection: async () => {
            await http.request({ method: "GET", path: "/account", what: "look at the account" });
            return [];
          },
        }
      : {}),
  };
}
