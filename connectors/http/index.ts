import { type Connector, type ConnectorCapabilities, defineConnector, type Tools } from "deskferry/sdk";
import { exact } from "./answers.ts";
import { type Calls, createCalls } from "./calls.ts";
import { listChanges } from "./changes.ts";
import { checkConnection } from "./check.ts";
import { fetchAttachment } from "./files.ts";
import { type Settings, settingsSchema } from "./settings.ts";
import { unsupportedTicketFields } from "./ticket-fields.ts";
import { parseWebhook, verifyWebhook } from "./webhook.ts";
import { writes } from "./writes.ts";

/** A connector made of settings alone, for systems of which there is only one. */
export default defineConnector({
  name: "http",
  label: "Any system with an HTTP interface",
  config: settingsSchema,
  create,
});

function create(settings: Settings, tools: Tools): Connector {
  const calls = createCalls(settings, tools);
  const { operations, webhook } = settings;
  return {
    capabilities: capabilitiesOf(settings),
    ...writes(settings, calls),
    ...lookUps(settings, calls),
    parseWebhook: parseWebhook(settings, tools),
    ...(webhook ? { verifyWebhook: (request) => verifyWebhook(request, webhook, tools.clock.now()) } : {}),
    ...(operations.listChanges ? { listChanges: listChanges(settings, calls, tools) } : {}),
    ...(operations.fetchAttachment
      ? { fetchAttachment: fetchAttachment(settings, operations.fetchAttachment, calls) }
      : {}),
    checkConnection: () => checkConnection(settings, calls),
  };
}

/** What stands in the settings can be done. */
function capabilitiesOf(settings: Settings): ConnectorCapabilities {
  const { idempotency, operations, webhook, internalComments, rateLimitHeaders } = settings;
  const { settleMs, onUnclear } = idempotency;
  const byClass = { A: { class: "A" }, B: { class: "B", settleMs }, C: { class: "C", onUnclear } } as const;
  return {
    idempotency: byClass[idempotency.class],
    changes: [
      ...(webhook ? (["push"] as const) : []),
      ...(operations.listChanges ? (["poll"] as const) : []),
    ],
    internalComments,
    maxAttachmentBytes: operations.addComment.files?.maxBytes ?? 0,
    ...(rateLimitHeaders ? { rateLimitHeaders: limitHeaders(rateLimitHeaders) } : {}),
    unsupportedTicketFields: unsupportedTicketFields(operations.createTicket),
  };
}

function limitHeaders({ remaining, limit, reset, windowSeconds }: NonNullable<Settings["rateLimitHeaders"]>) {
  return {
    remaining,
    ...(limit ? { limit } : {}),
    ...(reset ? { reset } : {}),
    ...(windowSeconds ? { windowSeconds } : {}),
  };
}

function lookUps({ operations }: Settings, calls: Calls): Pick<Connector, "findTicket" | "findComment"> {
  const findTicket: Connector["findTicket"] = async (externalId) =>
    exact(await calls.run("findTicket", { externalId }), externalId, "find ticket");
  const findComment: Connector["findComment"] = async (ticketId, externalId) =>
    exact(await calls.run("findComment", { ticketId, externalId }), externalId, "find comment");
  return {
    ...(operations.findTicket ? { findTicket } : {}),
    ...(operations.findComment ? { findComment } : {}),
  };
}
