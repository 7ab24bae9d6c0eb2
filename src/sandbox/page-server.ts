import { fileURLToPath } from "node:url";
import express, { type RequestHandler } from "express";
import helmet from "helmet";
import type { TraceEntry } from "../domain/trace.ts";
import { streamEvents } from "./event-stream.ts";
import { type Listening, listen } from "./listen.ts";
import { proxy } from "./proxy.ts";
import { compact } from "./read.ts";
import { createTraceFeed } from "./trace-feed.ts";

export interface PageServerOptions {
  /** Address of the Graph emulator. */
  graphUrl: string;
  /** Address of the sandbox helpdesk. */
  deskUrl: string;
  /** Name of the connection in deskferry.yaml: part of the ids that the trace shows. */
  connection: string;
  /** The app's trace from now on; ends when the signal is aborted. */
  readTrace(signal: AbortSignal): AsyncIterable<TraceEntry>;
  port?: number;
  host?: string;
}

const pages = fileURLToPath(new URL("./pages/", import.meta.url));

/** Serves the demo page: a phone, a helpdesk, and the path of each message between them. */
export async function createPageServer(options: PageServerOptions): Promise<Listening> {
  const feed = createTraceFeed(options.readTrace);
  // A trace that breaks leaves the page without its middle, not without its server.
  feed.reading.catch(() => undefined);
  const app = express();
  app.disable("x-powered-by");
  app.use(secureHeaders(), refuseOtherSites);
  app.get("/settings", (_request, response) => {
    response.json({ connection: options.connection });
  });
  app.get("/trace", streamEvents(feed.source));
  app.use(
    "/graph",
    proxy(`${options.graphUrl}/sandbox`, [
      "GET /events",
      "GET /numbers",
      "GET /media/*",
      "POST /messages",
      "POST /clock",
    ]),
  );
  app.use(
    "/desk",
    proxy(`${options.deskUrl}/sandbox`, [
      "GET /events",
      "GET /attachments/*",
      "PATCH /tickets/*",
      "POST /tickets/*/comments",
    ]),
  );
  app.use(express.static(pages, { index: "index.html" }));
  const listening = await listen(app, compact({ port: options.port, host: options.host }));
  return {
    url: listening.url,
    async stop() {
      feed.stop();
      await listening.stop();
    },
  };
}

function secureHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", "blob:"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Plain http on loopback: there is nothing to upgrade to.
    strictTransportSecurity: false,
  });
}

/** The page has no login, so no other site may act through the visitor's browser (Fetch Metadata). */
const refuseOtherSites: RequestHandler = (request, response, next) => {
  const site = request.get("sec-fetch-site");
  const opensPage = request.method === "GET" && request.get("sec-fetch-mode") === "navigate";
  if (site === undefined || site === "same-origin" || site === "none" || opensPage) return next();
  response.status(403).json({ error: "only this page may ask" });
};
