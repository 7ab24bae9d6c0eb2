import { type ConnectorCapabilities, createWarnOnce, defineConnector } from "deskferry/sdk";
import { listChanges } from "./changes.ts";
import { checkConnection } from "./check.ts";
import { addComment, findComment } from "./comments.ts";
import { upsertContact } from "./contacts.ts";
import { createDirectory } from "./directory.ts";
import { fetchAttachment } from "./files.ts";
import { type Settings, settings } from "./settings.ts";
import { createTicket, findTicket, type TicketTools, updateTicket } from "./tickets.ts";

/**
 * Freshdesk, API v2. People become contacts, conversations tickets, messages public notes by the contact; replies of
 * staff and changes of status are polled. setup.md tells an administrator what to do.
 */
export default defineConnector({
  name: "freshdesk",
  label: "Freshdesk",
  config: settings,
  example: { url: "https://acme.freshdesk.com", apiKey: "an-example", fields: { skills: "cf_skills" } },
  create(config, { http: createClient, log, clock }) {
    const login = Buffer.from(`${config.apiKey}:X`).toString("base64");
    const http = createClient({
      baseUrl: `${config.url}/api/v2`,
      headers: { Authorization: `Basic ${login}`, Accept: "application/json" },
      maxAnswerBytes: 20 * 1024 * 1024,
    });
    const warnOnce = createWarnOnce(log);
    const directory = createDirectory(http, clock);
    const tools: TicketTools = { http, createClient, settings: config, directory, log, clock, warnOnce };
    return {
      capabilities: capabilitiesOf(config),
      upsertContact: (key, contact) => upsertContact(key, contact, tools),
      createTicket: (ticket) => createTicket(ticket, tools),
      findTicket: (externalId) => findTicket(externalId, tools),
      updateTicket: (id, change) => updateTicket(id, change, tools),
      addComment: (comment) => addComment(comment, tools),
      findComment: (ticketId, externalId) => findComment(ticketId, externalId, tools),
      fetchAttachment: (file, target) => fetchAttachment(file, target, tools),
      // Webhooks are refused: there is no verifyWebhook.
      parseWebhook: () => [],
      listChanges: (cursor) => listChanges(cursor, tools),
      checkConnection: () => checkConnection(tools),
    };
  },
});

function capabilitiesOf(config: Settings): ConnectorCapabilities {
  return {
    // The list of tickets shows a new one at once; a request that we gave up on may still be running.
    idempotency: { class: "B", settleMs: 60_000 },
    changes: ["poll"],
    internalComments: true,
    maxAttachmentBytes: config.maxAttachmentBytes,
    rateLimitHeaders: { remaining: "x-ratelimit-remaining" },
  };
}
