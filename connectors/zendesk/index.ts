import { type ConnectorCapabilities, createWarnOnce, defineConnector } from "deskferry/sdk";
import { type KnownUsers, listChanges } from "./changes.ts";
import { checkConnection } from "./check.ts";
import { addComment, findComment } from "./comments.ts";
import { upsertContact } from "./contacts.ts";
import { createDirectory } from "./directory.ts";
import { fetchAttachment } from "./files.ts";
import { type Settings, settings } from "./settings.ts";
import { createTicket, findTicket, type TicketTools, updateTicket } from "./tickets.ts";
import { parseWebhook, verifyWebhook } from "./webhook.ts";

/**
 * Zendesk Support. People become end users, conversations tickets, messages public comments. setup.md tells an
 * administrator what to do.
 */
export default defineConnector({
  name: "zendesk",
  label: "Zendesk Support",
  config: settings,
  example: {
    url: "https://acme.zendesk.com",
    email: "deskferry@example.org",
    token: "an-example",
    accountId: "900001",
    webhookSecret: "an-example",
  },
  create(config, { http: createClient, log, clock }) {
    const login = Buffer.from(`${config.email}/token:${config.token}`).toString("base64");
    const http = createClient({
      baseUrl: config.url,
      headers: { Authorization: `Basic ${login}`, Accept: "application/json" },
      maxAnswerBytes: 20 * 1024 * 1024,
    });
    const directory = createDirectory(http, clock);
    const warnOnce = createWarnOnce(log);
    const tools: TicketTools = { http, settings: config, directory, log, clock, warnOnce };
    const users: KnownUsers = new Map();
    return {
      capabilities: capabilitiesOf(config),
      upsertContact: (key, contact) => upsertContact(key, contact, tools),
      createTicket: (ticket) => createTicket(ticket, tools),
      findTicket: (externalId) => findTicket(externalId, tools),
      updateTicket: (id, change) => updateTicket(id, change, tools),
      addComment: (comment) => addComment(comment, tools),
      findComment: (ticketId, externalId) => findComment(ticketId, externalId, tools),
      fetchAttachment: (file, target) => fetchAttachment(file, target, tools),
      verifyWebhook: (request) => verifyWebhook(request, config, clock),
      parseWebhook: (request) => parseWebhook(request, config),
      listChanges: (cursor) => listChanges(cursor, users, tools),
      checkConnection: () => checkConnection(tools),
    };
  },
});

function capabilitiesOf(config: Settings): ConnectorCapabilities {
  const { skills, firstAnswer, solution } = config.fields;
  return {
    // Tickets have an idempotency key besides, comments have none: so look first.
    idempotency: { class: "B", settleMs: 10_000 },
    changes: config.webhookSecret ? ["push", "poll"] : ["poll"],
    internalComments: true,
    maxAttachmentBytes: config.maxAttachmentBytes,
    rateLimitHeaders: {
      limit: "x-rate-limit",
      remaining: "x-rate-limit-remaining",
      reset: "ratelimit-reset",
    },
    unsupportedTicketFields: [
      ...(skills ? [] : (["skills"] as const)),
      ...(firstAnswer || solution ? [] : (["due"] as const)),
    ],
  };
}
