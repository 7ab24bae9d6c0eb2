import { type ConnectorCapabilities, createWarnOnce, defineConnector } from "deskferry/sdk";
import { listChanges } from "./changes.ts";
import { checkConnection } from "./check.ts";
import { addComment, findComment } from "./comments.ts";
import { upsertContact } from "./contacts.ts";
import { fetchAttachment } from "./files.ts";
import type { ZammadTools } from "./records.ts";
import { type Settings, settings } from "./settings.ts";
import { createTicket, findTicket, updateTicket } from "./tickets.ts";
import { parseWebhook, verifyWebhook } from "./webhook.ts";

/** Zammad. People become users, messages articles of the type web. setup.md tells an administrator what to do. */
export default defineConnector({
  name: "zammad",
  label: "Zammad",
  config: settings,
  example: {
    url: "https://zammad.example.org",
    token: "an-example",
    account: "7",
    webhookSecret: "an-example",
    fields: { skills: "skills", firstAnswer: "first_answer", solution: "solution" },
  },
  create(config, { http: createClient, log, clock }) {
    const http = createClient({
      baseUrl: `${config.url}/api/v1`,
      headers: { Authorization: `Token token=${config.token}`, Accept: "application/json" },
      maxAnswerBytes: 20 * 1024 * 1024,
    });
    const warnOnce = createWarnOnce(log);
    const tools: ZammadTools = { http, settings: config, log, clock, warnOnce };
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
      listChanges: (cursor) => listChanges(cursor, tools),
      checkConnection: () => checkConnection(tools),
    };
  },
});

function capabilitiesOf(config: Settings): ConnectorCapabilities {
  const { skills, firstAnswer, solution } = config.fields;
  return {
    // What is written is found at once; a request that we gave up on may still be running.
    idempotency: { class: "B", settleMs: 30_000 },
    changes: config.webhookSecret ? ["push", "poll"] : ["poll"],
    internalComments: true,
    maxAttachmentBytes: config.maxAttachmentBytes,
    unsupportedTicketFields: [
      ...(skills ? [] : (["skills"] as const)),
      ...(firstAnswer || solution ? [] : (["due"] as const)),
    ],
  };
}
