import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Express, type Router } from "express";
import helmet from "helmet";
import type { Logger } from "../telemetry/logger.ts";
import { errorHandler } from "./error-handler.ts";
import { hangUpOnStalled, type Patience } from "./hang-up.ts";
import { type WebhookSides, webhookRouter, webhooksFirst } from "./webhook-routes.ts";

export interface ServerOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
}

/** The Express application: our routes, nothing else. */
export function createHttpApp(probes: Router, webhooks: WebhookSides, logger: Logger): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  app.set("etag", false);
  app.use(helmet());
  app.use("/", probes);
  for (const [address, side] of Object.entries(webhooks)) app.use(address, webhookRouter(side));
  app.use((_request, response) => void response.status(404).json({ error: "no such address" }));
  app.use(errorHandler(logger));
  return app;
}

const HEADERS_MS = 5000;
/** Longer than the minute after which reverse proxies hang up themselves. */
const KEPT_ALIVE_MS = 65_000;
const PATIENCE: Patience = { idleMs: KEPT_ALIVE_MS + HEADERS_MS, answerMs: 30_000 };

/** A server with limits that let slow clients hold nothing up: Node's defaults waited longer than 13 s. */
export function limitedServer(app: RequestListener, patience = PATIENCE): Server {
  const server = createServer({ connectionsCheckingInterval: 500, maxHeaderSize: 8192 }, app);
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = 15_000;
  server.keepAliveTimeout = KEPT_ALIVE_MS;
  server.maxConnections = 1000;
  hangUpOnStalled(server, patience);
  return server;
}

/** Everything of the application, webhooks ahead of its router. */
export async function listen(app: Express, webhooks: WebhookSides, { host, port }: ServerOptions) {
  const server = limitedServer(webhooksFirst(app, webhooks));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return { port: address.port, close: () => close(server) };
}

const LONGEST_GOODBYE_MS = 5000;

/** Stops taking connections and lets the requests under way finish; connections kept alive do not hold it up. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Connections become idle again with their last answer: hence more than one look.
    const hangUp = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearInterval(hangUp);
      resolve();
    });
    setTimeout(() => server.closeAllConnections(), LONGEST_GOODBYE_MS).unref();
  });
}
