import { type ConnectorCapabilities, createWarnOnce, defineConnector } from "deskferry/sdk";
import { listChanges } from "./changes.ts";
import { checkConnection } from "./check.ts";
import { addComment, findComment } from "./comments.ts";
import { createDirectory } from "./directory.ts";
import { fetchAttachment } from "./files.ts";
import { createPeople } from "./people.ts";
import { type Settings, settings } from "./settings.ts";
import { updateTicket } from "./statuses.ts";
import { createTicket, findTicket } from "./tickets.ts";
import type { JiraTools } from "./tools.ts";
import { createUploads } from "./uploads.ts";
import { parseWebhook, verifyWebhook } from "./webhook.ts";

/**
 * Jira Service Management, as a service of Atlassian (Cloud). Conversations become requests, messages their comments,
 * people properties of an organization (docs/decisions/0037). setup.md tells an administrator what to do.
 */
export default defineConnector({
  name: "jira-service-management",
  label: "Jira Service Management",
  config: settings,
  example: {
    url: "https://acme.atlassian.net",
    email: "deskferry@example.org",
    token: "an-example",
    accountId: "an-example",
    serviceDesk: "10",
    requestType: "WhatsApp",
    organization: "7",
    fields: { ticket: "customfield_10050", person: "customfield_10051" },
    webhookSecret: "an-example",
  },
  create(config, { http: createClient, log, clock }) {
    const login = Buffer.from(`${config.email}:${config.token}`).toString("base64");
    const http = createClient({
      baseUrl: config.url,
      headers: { Authorization: `Basic ${login}`, Accept: "application/json" },
      maxAnswerBytes: 20 * 1024 * 1024,
    });
    const warnOnce = createWarnOnce(log);
    const directory = createDirectory(http, config, clock);
    const people = createPeople(http, config, clock);
    const uploads = createUploads(http, config);
    const tools: JiraTools = { http, settings: config, directory, people, uploads, log, clock, warnOnce };
    return {
      capabilities: capabilitiesOf(config),
      upsertContact: (key, contact) => people.upsert(key, contact),
      createTicket: (ticket) => createTicket(ticket, tools),
      findTicket: (externalId) => findTicket(externalId, tools),
      updateTicket: (id, change) => updateTicket(id, change, tools),
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
    // Comments are found at once. Requests are found by search, for whose delay Atlassian promises nothing.
    idempotency: { class: "B", settleMs: 60_000 },
    changes: config.webhookSecret ? ["push", "poll"] : ["poll"],
    internalComments: true,
    maxAttachmentBytes: config.maxAttachmentBytes,
    // Of API tokens, calls are limited by the second.
    rateLimitHeaders: {
      limit: "x-ratelimit-limit",
      remaining: "x-ratelimit-remaining",
      reset: "x-ratelimit-reset",
      windowSeconds: 1,
    },
    unsupportedTicketFields: config.fields.skills ? [] : ["skills"],
  };
}
