import type { Channel, ParsedPayload } from "../sdk/channel.ts";
import type { WebhookRequest } from "../sdk/webhook-request.ts";
import { answer, answerJson } from "./answer.ts";
import { receiveWebhook, type WebhookReport } from "./receive-webhook.ts";
import { queryOf } from "./webhook-request.ts";
import type { WebhookSide } from "./webhook-routes.ts";

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
export function channelWebhook({ take, ...options }: ChannelWebhookOptions): WebhookSide {
  return {
    receive: receiveWebhook({
      ...options,
      verify: ({ channel }, request) => channel.verify(request),
      take: async (name, { parse }, request) => take(name, request, parse(request.body, request.query)),
      acknowledgement: ({ channel }) => channel.acknowledgement,
    }),
    handshake: (name, { url = "" }, response) => {
      const challenge = options.endpoints.get(name)?.channel.handshake?.(queryOf(url));
      if (challenge === undefined) {
        answerJson(response, 403, { error: "the verify token is not this channel's" });
      } else answer(response, 200, "text/plain; charset=utf-8", challenge);
    },
  };
}
