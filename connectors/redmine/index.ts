import { type ConnectorCapabilities, createWarnOnce, defineConnector } from "deskferry/sdk";
import { fetchAttachment } from "./attachments.ts";
import { listChanges } from "./changes.ts";
import { checkConnection } from "./check.ts";
import { addComment, findComment } from "./comments.ts";
import { upsertContact } from "./contacts.ts";
import { createDirectory } from "./directory.ts";
import type { RedmineTools } from "./issues.ts";
import { type Settings, settings } from "./settings.ts";
import { createTicket, findTicket, updateTicket } from "./tickets.ts";

/**
 * Redmine 5 by its REST API. People become issues in a project of their own, conversations issues, messages notes;
 * repeats are recognised by custom fields, changes found by polling. setup.md tells an administrator what to do;
 * setup.rb does most of it.
 */
export default defineConnector({
  name: "redmine",
  label: "Redmine 5",
  config: settings,
  example: {
    url: "https://redmine.example.org",
    apiKey: "an-example",
    project: "whatsapp",
    contactProject: "whatsapp-contacts",
  },
  create(config, { http: createClient, log, clock }) {
    const http = createClient({
      baseUrl: config.url,
      headers: { "X-Redmine-API-Key": config.apiKey, Accept: "application/json" },
      // The whole history of an issue comes in one piece.
      maxAnswerBytes: 50 * 1024 * 1024,
    });
    const warnOnce = createWarnOnce(log);
    const directory = createDirectory({ http, settings: config, clock });
    const tools: RedmineTools = { http, settings: config, directory, log, clock, warnOnce };
    return {
      capabilities: capabilitiesOf(config),
      upsertContact: (key, contact) => upsertContact(key, contact, tools),
      createTicket: (ticket) => createTicket(ticket, tools),
      findTicket: (externalId) => findTicket(externalId, tools),
      updateTicket: (id, change) => updateTicket(id, change, tools),
      addComment: (comment) => addComment(comment, tools),
      findComment: (ticketId, externalId) => findComment(ticketId, externalId, tools),
      fetchAttachment: (file, target) => fetchAttachment(file, target, tools),
      // Redmine sends no webhooks.
      parseWebhook: () => [],
      listChanges: (cursor) => listChanges(cursor, tools),
      checkConnection: () => checkConnection(tools),
    };
  },
});

function capabilitiesOf(config: Settings): ConnectorCapabilities {
  const { tags, skills } = config.fields;
  return {
    // Redmine's database shows a record at once; a request that we gave up on may still be running.
    idempotency: { class: "B", settleMs: 5_000 },
    changes: ["poll"],
    internalComments: true,
    maxAttachmentBytes: config.maxAttachmentBytes,
    // Redmine has neither itself; a custom field can keep them.
    unsupportedTicketFields: [...(tags ? [] : (["tags"] as const)), ...(skills ? [] : (["skills"] as const))],
  };
}
