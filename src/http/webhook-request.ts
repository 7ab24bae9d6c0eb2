import type { IncomingHttpHeaders } from "node:http";
import type { WebhookRequest } from "../sdk/webhook-request.ts";

/** The parts of an Express request that matter here, whatever its route's parameters are. */
interface IncomingRequest {
  headers: IncomingHttpHeaders;
  query: Record<string, unknown>;
  body: unknown;
}

/** What plugins see of a request: nothing of Express. Repeated query parameters count as absent. */
export function toWebhookRequest(request: IncomingRequest): WebhookRequest {
  const headers: WebhookRequest["headers"] = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  const query: WebhookRequest["query"] = {};
  for (const [name, value] of Object.entries(request.query)) {
    if (typeof value === "string") query[name] = value;
  }
  return { headers, query, body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0) };
}
