import type { IncomingMessage, ServerResponse } from "node:http";
import type { Acknowledgement } from "../sdk/arrival.ts";
import type { WebhookRequest } from "../sdk/webhook-request.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import type { Logger } from "../telemetry/logger.ts";
import { answer, answerJson } from "./answer.ts";
import { answerError } from "./error-handler.ts";
import { createFloodGuard } from "./flood-guard.ts";
import { readBody } from "./read-body.ts";
import { toWebhookRequest } from "./webhook-request.ts";

/** Who is told of what became of webhooks. */
export interface WebhookReport {
  /** Counts an answer: accepted, refused, limited, unavailable. */
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

/** Answers a webhook to this name, whatever happens: it never rejects. Knows nothing of Express. */
export type ReceiveWebhook = (
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>;

/**
 * The order is the point: the signature over the raw bytes before anything is parsed, 200 only once everything is on
 * Redis, 503 otherwise, so that the sender repeats it.
 */
export function receiveWebhook<E>(options: ReceiveOptions<E>): ReceiveWebhook {
  const { endpoints, verify, take, counted, logger } = options;
  const floods = createFloodGuard();

  async function receive(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const endpoint = endpoints.get(name);
    const webhook = toWebhookRequest(request, await readBody(request));
    if (!endpoint || !verify(endpoint, webhook)) {
      floods.noteRefused(request);
      counted(endpoint ? name : "unknown", "refused");
      answerJson(response, 401, { error: "the signature is missing or not right for this address" });
      return;
    }
    try {
      await take(name, endpoint, webhook);
    } catch (error) {
      counted(name, "unavailable");
      logger.error("a webhook could not be stored", { webhook: name, kind: kindOf(error) });
      response.setHeader("Retry-After", "5");
      answerJson(response, 503, { error: "this could not be stored; send it again" });
      return;
    }
    crashPoint("webhook.stored");
    counted(name, "accepted");
    const acknowledgement = options.acknowledgement?.(endpoint);
    if (acknowledgement) answer(response, 200, acknowledgement.contentType, acknowledgement.body);
    else answerJson(response, 200, { accepted: true });
  }

  return async (name, request, response) => {
    try {
      if (!floods.isInVain(request)) return await receive(name, request, response);
      counted(endpoints.has(name) ? name : "unknown", "limited");
      refuseUnread(request, response);
    } catch (error) {
      answerError(error, response, logger);
    }
  };
}

/** Bodies that are worth less than a new connection. */
const SMALL_BYTES = 65_536;

/** A small body is let pass by; before a large one, or one of unknown size, the connection ends. */
function refuseUnread(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("Retry-After", "60");
  if (Number(request.headers["content-length"] ?? SMALL_BYTES) < SMALL_BYTES) request.resume();
  else response.setHeader("Connection", "close");
  answerJson(response, 429, { error: "too many requests without a signature" });
}

/** The message of an error may quote what was sent. */
function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
