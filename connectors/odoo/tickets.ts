import { type NewTicket, PluginError, type RecordRef, type TicketStatus } from "deskferry/sdk";
import { z } from "zod";
import { addressOf } from "./applications.ts";
import { configProblem } from "./faults.ts";
import { link, madeId, numberOf, text } from "./records.ts";
import { stateFor, statusOf } from "./statuses.ts";
import { valuesOf } from "./ticket-fields.ts";
import type { OdooTools } from "./tools.ts";

/** Odoo has no external ids that an ordinary account can read: docs/decisions/0035. */
export async function createTicket(request: NewTicket, tools: OdooTools): Promise<RecordRef> {
  const { application, rpc } = tools;
  const values = await valuesOf(request, tools);
  const id = await rpc.call({
    model: application.model,
    method: "create",
    given: { vals_list: [values] },
    context: quiet,
    returns: madeId,
    what: "create ticket",
  });
  return refOf(id, tools);
}

/** Our account does not follow what it writes: it reads nobody's mail. */
export const quiet = { mail_create_nosubscribe: true };

function refOf(id: number, { application, settings }: OdooTools): RecordRef {
  return { id: String(id), address: addressOf(settings, application.model, String(id)) };
}

export async function findTicket(externalId: string, tools: OdooTools): Promise<RecordRef | undefined> {
  const { application, settings, directory, rpc } = tools;
  const { model } = application;
  const field = await directory.needField(model, settings.fields.ticket);
  const found = await rpc.call({
    model,
    method: "search_read",
    given: { domain: [[field, "=", externalId]], fields: [field], order: "id", limit: 10 },
    context: { active_test: false },
    returns: z.array(z.looseObject({ id: z.number().int() })),
    what: "look up ticket",
  });
  const ticket = found.find((candidate) => candidate[field] === externalId);
  return ticket && refOf(ticket.id, tools);
}

/** The number of a ticket; `not_found` for what cannot be one. */
export function ticketNumber(id: string, what: string): number {
  const number = numberOf(id);
  if (number > 0) return number;
  throw new PluginError({ kind: "not_found", operatorMessage: `${what}: that is no number of a ticket` });
}

const staged = z.looseObject({ stage_id: link, name: text });

/** Automation may move a ticket on: it is read again, and believed only when it is seen. */
export async function updateTicket(
  id: string,
  { status }: { status: TicketStatus },
  tools: OdooTools,
): Promise<void> {
  const what = "update ticket";
  const { application, settings, directory, rpc } = tools;
  const { model } = application;
  const number = ticketNumber(id, what);
  const before = await readStage(number, what, tools);
  const stages = await directory.stages(link.parse(before[application.queue.field])?.id);
  const stage = stages.find(({ name }) => settings.statuses[name] === status);
  if (!stage) {
    throw configProblem(
      `${what}: none of the stages of the ticket's team or project stands for "${status}" (setting statuses)`,
    );
  }
  const state = application.state && before[application.state.field];
  const given = { vals: { stage_id: stage.id, ...stateFor(status, state, tools) } };
  await rpc.call({ model, method: "write", ids: [number], given, returns: z.literal(true), what });
  const after = await readStage(number, what, tools);
  const stageName = after.stage_id?.name;
  if (statusOf(stageName, application.state && after[application.state.field], tools) === status) return;
  const operatorMessage = `${what}: Odoo left ticket ${number} at the stage "${stageName}" instead of "${stage.name}"`;
  throw new PluginError({ kind: "rejected", operatorMessage });
}

async function readStage(number: number, what: string, { application, rpc }: OdooTools) {
  const { model, queue, state } = application;
  const [ticket] = await rpc.call({
    model,
    method: "search_read",
    given: {
      domain: [["id", "=", number]],
      fields: ["stage_id", queue.field, ...(state ? [state.field] : [])],
    },
    context: { active_test: false },
    returns: z.array(staged),
    what,
  });
  if (ticket) return ticket;
  const operatorMessage = `${what}: Odoo shows the account no ticket ${number}`;
  throw new PluginError({ kind: "not_found", operatorMessage });
}
