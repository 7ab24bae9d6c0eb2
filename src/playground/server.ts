import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import express, { type ErrorRequestHandler, type Express } from "express";
import { refuseOtherHosts, refuseOtherSites, requireToken, secureHeaders } from "./guards.ts";
import { type PageFiles, readPageFiles } from "./page-files.ts";
import type { Refusal } from "./protocol.ts";
import { Refused } from "./refusal.ts";
import { createRoutes, type PlayTools } from "./routes.ts";

export interface Playground {
  /** With the token of this run: whoever has it may save into the folder. */
  url: string;
  /** Breaks open connections too. The mapper is its owner's to close. */
  stop(): Promise<void>;
}

const MAX_BODY = "2mb";

/** Serves the playground on loopback. Rejects when the port is taken. */
export async function startPlayground(tools: PlayTools, port = 0): Promise<Playground> {
  const token = randomBytes(24).toString("base64url");
  const app = createPlaygroundApp(tools, await readPageFiles(), token);
  return new Promise((resolve, reject) => {
    const server = app.listen(port, "127.0.0.1", (error?: Error) => {
      if (error) return reject(error);
      const address = server.address() as AddressInfo;
      resolve({ url: `http://127.0.0.1:${address.port}/?token=${token}`, stop });
    });
    const stop = () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
  });
}

/** The page at `/?token=…`; what it asks for below `/api` with the token in a header, which no form can send. */
export function createPlaygroundApp(tools: PlayTools, page: PageFiles, token: string): Express {
  const styleNonce = randomBytes(16).toString("base64");
  const html = page.html.replace("{{style-nonce}}", styleNonce);
  const app = express();
  app.disable("x-powered-by");
  app.use(secureHeaders(styleNonce), refuseOtherHosts, refuseOtherSites);
  app.use((_request, response, next) => {
    response.set("Cache-Control", "no-store");
    next();
  });
  app.get("/main.js", (_request, response) => void response.type("js").send(page.script));
  app.get("/main.css", (_request, response) => void response.type("css").send(page.styles));
  app.get("/favicon.svg", (_request, response) => void response.type("svg").send(page.icon));
  app.get(
    "/",
    requireToken(token, (request) => request.query["token"]),
    (_request, response) => void response.type("html").send(html),
  );
  app.use(
    "/api",
    requireToken(token, (request) => request.get("x-playground-token")),
    express.json({ limit: MAX_BODY }),
    createRoutes(tools),
  );
  app.use(() => {
    throw new Refused(404, "There is nothing here.");
  });
  app.use(answerError);
  return app;
}

const answerError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  response.status(statusOf(error)).json({ error: textOf(error) } satisfies Refusal);
};

/** Express' own errors (a body that is too large or no JSON) carry their status. */
function statusOf(error: unknown): number {
  if (typeof error !== "object" || error === null || !("status" in error)) return 500;
  return typeof error.status === "number" ? error.status : 500;
}

function textOf(error: unknown): string {
  if (statusOf(error) === 413) return `That is more than ${MAX_BODY}. Shorten it.`;
  return error instanceof Error ? error.message : "unknown error";
}
