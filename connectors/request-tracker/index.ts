import { type ConnectorCapabilities, defineConnector } from "deskferry/sdk";
import { fetchAttachment } from "./attachments.ts";
import { listChanges } from "./changes.ts";
import { checkConnection } from "./check.ts";
import { addComment, findComment } from "./comments.ts";
import { upsertContact } from "./contacts.ts";
import { createQueues } from "./queues.ts";
import { type Settings, settings } from "./settings.ts";
import { createTicket, findTicket, updateTicket } from "./tickets.ts";
import { parseWebhook, verifyWebhook } from "./webhook.ts";

/**
 * Request Tracker 5, REST 2.0. People become unprivileged users, conversations tickets, messages correspondence;
 * repeats are recognised by custom fields. setup.md tells an administrator what to do; initialdata does most of it.
 */
export default defineConnector({
  name: "request-tracker",
  label: "Request Tracker 5",
  config: settings,
  example: {
    url: "https://rt.example.org",
    token: "an-example",
    username: "deskferry",
    queue: "General",
    webhookSecret: "an-example",
  },
  create(config, { http: createClient, log, clock }) {
    const http = createClient({
      baseUrl: `${config.url}/REST/2.0`,
      // RT's servers have few processes, each busy with a connection for as long as it is open: an idle one of ours
      // would keep staff waiting (seen with starman and 2 workers).
      keepAlive: false,
      // RT answers in the language of the account; names of statuses and fields stay as they are.
      headers: { Authorization: `token ${config.token}`, Accept: "application/json" },
      maxAnswerBytes: 20 * 1024 * 1024,
    });
    const queues = createQueues({ http, settings: config, clock });
    const tools = { http, settings: config, queues, log, clock };
    return {
      capabilities: capabilitiesOf(config),
      upsertContact: (key, contact) => upsertContact(key, contact, tools),
      createTicket: (ticket) => createTicket(ticket, tools),
      findTicket: (externalId) => findTicket(externalId, tools),
      updateTicket: (id, change) => updateTicket(id, change, tools),
      addComment: (comment) => addComment(comment, tools),
      findComment: (_ticketId, externalId) => findComment(externalId, tools),
      fetchAttachment: (file, target) => fetchAttachment(file, target, tools),
      verifyWebhook: (request) => verifyWebhook(request, config, clock),
      parseWebhook: (request) => parseWebhook(request, config),
      listChanges: (cursor) => listChanges(cursor, tools),
      checkConnection: () => checkConnection(tools),
    };
  },
});

function capabilitiesOf(config: Settings): ConnectorCapabilities {
  const { tags, skills } = config.fields;
  return {
    // RT's database shows a record at once; a request that we gave up on may still be running, its scrips included.
    idempotency: { class: "B", settleMs: 5_000 },
    changes: config.webhookSecret ? ["push", "poll"] : ["poll"],
    internalComments: true,
    maxAttachmentBytes: config.maxAttachmentBytes,
    // RT has neither itself; a custom field can keep them.
    unsupportedTicketFields: [...(tags ? [] : (["tags"] as const)), ...(skills ? [] : (["skills"] as const))],
  };
}
