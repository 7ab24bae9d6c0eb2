import { type PluginError, type TicketStatus, ticketStatuses } from "deskferry/sdk";
import { z } from "zod";
import { configProblem } from "./faults.ts";
import type { OdooTools } from "./tools.ts";

const what = "check connection";

/** Tries what the connector will need, in the order in which an administrator sets it up. */
export async function checkConnection(tools: OdooTools): Promise<string[]> {
  const { settings, application, directory } = tools;
  directory.forget();
  const { id, sender } = await directory.account();
  if (!sender?.includes("@")) {
    throw problem(
      "the account has no e-mail address, without which Odoo takes no messages in the name of others",
    );
  }
  if (!(await directory.languages()).includes(settings.language)) {
    throw problem(`the language ${settings.language} is not installed in Odoo (setting language)`);
  }
  await checkField(application.model, settings.fields.ticket, tools);
  await checkField("res.partner", settings.fields.contact, tools);
  for (const model of [application.model, "res.partner"]) {
    for (const operation of ["read", "write", "create"]) await checkAccess(model, operation, tools);
  }
  const queue = await checkQueue(tools);
  return [
    `Odoo answers at ${settings.url}, by ${settings.jsonRpc ? "JSON-RPC" : "JSON-2"}`,
    `account ${id} may read and write ${application.model} and contacts`,
    ...(await warningsOfStages(queue, tools)),
    "changes are found by polling",
  ];
}

async function checkField(model: string, name: string, { directory }: OdooTools): Promise<void> {
  await directory.needField(model, name);
  const type = (await directory.fields(model)).get(name)?.type;
  if (type !== "char") throw problem(`the field ${name} of ${model} is of the kind ${type}; it must be char`);
}

/** Odoo 17 has the older of the two names. */
async function checkAccess(model: string, operation: string, { rpc }: OdooTools): Promise<void> {
  const returns = z.boolean();
  const modern = { model, method: "has_access", ids: [], given: { operation }, returns, what };
  const given = { operation, raise_exception: false };
  const isAllowed = await rpc.call(modern).catch((error: PluginError) => {
    if (error.kind !== "rejected") throw error;
    return rpc.call({ model, method: "check_access_rights", given, returns, what });
  });
  if (!isAllowed) throw problem(`the account may not ${operation} records of ${model}`);
}

async function checkQueue({ settings, application, directory, rpc }: OdooTools): Promise<number> {
  const { model } = application.queue;
  const id = await directory.queueId(settings.queue);
  const given = { domain: [["id", "=", id]] };
  const count = await rpc.call({ model, method: "search_count", given, returns: z.number().int(), what });
  if (count === 0) throw problem(`the account sees no team or project with the number ${id} (setting queue)`);
  return id;
}

async function warningsOfStages(queue: number, { settings, directory }: OdooTools): Promise<string[]> {
  const stages = await directory.stages(queue);
  const unknown = stages.filter(({ name }) => settings.statuses[name] === undefined);
  const known = new Set(stages.map(({ name }): TicketStatus | undefined => settings.statuses[name]));
  const missing = ticketStatuses.filter((status) => status !== "new" && !known.has(status));
  const names = unknown.map(({ name }) => `"${name}"`).join(", ");
  return [
    ...(unknown.length > 0
      ? [`WARNING: the setting statuses does not say what the stage ${names} stands for`]
      : []),
    ...(missing.length > 0 ? [`WARNING: no stage stands for ${missing.join(", ")}`] : []),
  ];
}

function problem(reason: string): PluginError {
  return configProblem(`${what}: ${reason}`);
}
