import { type ConnectorCapabilities, defineConnector } from "deskferry/sdk";
import { fetchAttachment } from "./attachments.ts";
import { listChanges } from "./changes.ts";
import { checkConnection } from "./check.ts";
import { addComment, findComment } from "./comments.ts";
import { upsertContact } from "./contacts.ts";
import { type Settings, settings } from "./settings.ts";
import { createTicket, findTicket, updateTicket } from "./tickets.ts";
import { parseWebhook, verifyWebhook } from "./webhook.ts";

/**
 * Znuny 6.5, the free continuation of OTRS, by a web service of its Generic Interface and an add-on of ours (package/).
 * People become customer users, conversations tickets, messages articles; repeats are recognised by dynamic fields.
 */
export default defineConnector({
  name: "znuny",
  label: "Znuny 6.5 (OTRS)",
  config: settings,
  example: {
    url: "https://znuny.example.org/otrs",
    username: "deskferry",
    password: "an-example",
    queue: "WhatsApp",
    webhookSecret: "an-example",
    fields: { tags: "Tags", skills: "Skills", firstAnswer: "FirstAnswer", solution: "Solution" },
  },
  create(config, { http: createClient, log, clock }) {
    const http = createClient({
      baseUrl: `${config.url}/nph-genericinterface.pl/Webservice/${config.webservice}`,
      // Znuny's servers have few processes, each busy with a connection for as long as it is open.
      keepAlive: false,
      // As headers they stand in no address, and so in no server's log; they save the call that a session costs.
      headers: { "X-OTRS-Header-UserLogin": config.username, "X-OTRS-Header-Password": config.password },
      maxAnswerBytes: 8 * 1024 * 1024 + Math.ceil(config.maxAttachmentBytes * 1.4),
    });
    const tools = { http, settings: config, log, clock };
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
  return {
    // Our ids are written after the ticket or article itself, and a request that we gave up on may still be running.
    idempotency: { class: "B", settleMs: 5_000 },
    changes: config.webhookSecret ? ["push", "poll"] : ["poll"],
    internalComments: true,
    maxAttachmentBytes: config.maxAttachmentBytes,
  };
}
