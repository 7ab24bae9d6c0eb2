import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type Express, Router } from "express";
import type { ReceiveWebhook } from "./receive-webhook.ts";

/** Where one side sends its webhooks: below an address, each to a name. */
export interface WebhookSide {
  receive: ReceiveWebhook;
  /** Answers a GET by which a provider asks whether the address is ours. */
  handshake?(name: string, request: IncomingMessage, response: ServerResponse): void;
}

/** Both sides by their addresses, e.g. `/webhooks/channels`. */
export type WebhookSides = Record<string, WebhookSide>;

/** A side in Express, which knows every spelling of an address. */
export function webhookRouter({ receive, handshake }: WebhookSide): Router {
  const router = Router();
  if (handshake) {
    router.get("/:name", (request, response) => handshake(request.params.name, request, response));
  }
  router.post("/:name", (request, response) => receive(request.params.name, request, response));
  return router;
}

/**
 * Webhooks in the plain spelling go straight to their function, everything else through Express, whose router and
 * middleware cost more than all that a webhook needs (measured: see docs/decisions/0043).
 */
export function webhooksFirst(app: Express, sides: WebhookSides): RequestListener {
  const addresses = Object.entries(sides).map(([address, { receive }]) => ({
    prefix: `${address}/`,
    receive,
  }));
  return (request, response) => {
    const { method, url = "" } = request;
    const side = method === "POST" && addresses.find(({ prefix }) => url.startsWith(prefix));
    const name = side && nameIn(url.slice(side.prefix.length));
    if (side && name) void side.receive(name, request, response);
    else app(request, response);
  };
}

/** Undefined for what Express has to make out: escapes, further parts, nothing at all. */
function nameIn(rest: string): string | undefined {
  return /^([\w.-]+)(?:\?|$)/.exec(rest)?.[1];
}
