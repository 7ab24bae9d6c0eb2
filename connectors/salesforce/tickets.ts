import {
  type Clock,
  type NewTicket,
  PluginError,
  type PluginLog,
  type RecordRef,
  type TicketStatus,
} from "deskferry/sdk";
import { z } from "zod";
import type { Api } from "./api.ts";
import type { Directory } from "./directory.ts";
import { foundRecord, ID_FIELD, readValue } from "./records.ts";
import { type Fault, failureOf } from "./refusals.ts";
import type { Settings } from "./settings.ts";
import { literal } from "./soql.ts";
import { caseFields } from "./ticket-fields.ts";

export interface CaseTools {
  api: Api;
  settings: Settings;
  directory: Directory;
  log: PluginLog;
  clock: Clock;
  /** The same words once only: what Salesforce cannot keep is so for every case. */
  warnOnce(message: string): void;
}

export function recordAddress({ settings }: Pick<CaseTools, "settings">, id: string): string {
  return `${settings.url}/${id}`;
}

/**
 * Created and not upserted, although our id would allow it: an upsert that is repeated would put back subject, status and
 * owner, whatever staff have made of the case since. The field is unique, so that a second create is refused.
 */
export async function createTicket(request: NewTicket, tools: CaseTools): Promise<RecordRef> {
  const what = "create ticket";
  const fields = await caseFields(request, tools);
  // Assignment rules would overrule an owner that the mapping names.
  const headers = { "Sforce-Auto-Assign": fields["OwnerId"] ? "FALSE" : "TRUE" };
  const saved = await tools.api.create([{ type: "Case", fields }], what, headers);
  const id = "ids" in saved ? saved.ids[0] : await idOfEarlier(request.externalId, saved.refused, tools);
  return { id: id ?? "", address: recordAddress(tools, id ?? "") };
}

/** Refused as a second one: the first is the one that was wanted. */
async function idOfEarlier(externalId: string, refused: Fault, tools: CaseTools): Promise<string> {
  const what = "create ticket";
  if (refused.fields.includes("OwnerId")) {
    const operatorMessage = `${what}: Salesforce refuses the owner (${refused.code}): may this queue or user hold cases?`;
    throw new PluginError({ kind: "config", operatorMessage });
  }
  if (refused.code === "DUPLICATE_VALUE") {
    const found = await findTicket(externalId, tools);
    if (found) return found.id;
  }
  throw failureOf(refused, what);
}

/** SOQL compares without regard to capitals where the field does, so each row is looked at. */
export async function findTicket(externalId: string, tools: CaseTools): Promise<RecordRef | undefined> {
  const soql = `SELECT Id, ${ID_FIELD} FROM Case WHERE ${ID_FIELD} = ${literal(externalId)}`;
  const rows = await tools.api.query(soql, foundRecord, "look up ticket");
  const found = rows.find((row) => row[ID_FIELD] === externalId);
  return found && { id: found.Id, address: recordAddress(tools, found.Id) };
}

const statusOf = z.object({ Status: z.string().nullish() });

/** Reads it back in the same call: flows and triggers of the organisation have their say after us. */
export async function updateTicket(
  id: string,
  { status }: { status: TicketStatus },
  { api, settings, directory }: CaseTools,
): Promise<void> {
  const what = "update ticket";
  const value = Object.entries(settings.statuses).find(([, word]) => word === status)?.[0];
  if (value === undefined || !(await directory.statuses()).has(value)) {
    const problem =
      value === undefined ? `names no value for "${status}"` : `names "${value}", which Case Status lacks`;
    throw new PluginError({ kind: "config", operatorMessage: `${what}: the setting statuses ${problem}` });
  }
  const path = `/sobjects/Case/${encodeURIComponent(id)}`;
  const { bodies } = await api.together(
    [
      { method: "PATCH", path, body: { Status: value } },
      { method: "GET", path: `${path}?fields=Status` },
    ],
    what,
  );
  const after = readValue(bodies[1], statusOf, what).Status ?? "";
  if (settings.statuses[after] === status) return;
  const operatorMessage = `${what}: Salesforce left the case at another status than "${value}"`;
  throw new PluginError({ kind: "rejected", operatorMessage });
}
