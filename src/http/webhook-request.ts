import type { IncomingMessage } from "node:http";
import type { WebhookRequest } from "../sdk/webhook-request.ts";

/** What plugins see of a request: nothing of Node's or Express'. Repeated query parameters count as absent. */
export function toWebhookRequest({ headers, url = "" }: IncomingMessage, body: Buffer): WebhookRequest {
  // Node joins repeated headers itself, all but this one, which is for answers.
  delete headers["set-cookie"];
  return { headers: headers as WebhookRequest["headers"], query: queryOf(url), body };
}

export function queryOf(url: string): WebhookRequest["query"] {
  const query: WebhookRequest["query"] = {};
  const begins = url.indexOf("?");
  if (begins < 0) return query;
  const parameters = new URLSearchParams(url.slice(begins));
  for (const name of new Set(parameters.keys())) {
    const [value, ...others] = parameters.getAll(name);
    if (others.length === 0) query[name] = value;
  }
  return query;
}
