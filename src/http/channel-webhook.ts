import { type RequestHandler, type Response, Router } from "express";
import type { Channel, ParsedPayload } from "../sdk/channel.ts";
import type { WebhookRequest } from "../sdk/webhook-request.ts";
import { rawBody } from "./raw-body.ts";
import { toWebhookRequest } from "./webhook-request.ts";

/** One channel as the intake needs it. */
export interface ChannelEndpoint {
  channel: Channel;
  parse(body: Buffer): ParsedPayload;
}

export interface ChannelWebhookOptions {
  endpoints: ReadonlyMap<string, ChannelEndpoint>;
  /** Stores everything durably, or rejects. */
  take(name: string, request: WebhookRequest, parsed: ParsedPayload): Promise<void>;
  /** Counts an answer. */
  counted(name: string, answer: string): void;
}

/**
 * `/webhooks/channels/:channel`. The order is the point: the signature over the raw bytes before anything is parsed;
 * 200 only once everything is on Redis; what is signed but odd is kept and answered 200, because any other answer
 * makes Meta repeat the whole batch for 7 days.
 */
export function channelWebhook(options: ChannelWebhookOptions): Router {
  const router = Router();
  router.get("/:channel", handshake(options));
  router.post("/:channel", rawBody, receive(options));
  return router;
}

function handshake({ endpoints }: ChannelWebhookOptions): RequestHandler<{ channel: string }> {
  return (request, response) => {
    const { query } = toWebhookRequest(request as never);
    const challenge = endpoints.get(request.params.channel)?.channel.handshake?.(query);
    if (challenge === undefined) refuse(response, 403, "the verify token is not this channel's");
    else response.type("text/plain").send(challenge);
  };
}

function receive({ endpoints, take, counted }: ChannelWebhookOptions): RequestHandler<{ channel: string }> {
  return async (request, response) => {
    const name = request.params.channel;
    const endpoint = endpoints.get(name);
    const webhook = toWebhookRequest(request as never);
    if (!endpoint?.channel.verify(webhook)) {
      counted(endpoint ? name : "unknown", "refused");
      refuse(response, 401, "the signature is missing or not this channel's");
      return;
    }
    try {
      await take(name, webhook, endpoint.parse(webhook.body));
    } catch {
      counted(name, "unavailable");
      response.set("Retry-After", "5");
      refuse(response, 503, "the events could not be stored; send them again");
      return;
    }
    counted(name, "accepted");
    response.status(200).json({ accepted: true });
  };
}

function refuse(response: Response, status: number, error: string): void {
  response.status(status).json({ error });
}
