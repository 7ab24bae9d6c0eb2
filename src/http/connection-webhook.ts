import type { HelpdeskEvent } from "../domain/event.ts";
import type { Connector } from "../sdk/connector.ts";
import { receiveWebhook, type WebhookReport } from "./receive-webhook.ts";
import type { WebhookSide } from "./webhook-routes.ts";

export interface ConnectionWebhookOptions extends WebhookReport {
  connectors: ReadonlyMap<string, Connector>;
  /** Stores the changes durably, or rejects. */
  take(name: string, events: HelpdeskEvent[]): Promise<void>;
}

/** `/webhooks/connections/:name`: a helpdesk reports changes. One that cannot sign them is refused, and polled. */
export function connectionWebhook({ connectors, take, ...report }: ConnectionWebhookOptions): WebhookSide {
  return {
    receive: receiveWebhook({
      ...report,
      endpoints: connectors,
      verify: (connector, request) => connector.verifyWebhook?.(request) ?? false,
      take: async (name, connector, request) => take(name, await connector.parseWebhook(request)),
    }),
  };
}
