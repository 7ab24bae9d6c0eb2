import { type ConnectorCapabilities, defineConnector } from "deskferry/sdk";
import { reads } from "./reads.ts";
import { type Settings, settings } from "./settings.ts";
import { parseWebhook, verifyWebhook } from "./webhook.ts";
import { writes } from "./writes.ts";

export default defineConnector({
  name: "acme",
  label: "Acme Desk",
  config: settings,
  example: { url: "https://acme.example.org", token: "an-example", webhookSecret: "an-example" },
  create(config, { http: createClient, clock }) {
    const http = createClient({
      baseUrl: config.url,
      headers: { Authorization: `Bearer ${config.token}`, Accept: "application/json" },
    });
    return {
      capabilities: capabilitiesOf(config),
      ...writes(http),
      ...reads(http, config),
      verifyWebhook: (request) => verifyWebhook(request, config, clock),
      parseWebhook: (request) => parseWebhook(request, config),
    };
  },
});

/** What this account can do. The conformance suite holds the connector to it. */
function capabilitiesOf(config: Settings): ConnectorCapabilities {
  return {
    // A new record is found at once. Where an index lags, say by how much.
    idempotency: { class: "B", settleMs: 0 },
    changes: config.webhookSecret ? ["push", "poll"] : ["poll"],
    internalComments: true,
    maxAttachmentBytes: 4 * 1024 * 1024,
    unsupportedTicketFields: ["queue", "assignee", "tags", "skills", "due", "custom"],
  };
}
