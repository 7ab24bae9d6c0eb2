import { type NewTicket, PluginError, textToHtml } from "deskferry/sdk";
import { customValues } from "./custom-fields.ts";
import { clean, inOdoosWords, numberOf, oneLine } from "./records.ts";
import type { OdooTools } from "./tools.ts";

type Ticket = NewTicket["ticket"];

/** All that a new ticket is created with, by the names of Odoo's fields. */
export async function valuesOf(request: NewTicket, tools: OdooTools): Promise<Record<string, unknown>> {
  const { externalId, contactId, ticket } = request;
  const { application, directory, settings } = tools;
  const { model, queue } = application;
  const ownField = await directory.needField(model, settings.fields.ticket);
  return {
    name: oneLine(ticket.subject),
    [ownField]: externalId,
    partner_id: numberOf(contactId),
    [queue.field]: await directory.queueId(ticket.queue ?? settings.queue),
    // The OCA's tickets must have one.
    description: textToHtml(clean(ticket.description ?? ticket.subject)),
    ...(await priorityOf(ticket, tools)),
    ...(await assigneeOf(ticket, tools)),
    ...(await tagsOf(ticket, tools)),
    ...(await dueOf(ticket, tools)),
    ...(await customValues(model, ticket.custom, tools)),
  };
}

/** Four stars everywhere but for tasks before Odoo 18, which are important or not. */
async function priorityOf({ priority }: Ticket, { application, directory }: OdooTools) {
  if (!priority) return {};
  const values = (await directory.fields(application.model)).get("priority")?.values ?? [];
  const words = values.includes("3") ? ["low", "normal", "high", "urgent"] : ["normal", "high"];
  const near = words.includes(priority) ? priority : priority === "low" ? "normal" : "high";
  return { priority: String(words.indexOf(near)) };
}

async function assigneeOf({ assignee }: Ticket, { application, directory, warnOnce }: OdooTools) {
  if (!assignee) return {};
  const id = await directory.staffId(assignee);
  const { field, takesSeveral } = application.assignee;
  if (id === undefined) warnOnce("Odoo has no user with the login that a mapping names as assignee");
  return id === undefined ? {} : { [field]: takesSeveral ? [[6, 0, [id]]] : id };
}

/** Not every account may make new tags. A ticket is worth more than they are. */
async function tagsOf({ tags }: Ticket, { directory, warnOnce }: OdooTools) {
  const ids: number[] = [];
  for (const tag of tags ?? []) {
    try {
      ids.push(await directory.tagId(oneLine(tag)));
    } catch (error) {
      if (!(error instanceof PluginError && error.code === 403)) throw error;
      warnOnce("the account may not make new tags in Odoo: tags that are not there yet are left out");
    }
  }
  return ids.length > 0 ? { tag_ids: [[6, 0, ids]] } : {};
}

async function dueOf({ due }: Ticket, { application, directory, warnOnce }: OdooTools) {
  if (due?.firstAnswer) warnOnce("Odoo has no firstAnswer of due: only the time to solve is kept");
  if (!due?.solution || !application.due) return {};
  const { type } = (await directory.fields(application.model)).get(application.due) ?? {};
  const time = inOdoosWords(Date.parse(due.solution));
  return { [application.due]: type === "date" ? time.slice(0, 10) : time };
}
