import { cleanText, type NewTicket, oneLine } from "deskferry/sdk";
import type { Field } from "./directory.ts";
import { documentOf, type TextDocument, textOf } from "./document.ts";
import type { JiraTools } from "./tools.ts";

type Value = string | number | boolean | null;

/**
 * What a ticket has beside its subject, as the issue behind the request takes it: request types take only what their
 * portal form asks for, and description there as markup.
 */
export async function ticketFields(
  { ticket }: NewTicket,
  tools: JiraTools,
): Promise<Record<string, unknown>> {
  const { priority, tags, description } = ticket;
  return {
    ...(description ? { description: documentOf(textOf(description)) } : {}),
    ...(priority ? { priority: { name: tools.settings.priorities[priority] } } : {}),
    ...(tags?.length ? { labels: tags.map(labelOf) } : {}),
    ...dueOf(ticket.due, tools),
    ...(ticket.skills?.length && tools.settings.fields.skills
      ? { [tools.settings.fields.skills]: oneLine(ticket.skills.join(", ")) }
      : {}),
    ...(await assigneeOf(ticket.assignee, tools)),
    ...(await customOf(ticket.custom ?? {}, tools)),
  };
}

/** Jira's labels have no blanks. */
function labelOf(tag: string): string {
  return cleanText(tag).trim().replace(/\s+/g, "-");
}

/** Jira's due date is a day. */
function dueOf(due: NewTicket["ticket"]["due"], { settings, warnOnce }: JiraTools): Record<string, unknown> {
  if (due?.firstAnswer && !settings.fields.firstAnswer)
    warnOnce("Jira has no firstAnswer of due: the setting fields.firstAnswer names no custom field for it");
  return {
    ...(due?.solution ? { duedate: due.solution.slice(0, 10) } : {}),
    ...(due?.firstAnswer && settings.fields.firstAnswer
      ? { [settings.fields.firstAnswer]: due.firstAnswer }
      : {}),
  };
}

async function assigneeOf(assignee: string | undefined, { directory, warnOnce }: JiraTools) {
  if (!assignee) return {};
  const accountId = await directory.assigneeId(assignee);
  if (accountId) return { assignee: { accountId } };
  warnOnce(
    "Jira knows nobody who may be given tickets by the assignee that the mapping gives: account id, or e-mail address where it is visible",
  );
  return {};
}

async function customOf(custom: Record<string, Value>, { directory, warnOnce }: JiraTools) {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(custom)) {
    const field = await directory.field(name);
    if (field) fields[field.id] = fieldValue(field, value);
    else warnOnce(`Jira has no field "${name}", which the mapping names`);
  }
  return fields;
}

/** Fields of several lines hold documents, choices are named, and lists of either are lists of one here. */
function fieldValue({ schema }: Field, value: Value): unknown {
  if (value === null) return null;
  const one = (type: string): string | number | boolean | { value: string } | TextDocument => {
    if (type === "option") return { value: String(value) };
    if (type === "number") return Number(value);
    if (schema?.custom?.endsWith(":textarea")) return documentOf(textOf(String(value)));
    return typeof value === "string" ? cleanText(value) : type === "string" ? String(value) : value;
  };
  return schema?.type === "array" ? [one(schema.items ?? "string")] : one(schema?.type ?? "string");
}
