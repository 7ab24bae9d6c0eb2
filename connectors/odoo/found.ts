import type { TicketStatus } from "deskferry/sdk";
import { z } from "zod";
import { inOdoosWords, type Link, link, moment, numbers, text, timeOf } from "./records.ts";
import { statusOf } from "./statuses.ts";
import type { OdooTools } from "./tools.ts";

const what = "list changes";

const messageRecord = z.object({
  id: z.number().int(),
  res_id: z.union([z.number().int(), z.literal(false)]),
  /** When it was written; Odoo does not insist on it. */
  date: text,
  /** When it was saved. */
  create_date: moment,
  message_type: z.string(),
  body: text,
  subtype_id: link,
  is_internal: z.boolean().nullish(),
  author_id: link,
  create_uid: link,
  message_id: text,
  attachment_ids: numbers,
});
export type FoundMessage = z.output<typeof messageRecord>;

/** What people write, by hand and by mail. Not what templates, activities and answering machines do. */
const WRITTEN = new Set(["comment", "email", "email_outgoing"]);
/** What Odoo writes when somebody changes a ticket; by its own kind since Odoo 20. */
const OF_CHANGES = new Set(["notification", "tracking"]);

export const isWritten = ({ message_type: type }: FoundMessage) => WRITTEN.has(type);
export const isOfChange = ({ message_type: type }: FoundMessage) => OF_CHANGES.has(type);

/**
 * Numbers of the messages since then, all but `except`, oldest first. Without a limit: Odoo applies one before it leaves out
 * what the account may not read, so that a short page would not be the last one.
 */
export function messagesSince(since: number, except: number[], tools: OdooTools): Promise<number[]> {
  const domain = [...kinds(tools), ["create_date", ">=", inOdoosWords(since)]];
  if (except.length > 0) domain.push(["id", "not in", except]);
  const given = { domain, order: "id" };
  return tools.rpc.call({ model: "mail.message", method: "search", given, returns: numbers, what });
}

/** What is read may be less: staff delete messages. */
export function readMessages(ids: number[], tools: OdooTools): Promise<FoundMessage[]> {
  const given = { domain: [["id", "in", ids]], fields: Object.keys(messageRecord.shape), order: "id" };
  const returns = z.array(messageRecord);
  return tools.rpc.call({ model: "mail.message", method: "search_read", given, returns, what });
}

const createdRecord = z.object({ id: z.number().int(), create_date: moment });

/** When messages were saved: of the newest one, or of all since then. */
export function readTimes(since: number | undefined, tools: OdooTools) {
  const recent = since === undefined ? [] : [["create_date", ">=", inOdoosWords(since)]];
  const given = {
    domain: [...kinds(tools), ...recent],
    fields: ["create_date"],
    order: "id desc",
    ...(since === undefined ? { limit: 1 } : {}),
  };
  const returns = z.array(createdRecord);
  return tools.rpc.call({ model: "mail.message", method: "search_read", given, returns, what });
}

function kinds({ application }: OdooTools): unknown[] {
  return [
    ["model", "=", application.model],
    ["message_type", "in", [...WRITTEN, ...OF_CHANGES]],
  ];
}

/** A ticket of ours as it is now. */
export interface FoundTicket {
  id: number;
  externalId: string;
  subject: string | undefined;
  stage: Link;
  /** In our words. */
  status: TicketStatus | undefined;
  queue: Link;
  /** Name, or the number where Odoo keeps several. */
  assignee: string | undefined;
  /** Milliseconds since 1970. */
  stageTime: number | undefined;
}

const ticketRecord = z.looseObject({ id: z.number().int(), name: text, stage_id: link });

/** Of these tickets the ones with our id, archived ones too, by their numbers. */
export async function readTickets(
  ids: number[],
  tools: OdooTools,
): Promise<ReadonlyMap<number, FoundTicket>> {
  if (ids.length === 0) return new Map();
  const { application, settings, rpc } = tools;
  const { model, queue, assignee, state, stageTime } = application;
  const field = settings.fields.ticket;
  const domain = [
    ["id", "in", [...new Set(ids)]],
    [field, "!=", false],
  ];
  const fields = [
    "name",
    "stage_id",
    field,
    queue.field,
    assignee.field,
    stageTime,
    ...(state ? [state.field] : []),
  ];
  const found = await rpc.call({
    model,
    method: "search_read",
    given: { domain, fields },
    context: { active_test: false },
    returns: z.array(ticketRecord),
    what,
  });
  return new Map(found.flatMap((record) => entryOf(record, tools)));
}

function entryOf(record: z.output<typeof ticketRecord>, tools: OdooTools): [number, FoundTicket][] {
  const { application, settings } = tools;
  const { state, queue, assignee, stageTime } = application;
  const externalId = record[settings.fields.ticket];
  if (typeof externalId !== "string" || externalId === "") return [];
  const changed = moment.safeParse(record[stageTime]).data;
  const ticket = {
    id: record.id,
    externalId,
    subject: record.name,
    stage: record.stage_id,
    status: statusOf(record.stage_id?.name, state && record[state.field], tools),
    queue: link.safeParse(record[queue.field]).data,
    assignee: nameOf(record[assignee.field]),
    stageTime: changed === undefined ? undefined : timeOf(changed),
  };
  return [[record.id, ticket]];
}

function nameOf(assignee: unknown): string | undefined {
  const one = link.safeParse(assignee).data;
  if (one) return one.name;
  const [first] = numbers.safeParse(assignee).data ?? [];
  return first === undefined ? undefined : String(first);
}

/** Names of files by their numbers. One that is only an address is none. */
export async function readFileNames(ids: number[], { rpc }: OdooTools): Promise<ReadonlyMap<number, string>> {
  if (ids.length === 0) return new Map();
  const domain = [
    ["id", "in", [...new Set(ids)]],
    ["type", "=", "binary"],
  ];
  const given = { domain, fields: ["name"] };
  const returns = z.array(z.object({ id: z.number().int(), name: text }));
  const found = await rpc.call({ model: "ir.attachment", method: "search_read", given, returns, what });
  return new Map(found.map(({ id, name }) => [id, name ?? "file"]));
}
