import {
  type ConnectorCapabilities,
  createWarnOnce,
  defineConnector,
  type OptionalTicketField,
} from "deskferry/sdk";
import { createApi } from "./api.ts";
import { listChanges } from "./changes.ts";
import { checkConnection } from "./check.ts";
import { addComment, findComment } from "./comments.ts";
import { upsertContact } from "./contacts.ts";
import { createDirectory } from "./directory.ts";
import { fetchAttachment } from "./files.ts";
import { type Settings, settings } from "./settings.ts";
import { createTicket, findTicket, updateTicket } from "./tickets.ts";
import type { HubspotTools } from "./tools.ts";

/**
 * HubSpot: contacts, tickets and notes. People become contacts, conversations tickets, messages notes; notes of staff that
 * begin with a marker, and changes of status, are polled. setup.md tells an administrator what to do.
 */
export default defineConnector({
  name: "hubspot",
  label: "HubSpot",
  config: settings,
  example: {
    token: "an-example",
    fields: { tags: "tags", skills: "skills", firstAnswer: "answer_until", solution: "solve_until" },
  },
  create(config, { http: createClient, log, clock }) {
    const http = createClient({
      baseUrl: config.apiUrl,
      headers: { Authorization: `Bearer ${config.token}`, Accept: "application/json" },
      // Fifty notes of 64 KiB, and more where they are not in Latin letters.
      maxAnswerBytes: 20 * 1024 * 1024,
    });
    const api = createApi(http, config.apiVersion, clock);
    const warnOnce = createWarnOnce(log);
    const directory = createDirectory(api, config, clock);
    const tools: HubspotTools = { api, createClient, settings: config, directory, clock, warnOnce };
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

function capabilitiesOf({ fields, maxAttachmentBytes }: Settings): ConnectorCapabilities {
  const unsupported: OptionalTicketField[] = [];
  if (!fields.tags) unsupported.push("tags");
  if (!fields.skills) unsupported.push("skills");
  if (!fields.firstAnswer && !fields.solution) unsupported.push("due");
  return {
    // Tickets have a unique id besides, notes have none; a request that we gave up on may still be running.
    idempotency: { class: "B", settleMs: 60_000 },
    changes: ["poll"],
    internalComments: true,
    maxAttachmentBytes,
    // Calls of ten seconds. Searches have a limit of their own, which no header tells.
    rateLimitHeaders: {
      limit: "x-hubspot-ratelimit-max",
      remaining: "x-hubspot-ratelimit-remaining",
      windowSeconds: 10,
    },
    unsupportedTicketFields: unsupported,
  };
}
