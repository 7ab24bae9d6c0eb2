import { type RequestHandler, Router } from "express";
import type { HelpdeskEvent } from "../domain/event.ts";
import type { Connector } from "../sdk/connector.ts";
import { rawBody } from "./raw-body.ts";
import { toWebhookRequest } from "./webhook-request.ts";

export interface ConnectionWebhookOptions {
  connectors: ReadonlyMap<string, Connector>;
  /** Stores the changes durably, or rejects. */
  take(name: string, events: HelpdeskEvent[]): Promise<void>;
  /** Counts an answer. */
  counted(name: string, answer: string): void;
}

/** `/webhooks/connections/:connection`: a helpdesk reports changes. Unsigned means refused; such a helpdesk is polled. */
export function connectionWebhook(options: ConnectionWebhookOptions): Router {
  const router = Router();
  router.post("/:connection", rawBody, receive(options));
  return router;
}

function receive({
  connectors,
  take,
  counted,
}: ConnectionWebhookOptions): RequestHandler<{ connection: string }> {
  return async (request, response) => {
    const name = request.params.connection;
    const connector = connectors.get(name);
    const webhook = toWebhookRequest(request as never);
    if (!connector?.verifyWebhook?.(webhook)) {
      counted(connector ? name : "unknown", "refused");
      response.status(401).json({ error: "the signature is missing or not this connection's" });
      return;
    }
    try {
      await take(name, connector.parseWebhook(webhook));
    } catch {
      counted(name, "unavailable");
      response
        .set("Retry-After", "5")
        .status(503)
        .json({ error: "the changes could not be stored; send them again" });
      return;
    }
    counted(name, "accepted");
    response.status(200).json({ accepted: true });
  };
}
