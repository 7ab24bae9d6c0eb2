import { type ConnectorCapabilities, createWarnOnce, defineConnector } from "deskferry/sdk";
import { applicationOf } from "./applications.ts";
import { listChanges } from "./changes.ts";
import { checkConnection } from "./check.ts";
import { addComment, findComment } from "./comments.ts";
import { upsertContact } from "./contacts.ts";
import { createDirectory } from "./directory.ts";
import { fetchAttachment } from "./files.ts";
import { createRpc } from "./rpc.ts";
import { type Settings, settings } from "./settings.ts";
import { createTicket, findTicket, updateTicket } from "./tickets.ts";
import type { OdooTools } from "./tools.ts";

/** More than any file for WhatsApp, as base64: files come within an answer. */
const MOST_FILE_BYTES = 140 * 1024 * 1024;

/**
 * Odoo 17 and later, by JSON-2 or JSON-RPC. People become contacts, conversations tickets of the Helpdesk or tasks, messages
 * entries in their chatter; changes are found by polling. setup.md tells an administrator what to do.
 */
export default defineConnector({
  name: "odoo",
  label: "Odoo",
  config: settings,
  example: {
    url: "https://acme.odoo.com",
    apiKey: "an-example",
    application: "project",
    queue: "WhatsApp",
  },
  create(config, { http: createClient, log, clock }) {
    const http = createClient({
      baseUrl: config.url,
      headers: {
        Accept: "application/json",
        ...(config.jsonRpc ? {} : { Authorization: `bearer ${config.apiKey}` }),
        ...(config.database ? { "X-Odoo-Database": config.database } : {}),
      },
      maxAnswerBytes: MOST_FILE_BYTES,
    });
    const warnOnce = createWarnOnce(log);
    const rpc = createRpc({ http, settings: config, clock });
    const application = applicationOf(config);
    const directory = createDirectory({ rpc, application, clock });
    const tools: OdooTools = { rpc, settings: config, application, directory, clock, warnOnce };
    return {
      capabilities: capabilitiesOf(config),
      upsertContact: (key, contact) => upsertContact(key, contact, tools),
      createTicket: (ticket) => createTicket(ticket, tools),
      findTicket: (externalId) => findTicket(externalId, tools),
      updateTicket: (id, change) => updateTicket(id, change, tools),
      addComment: (comment) => addComment(comment, tools),
      findComment: (ticketId, externalId) => findComment(ticketId, externalId, tools),
      fetchAttachment: (file, target) => fetchAttachment(file, target, tools),
      // What automation rules of Odoo send is not signed.
      parseWebhook: () => [],
      listChanges: (cursor) => listChanges(cursor, tools),
      checkConnection: () => checkConnection(tools),
    };
  },
});

function capabilitiesOf(config: Settings): ConnectorCapabilities {
  return {
    // What is saved is found at once; a request that we gave up on may still be running.
    idempotency: { class: "B", settleMs: 30_000 },
    changes: ["poll"],
    internalComments: true,
    maxAttachmentBytes: config.maxAttachmentBytes,
    unsupportedTicketFields: ["skills", ...(applicationOf(config).due ? [] : (["due"] as const))],
  };
}
