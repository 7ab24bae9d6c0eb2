import { cleanFields, cleanText, type NewTicket, oneLine, textToHtml } from "deskferry/sdk";
import { numberOf } from "./records.ts";
import { changeMark } from "./statuses.ts";
import type { TicketTools } from "./tickets.ts";

const priorities = { low: 1, normal: 2, high: 3, urgent: 4 } as const;

/** A new ticket as Freshdesk takes it. What it cannot keep is left out, with a warning for the first one. */
export async function ticketFields(request: NewTicket, tools: TicketTools): Promise<Record<string, unknown>> {
  const { contactId, ticket } = request;
  const { settings, directory, clock } = tools;
  const subject = oneLine(ticket.subject);
  const queue = ticket.queue ?? settings.group;
  const status = 2;
  return {
    requester_id: numberOf(contactId),
    subject,
    // Freshdesk's own forms ask for a description.
    description: `<div>${textToHtml(cleanText(ticket.description ?? subject))}</div>`,
    status,
    priority: priorities[ticket.priority ?? "low"],
    source: settings.source,
    ...(ticket.tags?.length ? { tags: ticket.tags.map(tagOf) } : {}),
    ...(queue ? { group_id: numberOf(await directory.groupId(queue)) } : {}),
    ...(await assigneeOf(ticket.assignee, tools)),
    ...dueOf(ticket.due, tools),
    custom_fields: {
      ...customOf(ticket, tools),
      [settings.fields.change]: changeMark(status, clock.now()),
      [settings.fields.ticket]: request.externalId,
    },
  };
}

/** Freshdesk's tags are at most 32 characters long and separated by commas. */
function tagOf(tag: string): string {
  return Array.from(
    cleanText(tag)
      .replace(/[\s,]+/g, " ")
      .trim(),
  )
    .slice(0, 32)
    .join("");
}

async function assigneeOf(assignee: string | undefined, { directory, warnOnce }: TicketTools) {
  if (!assignee) return {};
  const agent = await directory.agentId(assignee);
  if (agent) return { responder_id: numberOf(agent) };
  warnOnce(
    "Freshdesk knows no agent by the assignee that the mapping gives, which is left out: number or e-mail address",
  );
  return {};
}

/** Freshdesk takes both times or neither. */
function dueOf(due: NewTicket["ticket"]["due"], { warnOnce }: TicketTools) {
  if (!due?.firstAnswer && !due?.solution) return {};
  if (due.firstAnswer && due.solution) {
    return { fr_due_by: inUtc(due.firstAnswer), due_by: inUtc(due.solution) };
  }
  warnOnce("Freshdesk takes `due` with both firstAnswer and solution; the one alone is left out");
  return {};
}

function inUtc(time: string): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

function customOf(ticket: NewTicket["ticket"], { settings, warnOnce }: TicketTools) {
  const fields = cleanFields(ticket.custom);
  if (!ticket.skills?.length) return fields;
  const field = settings.fields.skills;
  if (field) fields[field] = ticket.skills.map(cleanText).join(", ");
  else warnOnce("the setting fields.skills names no field for the skills of tickets, which are left out");
  return fields;
}
