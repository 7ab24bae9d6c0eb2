import { type RequestHandler, Router } from "express";
import type { Channel, ParsedPayload } from "../sdk/channel.ts";
import type { WebhookRequest } from "../sdk/webhook-request.ts";
import { rawBody } from "./raw-body.ts";
import { receiveWebhook, refuse, type WebhookReport } from "./receive-webhook.ts";
import { toWebhookRequest } from "./webhook-request.ts";

/** One channel as the intake needs it. */
export interface ChannelEndpoint {
  channel: Channel;
  parse(body: Buffer, query: WebhookRequest["query"]): ParsedPayload;
}

export interface ChannelWebhookOptions extends WebhookReport {
  endpoints: ReadonlyMap<string, ChannelEndpoint>;
  /** Stores everything durably, or rejects. */
  take(name: string, request: WebhookRequest, parsed: ParsedPayload): Promise<void>;
}

/**
 * `/webhooks/channels/:name`. What is signed but odd is kept and answered 200, because any other answer makes Meta
 * repeat the whole batch for 7 days.
 */
export function channelWebhook({ take, ...options }: ChannelWebhookOptions): Router {
  const router = Router();
  router.get("/:name", handshake(options.endpoints));
  router.post(
    "/:name",
    rawBody,
    receiveWebhook({
      ...options,
      verify: ({ channel }, request) => channel.verify(request),
      take: async (name, { parse }, request) => take(name, request, parse(request.body, request.query)),
      acknowledgement: ({ channel }) => channel.acknowledgement,
    }),
  );
  return router;
}

function handshake(endpoints: ChannelWebhookOptions["endpoints"]): RequestHandler<{ name: string }> {
  return (request, response) => {
    const { query } = toWebhookRequest(request);
    const challenge = endpoints.get(request.params.name)?.channel.handshake?.(query);
    if (challenge === undefined) refuse(response, 403, "the verify token is not this channel's");
    else response.type("text/plain").send(challenge);
  };
}
