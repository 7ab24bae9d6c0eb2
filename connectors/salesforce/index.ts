import {
  type ConnectorCapabilities,
  createTokenSource,
  createWarnOnce,
  defineConnector,
  withToken,
} from "deskferry/sdk";
import { createApi } from "./api.ts";
import { listChanges } from "./changes.ts";
import { checkConnection } from "./check.ts";
import { addComment, findComment } from "./comments.ts";
import { upsertContact } from "./contacts.ts";
import { createDirectory } from "./directory.ts";
import { fetchAttachment } from "./reply-files.ts";
import { type Settings, settings } from "./settings.ts";
import { type CaseTools, createTicket, findTicket, updateTicket } from "./tickets.ts";

/**
 * Salesforce Service Cloud. People become contacts, conversations cases, messages case comments; public comments of staff
 * and changes of status are polled. setup.md tells an administrator what to do.
 */
export default defineConnector({
  name: "salesforce",
  label: "Salesforce Service Cloud",
  config: settings,
  example: {
    url: "https://acme.my.salesforce.com",
    clientId: "an-example",
    clientSecret: "an-example",
    fields: {
      tags: "Tags__c",
      skills: "Skills__c",
      firstAnswer: "Answer_Until__c",
      solution: "Solve_Until__c",
    },
  },
  create(config, tools) {
    const { log, clock } = tools;
    const { url, clientId, clientSecret } = config;
    const tokenUrl = `${url}/services/oauth2/token`;
    const tokens = createTokenSource({ tokenUrl, clientId, clientSecret, credentialsIn: "body" }, tools);
    const http = tools.http({
      baseUrl: url,
      headers: {
        Accept: "application/json",
        // Duplicate rules that only warn do not keep a person from writing to us.
        "Sforce-Duplicate-Rule-Header": "allowSave=true",
      },
      maxAnswerBytes: 20 * 1024 * 1024,
    });
    const api = createApi(withToken(http, tokens), { tokens, clock, settings: config });
    const warnOnce = createWarnOnce(log);
    const directory = createDirectory(api, clock);
    const caseTools: CaseTools = { api, settings: config, directory, log, clock, warnOnce };
    return {
      capabilities: capabilitiesOf(config),
      upsertContact: (key, contact) => upsertContact(key, contact, caseTools),
      createTicket: (ticket) => createTicket(ticket, caseTools),
      findTicket: (externalId) => findTicket(externalId, caseTools),
      updateTicket: (id, change) => updateTicket(id, change, caseTools),
      addComment: (comment) => addComment(comment, caseTools),
      findComment: (ticketId, externalId) => findComment(ticketId, externalId, caseTools),
      fetchAttachment: (file, target) => fetchAttachment(file, target, caseTools),
      // Webhooks are refused: there is no verifyWebhook.
      parseWebhook: () => [],
      listChanges: (cursor) => listChanges(cursor, caseTools),
      checkConnection: () => checkConnection(caseTools),
    };
  },
});

function capabilitiesOf({ fields, maxAttachmentBytes }: Settings): ConnectorCapabilities {
  const { tags, skills, firstAnswer, solution } = fields;
  return {
    idempotency: { class: "A" },
    changes: ["poll"],
    internalComments: true,
    maxAttachmentBytes,
    // Of 24 hours, which run on: what was used drops out hour by hour, so it is worth while to look again in between.
    rateLimitHeaders: { usage: "sforce-limit-info", windowSeconds: 3_600 },
    unsupportedTicketFields: [
      ...(tags ? [] : (["tags"] as const)),
      ...(skills ? [] : (["skills"] as const)),
      ...(firstAnswer || solution ? [] : (["due"] as const)),
    ],
  };
}
