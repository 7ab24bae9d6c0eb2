import { z } from "zod";
import type { Application } from "./applications.ts";
import { configProblem } from "./faults.ts";
import { link, madeId, numbers, text } from "./records.ts";
import type { Rpc } from "./rpc.ts";

/** A field of a model as Odoo describes it. */
export interface Field {
  type: string;
  /** Values of a choice, as they are written. */
  values: string[];
}

export interface Stage {
  id: number;
  name: string;
}

export interface LookupTools {
  rpc: Rpc;
  application: Application;
}

const fieldList = z.record(
  z.string(),
  z.object({ type: z.string(), selection: z.array(z.array(z.unknown())).nullish() }),
);
const named = z.array(z.object({ id: z.number().int(), name: text }));

export async function loadFields(model: string, { rpc }: LookupTools) {
  const what = `read fields of ${model}`;
  const given = { attributes: ["type", "selection"] };
  const found = await rpc.call({ model, method: "fields_get", given, returns: fieldList, what });
  return new Map(
    Object.entries(found).map(([name, { type, selection }]): [string, Field] => [
      name,
      { type, values: (selection ?? []).map(([value]) => String(value)) },
    ]),
  );
}

/** Exactly this name; where two have it, the older one. */
async function findNamed(model: string, name: string, { rpc }: LookupTools, what: string) {
  const given = { domain: [["name", "=", name]], fields: ["name"], order: "id", limit: 10 };
  const found = await rpc.call({ model, method: "search_read", given, returns: named, what });
  return found.find((record) => record.name === name)?.id;
}

export async function loadQueue(nameOrId: string, tools: LookupTools): Promise<number> {
  const { model } = tools.application.queue;
  const what = "look up team or project";
  if (/^\d{1,9}$/.test(nameOrId)) return Number(nameOrId);
  const found = await findNamed(model, nameOrId, tools, what);
  if (found !== undefined) return found;
  throw configProblem(`${what}: the account sees none of the name "${nameOrId}" (${model})`);
}

/** `canBelong`: early versions of the OCA's application have the same stages for all teams. */
export async function loadStages(
  queueId: number | undefined,
  canBelong: boolean,
  { rpc, application }: LookupTools,
) {
  const { model, queues, servesAll } = application.stage;
  const own = [queues, "in", queueId === undefined ? [] : [queueId]];
  const domain = !canBelong ? [] : servesAll ? ["|", own, [queues, "=", false]] : [own];
  const given = { domain, fields: ["name"], order: "sequence, id" };
  const found = await rpc.call({ model, method: "search_read", given, returns: named, what: "read stages" });
  return found.map(({ id, name = "" }) => ({ id, name }));
}

export async function loadStaff(loginOrId: string, { rpc }: LookupTools): Promise<number | undefined> {
  if (/^\d{1,9}$/.test(loginOrId)) return Number(loginOrId);
  const given = { domain: [["login", "=", loginOrId]], fields: ["login"], limit: 2 };
  const returns = z.array(z.object({ id: z.number().int(), login: text }));
  const what = "look up assignee";
  const found = await rpc.call({ model: "res.users", method: "search_read", given, returns, what });
  return found.find(({ login }) => login === loginOrId)?.id;
}

/** `partner_share` is what Odoo itself goes by: everybody who is no internal user. */
export async function loadStaffAmong(ids: number[], { rpc }: LookupTools): Promise<ReadonlySet<number>> {
  const domain = [
    ["id", "in", ids],
    ["partner_share", "=", false],
  ];
  const given = { domain, fields: ["partner_share"] };
  const returns = z.array(z.object({ id: z.number().int(), partner_share: z.boolean() }));
  const context = { active_test: false };
  const what = "look up authors";
  const found = await rpc.call({
    model: "res.partner",
    method: "search_read",
    given,
    context,
    returns,
    what,
  });
  return new Set(found.filter(({ partner_share: isOutside }) => !isOutside).map(({ id }) => id));
}

export async function findOrMakeTag(name: string, tools: LookupTools): Promise<number> {
  const model = tools.application.tagModel;
  const found = await findNamed(model, name, tools, "look up tag");
  if (found !== undefined) return found;
  const given = { vals_list: [{ name }] };
  return tools.rpc.call({ model, method: "create", given, returns: madeId, what: "make tag" });
}

export async function loadLanguages({ rpc }: LookupTools): Promise<string[]> {
  const returns = z.array(z.tuple([z.string(), z.string()]));
  const what = "read languages";
  const found = await rpc.call({ model: "res.lang", method: "get_installed", returns, what });
  return found.map(([code]) => code);
}

export async function loadInternalSubtypes({ rpc }: LookupTools): Promise<ReadonlySet<number>> {
  const given = { domain: [["internal", "=", true]] };
  const model = "mail.message.subtype";
  return new Set(
    await rpc.call({ model, method: "search", given, returns: numbers, what: "read kinds of messages" }),
  );
}

export async function loadAccount({ rpc }: LookupTools) {
  const id = await rpc.userId();
  const given = { fields: ["email_formatted", "partner_id"] };
  const returns = z.array(z.object({ email_formatted: text, partner_id: link }));
  const [user] = await rpc.call({
    model: "res.users",
    method: "read",
    ids: [id],
    given,
    returns,
    what: "read account",
  });
  return { id, sender: user?.email_formatted };
}
