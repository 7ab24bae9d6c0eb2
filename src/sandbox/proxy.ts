import { request as httpRequest } from "node:http";
import type { RequestHandler } from "express";

/** Which requests a proxy passes on: `METHOD /path`, `*` for one segment. */
export type Allowed = readonly string[];

/**
 * Passes requests on to `target` below `base`, bodies and event streams alike. Only what the page needs: the page server
 * must not open the servers behind it to every page in the same browser.
 */
export function proxy(target: string, allowed: Allowed): RequestHandler {
  const patterns = allowed.map(toPattern);
  return (request, response, next) => {
    const method = request.method === "HEAD" ? "GET" : request.method;
    if (!patterns.some((pattern) => pattern.test(`${method} ${request.path}`))) return next();
    const url = new URL(target + request.url);
    const headers = pick(request.headers, ["content-type", "content-length", "last-event-id", "accept"]);
    const upstream = httpRequest(url, { method: request.method, headers }, (answer) => {
      const passed = pick(answer.headers, ["content-type", "content-length", "cache-control"]);
      // A file from a message must not run as a page of ours, whatever it claims to be.
      if (/\/(media|attachments)\//.test(request.path)) response.set("Content-Security-Policy", "sandbox");
      response.writeHead(answer.statusCode ?? 502, passed);
      answer.on("error", () => response.destroy());
      answer.pipe(response);
    });
    upstream.on("error", () => {
      if (!response.headersSent) response.status(502).json({ error: "the sandbox server does not answer" });
      else response.destroy();
    });
    response.on("close", () => upstream.destroy());
    request.pipe(upstream);
  };
}

function toPattern(rule: string): RegExp {
  return new RegExp(`^${rule.replaceAll("/", "\\/").replaceAll("*", "[^/]+")}$`);
}

function pick(
  headers: Record<string, string | string[] | undefined>,
  names: string[],
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (typeof value === "string") found[name] = value;
  }
  return found;
}
