import { createWarnOnce, defineConnector, PluginError } from "deskferry/sdk";
import { checkConnection, type TicketTools } from "./request.ts";
import { settings } from "./settings.ts";
import { createTicket } from "./tickets.ts";

/**
 * osTicket 1.17 and later by its API, which makes tickets and does nothing else: each message becomes a ticket, and nothing
 * comes back (docs/decisions/0036). setup.md tells an administrator what to do.
 */
export default defineConnector({
  name: "osticket",
  label: "osTicket",
  config: settings,
  example: { url: "https://support.example.org", apiKey: "an-example" },
  create(config, { http: createClient, log, clock }) {
    const http = createClient({ baseUrl: config.url, headers: { "X-API-Key": config.apiKey } });
    const warnOnce = createWarnOnce(log);
    const tools: TicketTools = { http, settings: config, clock, warnOnce };
    return {
      capabilities: {
        idempotency: { class: "C", onUnclear: config.onUnclear },
        messages: "tickets",
        changes: [],
        internalComments: false,
        maxAttachmentBytes: config.maxAttachmentBytes,
        unsupportedTicketFields: ["assignee", "tags", "skills", "due"],
      },
      createTicket: (ticket) => createTicket(ticket, tools),
      upsertContact: () => Promise.reject(cannot("contacts")),
      addComment: () => Promise.reject(cannot("comments")),
      // osTicket sends no webhooks.
      parseWebhook: () => [],
      checkConnection: () => checkConnection(tools),
    };
  },
});

function cannot(records: string): PluginError {
  const operatorMessage = `osTicket's API makes tickets only, no ${records}: each message becomes a ticket`;
  return new PluginError({ kind: "rejected", operatorMessage });
}
