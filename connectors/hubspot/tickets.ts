import { cleanText, type NewTicket, PluginError, type RecordRef, type TicketStatus } from "deskferry/sdk";
import { crmObject, objectList, read } from "./records.ts";
import { ticketProperties } from "./ticket-properties.ts";
import { associatedWith, type HubspotTools } from "./tools.ts";

export function ticketRef({ settings }: Pick<HubspotTools, "settings">, id: string): RecordRef {
  return { id, ...(settings.portalUrl ? { address: `${settings.portalUrl}/record/0-5/${id}` } : {}) };
}

/** HubSpot refuses a second ticket with our id, which is a conflict: the first one is then looked up. */
export async function createTicket(request: NewTicket, tools: HubspotTools): Promise<RecordRef> {
  const what = "create ticket";
  const { api, settings } = tools;
  const properties = await ticketProperties(request, tools);
  const associations = [associatedWith(request.contactId, "ticketToContact")];
  const path = api.crm("objects", "/tickets");
  const answer = await api.call({ method: "POST", path, json: { properties, associations }, what });
  const made = read(answer, crmObject, what);
  if (made.properties[settings.fields.ticket] !== request.externalId) {
    tools.warnOnce(`HubSpot does not show the property ${settings.fields.ticket} of a ticket it made`);
  }
  return ticketRef(tools, made.id);
}

/** Read, not searched: searches know a new ticket only after a while. */
export async function findTicket(externalId: string, tools: HubspotTools): Promise<RecordRef | undefined> {
  const what = "look up ticket";
  const { api, settings } = tools;
  const idProperty = settings.fields.ticket;
  const json = { idProperty, inputs: [{ id: externalId }], properties: [idProperty] };
  const path = api.crm("objects", "/tickets/batch/read");
  const answer = await api.call({ method: "POST", path, json, what });
  const found = read(answer, objectList, what).results.find(
    ({ properties }) => properties[idProperty] === externalId,
  );
  return found && ticketRef(tools, found.id);
}

/** Which status of HubSpot is meant depends on the pipeline, and staff may have moved the ticket to another one. */
export async function updateTicket(
  id: string,
  { status }: { status: TicketStatus },
  tools: HubspotTools,
): Promise<void> {
  const what = "update ticket";
  const { api, settings, directory, clock } = tools;
  const path = ticketPath(id, tools);
  const query = { properties: "hs_pipeline" };
  const before = read(await api.call({ method: "GET", path, query, what }), crmObject, what);
  const stage = await directory.stageFor(before.properties["hs_pipeline"] ?? "", status);
  const properties = {
    hs_pipeline_stage: stage,
    [settings.fields.change]: changeMark(stage, clock.now()),
  };
  const answer = await api.call({ method: "PATCH", path, json: { properties }, what });
  if (read(answer, crmObject, what).properties["hs_pipeline_stage"] === stage) return;
  const operatorMessage = `${what}: HubSpot left ticket ${cleanText(id)} at another status than "${status}"`;
  throw new PluginError({ kind: "rejected", operatorMessage });
}

/**
 * What we write beside a status. The history of both properties tells who set a status: where they changed together it
 * was us. HubSpot names the app that made a change, but not so that a service key could know its own.
 */
function changeMark(stage: string, now: number): string {
  return `${stage}@${new Date(now).toISOString()}`;
}

export function ticketPath(id: string, { api }: Pick<HubspotTools, "api">): string {
  return api.crm("objects", `/tickets/${encodeURIComponent(id)}`);
}
