import { type ConnectorCapabilities, defineConnector } from "deskferry/sdk";
import { listChanges } from "./changes.ts";
import { checkConnection } from "./check.ts";
import { addComment, findComment } from "./comments.ts";
import { upsertContact } from "./contacts.ts";
import { createDirectory } from "./directory.ts";
import { fetchAttachment } from "./files.ts";
import { type Settings, settings } from "./settings.ts";
import { createTicket, findTicket } from "./tickets.ts";
import { parseWebhook, verifyWebhook } from "./webhook.ts";

/**
 * Chatwoot. People become contacts, conversations conversations of an API inbox, messages incoming messages. setup.md
 * tells an administrator what to do. There is no `updateTicket`: Chatwoot opens a resolved conversation by itself when
 * the person writes, and never tells who changed a status, so that ours would come back as staff's.
 */
export default defineConnector({
  name: "chatwoot",
  label: "Chatwoot",
  config: settings,
  example: {
    url: "https://app.chatwoot.com",
    token: "an-example",
    account: 1,
    user: 1,
    inbox: 1,
    webhookSecret: "an-example",
  },
  create(config, { http: createClient, log, clock }) {
    const http = createClient({
      baseUrl: config.url,
      headers: { api_access_token: config.token, Accept: "application/json" },
    });
    const tools = { http, settings: config, log, clock };
    const directory = createDirectory(tools, clock);
    return {
      capabilities: capabilitiesOf(config),
      upsertContact: (key, contact) => upsertContact(key, contact, tools),
      createTicket: (ticket) => createTicket(ticket, tools, directory),
      findTicket: (externalId) => findTicket(externalId, tools),
      addComment: (comment) => addComment(comment, tools),
      findComment: (ticketId, externalId) => findComment(ticketId, externalId, tools),
      fetchAttachment: (file, target) => fetchAttachment(file, target, tools),
      verifyWebhook: (request) => verifyWebhook(request, config, clock),
      parseWebhook: (request) => parseWebhook(request, config),
      listChanges: (cursor) => listChanges(cursor, tools),
      checkConnection: () => checkConnection(tools),
    };
  },
});

function capabilitiesOf(config: Settings): ConnectorCapabilities {
  return {
    // Source ids of messages are kept but need not be unique, so we look first.
    idempotency: { class: "B", settleMs: 5_000 },
    changes: config.webhookSecret ? ["push", "poll"] : ["poll"],
    internalComments: true,
    maxAttachmentBytes: config.maxAttachmentBytes,
    unsupportedTicketFields: ["skills", "due"],
  };
}
