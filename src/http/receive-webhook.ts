import type { RequestHandler, Response } from "express";
import type { Acknowledgement } from "../sdk/arrival.ts";
import type { WebhookRequest } from "../sdk/webhook-request.ts";
import type { Logger } from "../telemetry/logger.ts";
import { toWebhookRequest } from "./webhook-request.ts";

/** Who is told of what became of webhooks. */
export interface WebhookReport {
  /** Counts an answer: accepted, refused, unavailable. */
  counted(name: string, answer: string): void;
  logger: Logger;
}

export interface ReceiveOptions<E> extends WebhookReport {
  /** By the name in the address. */
  endpoints: ReadonlyMap<string, E>;
  verify(endpoint: E, request: WebhookRequest): boolean;
  /** Parses and stores everything durably, or rejects. */
  take(name: string, endpoint: E, request: WebhookRequest): Promise<void>;
  /** The answer to an accepted request, where the sender reads it. */
  acknowledgement?(endpoint: E): Acknowledgement | undefined;
}

/**
 * The order is the point: the signature over the raw bytes before anything is parsed, 200 only once everything is on
 * Redis, 503 otherwise, so that the sender repeats it.
 */
export function receiveWebhook<E>(options: ReceiveOptions<E>): RequestHandler<{ name: string }> {
  const { endpoints, verify, take, counted, logger } = options;
  return async (request, response) => {
    const { name } = request.params;
    const endpoint = endpoints.get(name);
    const webhook = toWebhookRequest(request);
    if (!endpoint || !verify(endpoint, webhook)) {
      counted(endpoint ? name : "unknown", "refused");
      refuse(response, 401, "the signature is missing or not right for this address");
      return;
    }
    try {
      await take(name, endpoint, webhook);
    } catch (error) {
      counted(name, "unavailable");
      logger.error("a webhook could not be stored", { webhook: name, kind: kindOf(error) });
      response.set("Retry-After", "5");
      refuse(response, 503, "this could not be stored; send it again");
      return;
    }
    counted(name, "accepted");
    const acknowledgement = options.acknowledgement?.(endpoint);
    if (acknowledgement) response.status(200).type(acknowledgement.contentType).send(acknowledgement.body);
    else response.status(200).json({ accepted: true });
  };
}

export function refuse(response: Response, status: number, error: string): void {
  response.status(status).json({ error });
}

/** The message of an error may quote what was sent. */
function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
