import { type ConnectorCapabilities, createWarnOnce, defineConnector } from "deskferry/sdk";
import type { EspoTools } from "./api.ts";
import { listChanges } from "./changes.ts";
import { checkConnection } from "./check.ts";
import { upsertContact } from "./contacts.ts";
import { createDirectory } from "./directory.ts";
import { fetchAttachment } from "./files.ts";
import { addComment, findComment } from "./notes.ts";
import { type Settings, settings } from "./settings.ts";
import { createTicket, findTicket, updateTicket } from "./tickets.ts";

/**
 * EspoCRM 8.2 and later by its REST API: people become contacts, conversations cases, messages posts in their stream.
 * setup.md tells an administrator what to do, and what was not tried on a real server.
 */
export default defineConnector({
  name: "espocrm",
  label: "EspoCRM",
  config: settings,
  example: { url: "https://crm.example.org", apiKey: "an-example" },
  create(config, { http: createClient, log, clock }) {
    const http = createClient({
      baseUrl: `${config.url}/api/v1`,
      headers: { "X-Api-Key": config.apiKey, Accept: "application/json" },
      // A hundred posts of 64 KB come in one piece.
      maxAnswerBytes: 50 * 1024 * 1024,
    });
    const warnOnce = createWarnOnce(log);
    const directory = createDirectory({ http, settings: config, clock });
    const tools: EspoTools = { http, settings: config, directory, log, clock, warnOnce };
    return {
      capabilities: capabilitiesOf(config),
      upsertContact: (key, contact) => upsertContact(key, contact, tools),
      createTicket: (ticket) => createTicket(ticket, tools),
      findTicket: (externalId) => findTicket(externalId, tools),
      updateTicket: (id, change) => updateTicket(id, change, tools),
      addComment: (comment) => addComment(comment, tools),
      findComment: (ticketId, externalId) => findComment(ticketId, externalId, tools),
      fetchAttachment: (file, target) => fetchAttachment(file, target, tools),
      // EspoCRM's webhooks tell neither of posts nor of who changed a case, so nothing is made of them.
      parseWebhook: () => [],
      listChanges: (cursor) => listChanges(cursor, tools),
      checkConnection: () => checkConnection(tools),
    };
  },
});

function capabilitiesOf(config: Settings): ConnectorCapabilities {
  return {
    // EspoCRM's database shows a record at once; a request that we gave up on may still be running.
    idempotency: { class: "B", settleMs: 5_000 },
    changes: ["poll"],
    internalComments: true,
    maxAttachmentBytes: config.maxAttachmentBytes,
    unsupportedTicketFields: ["tags", "skills", "due"],
  };
}
