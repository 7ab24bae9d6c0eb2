import { type NewTicket, oneLine, PluginError, type RecordRef, type TicketStatus } from "deskferry/sdk";
import { type EspoTools, list, save, withoutMarkup } from "./api.ts";
import { customOf } from "./contacts.ts";
import { caseRecord, clean, type SavedRecord } from "./records.ts";

export function casePath(id: string): string {
  return `/Case/${encodeURIComponent(id)}`;
}

export function caseAddress(id: string, { settings }: Pick<EspoTools, "settings">): string {
  return `${settings.url}/#Case/view/${id}`;
}

export async function createTicket(request: NewTicket, tools: EspoTools): Promise<RecordRef> {
  const { ticket, externalId, contactId } = request;
  const { settings, directory } = tools;
  await directory.confirmField();
  const queue = ticket.queue ?? settings.team;
  const custom = customOf(ticket.custom);
  const json = {
    ...custom,
    name: oneLine(ticket.subject),
    contactId,
    contactsIds: [contactId],
    [settings.idField]: externalId,
    ...(ticket.description ? { description: clean(ticket.description) } : {}),
    ...(ticket.priority ? { priority: settings.priorities[ticket.priority] } : {}),
    ...(queue ? { teamsIds: [await directory.teamId(queue)] } : {}),
    ...(await assigneeOf(ticket.assignee, tools)),
  };
  const name = () => ({ ...json, name: withoutMarkup(json.name) });
  const instead = { name };
  const made = await save({ method: "POST", path: "/Case", json, what: "create case", instead }, tools);
  tellLost(made, { [settings.idField]: externalId, ...custom }, tools);
  return { id: made.id, address: caseAddress(made.id, tools) };
}

async function assigneeOf(assignee: string | undefined, { directory, warnOnce }: EspoTools) {
  if (!assignee) return {};
  const user = await directory.userId(assignee);
  if (user) return { assignedUserId: user };
  warnOnce(
    "EspoCRM knows no user by the assignee that the mapping gives, which is left out: user name or id",
  );
  return {};
}

/** EspoCRM drops what it has no field for, or what the role may not edit, and answers as if all were well. */
function tellLost(made: SavedRecord, given: Record<string, unknown>, { warnOnce }: EspoTools): void {
  for (const [field, value] of Object.entries(given)) {
    if (value !== null && (made[field] ?? null) === null)
      warnOnce(
        `EspoCRM did not keep ${field} of a case: is there a field ${field}, and may the role edit it?`,
      );
  }
}

export async function findTicket(externalId: string, tools: EspoTools): Promise<RecordRef | undefined> {
  const { idField } = tools.settings;
  const where = [{ type: "equals" as const, attribute: idField, value: externalId }];
  const search = { where, select: ["id", idField], maxSize: 5 };
  const cases = await list("/Case", search, { item: caseRecord, what: "look up case" }, tools);
  const found = cases.find((each) => each[idField] === externalId);
  return found && { id: found.id, address: caseAddress(found.id, tools) };
}

/** Workflows and formulas of the organisation may set another status than the one that was written. */
export async function updateTicket(
  id: string,
  { status }: { status: TicketStatus },
  tools: EspoTools,
): Promise<void> {
  const what = "update case";
  const { statuses } = tools.settings;
  const wanted = Object.keys(statuses).find((name) => statuses[name] === status);
  if (wanted === undefined) {
    const operatorMessage = `${what}: the setting statuses names no status of EspoCRM for "${status}"`;
    throw new PluginError({ kind: "config", operatorMessage });
  }
  const after = await save({ method: "PUT", path: casePath(id), json: { status: wanted }, what }, tools);
  if (after["status"] === undefined || after["status"] === wanted) return;
  const operatorMessage = `${what}: EspoCRM left case ${id} at another status than "${wanted}"`;
  throw new PluginError({ kind: "rejected", operatorMessage });
}

/** Whether the case is still there: EspoCRM refuses notes on a deleted one as if it were hidden from us. */
export async function isGone(id: string, { http }: EspoTools): Promise<boolean> {
  const answer = await http.request({
    method: "GET",
    path: casePath(id),
    what: "look at case",
    accept: [404],
  });
  return answer.status === 404;
}
