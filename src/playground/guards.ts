import { timingSafeEqual } from "node:crypto";
import type { Request, RequestHandler } from "express";
import helmet from "helmet";
import { Refused } from "./refusal.ts";

/** Who may speak to the playground: the page that it served itself, opened with the address it printed. */

/** Nothing inline, nothing from elsewhere. The editor brings style rules of its own, which carry the nonce. */
export function secureHeaders(styleNonce: string): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", `'nonce-${styleNonce}'`],
        // The editor's marks of faults are drawn from data: addresses.
        imgSrc: ["'self'", "data:"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Plain http on loopback: there is nothing to upgrade to.
    strictTransportSecurity: false,
  });
}

/** A name that an attacker lets point to 127.0.0.1 is not ours (DNS rebinding). */
export const refuseOtherHosts: RequestHandler = (request, _response, next) => {
  const { host } = request.headers;
  const port = request.socket.localPort;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    throw new Refused(403, "Open the playground by the address that it printed.");
  }
  next();
};

/** A page of another site must not act through this browser. */
export const refuseOtherSites: RequestHandler = (request, _response, next) => {
  const origin = request.get("origin");
  const site = request.get("sec-fetch-site");
  const isOurs = origin === undefined || origin === `http://${request.get("host")}`;
  const isSame =
    site === undefined || site === "same-origin" || (site === "none" && request.method === "GET");
  if (isOurs && isSame) return next();
  const opensPage = request.method === "GET" && request.get("sec-fetch-mode") === "navigate";
  if (!opensPage) throw new Refused(403, "Only the playground's own page may ask.");
  next();
};

/** Another user of this machine reaches the port too, but does not know the address. */
export function requireToken(token: string, given: (request: Request) => unknown): RequestHandler {
  return (request, _response, next) => {
    if (isSame(token, given(request))) return next();
    throw new Refused(403, "Open the playground by the whole address that it printed, with its token.");
  };
}

function isSame(token: string, given: unknown): boolean {
  if (typeof given !== "string") return false;
  const [known, shown] = [Buffer.from(token), Buffer.from(given)];
  return known.length === shown.length && timingSafeEqual(known, shown);
}
