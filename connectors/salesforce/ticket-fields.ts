import { type NewTicket, oneLine } from "deskferry/sdk";
import { clean, cut, ID_FIELD } from "./records.ts";
import type { CaseTools } from "./tickets.ts";

const MOST_SUBJECT = 255;
const MOST_DESCRIPTION = 32_000;

/** The fields of a new case, by their API names. */
export async function caseFields(
  { externalId, contactId, ticket }: NewTicket,
  tools: CaseTools,
): Promise<Record<string, unknown>> {
  const { settings } = tools;
  const owner = await ownerOf(ticket, tools);
  return {
    Subject: cut(oneLine(clean(ticket.subject)), MOST_SUBJECT),
    ContactId: contactId,
    ...(ticket.description ? { Description: descriptionOf(ticket.description, tools) } : {}),
    ...(ticket.priority ? { Priority: settings.priorities[ticket.priority] } : {}),
    ...(owner ? { OwnerId: owner } : {}),
    ...extraFields(ticket, tools),
    ...customFields(ticket.custom),
    [ID_FIELD]: externalId,
  };
}

function descriptionOf(description: string, { warnOnce }: CaseTools): string {
  const text = clean(description);
  if (text.length > MOST_DESCRIPTION)
    warnOnce(`the description of a ticket was cut: Salesforce keeps ${MOST_DESCRIPTION} characters of it`);
  return cut(text, MOST_DESCRIPTION);
}

/** A case has one owner, a person or a queue. */
async function ownerOf(ticket: NewTicket["ticket"], tools: CaseTools): Promise<string | undefined> {
  const { settings, directory, warnOnce } = tools;
  const user = ticket.assignee ? await directory.userId(ticket.assignee) : undefined;
  if (ticket.assignee && !user) {
    warnOnce(
      "Salesforce has no active user by the assignee that the mapping gives, who is left out: id or user name",
    );
  }
  if (user && ticket.queue)
    warnOnce("a case has one owner: the queue is left out where there is an assignee");
  const queue = ticket.queue ?? settings.queue;
  return user ?? (queue ? directory.queueId(queue) : undefined);
}

function extraFields(
  { tags, skills, due }: NewTicket["ticket"],
  { settings, warnOnce }: CaseTools,
): Record<string, unknown> {
  const given = {
    tags: tags?.length ? tags.map(clean).join(", ") : undefined,
    skills: skills?.length ? skills.map(clean).join(", ") : undefined,
    firstAnswer: due?.firstAnswer,
    solution: due?.solution,
  };
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given) as [keyof typeof given, string | undefined][]) {
    const field = settings.fields[name];
    if (value === undefined) continue;
    if (field) fields[field] = value;
    else warnOnce(`the setting fields.${name} names no field of cases, so ${name} is left out`);
  }
  return fields;
}

export function customFields(custom: NewTicket["ticket"]["custom"]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(custom ?? {}).map(([name, value]) => [
      name,
      typeof value === "string" ? clean(value) : value,
    ]),
  );
}
