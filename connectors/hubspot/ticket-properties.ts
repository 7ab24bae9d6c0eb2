import { cleanFields, cleanText, type NewTicket, oneLine } from "deskferry/sdk";
import type { HubspotTools } from "./tools.ts";

type Properties = Record<string, unknown>;

/** A new ticket as HubSpot takes it. What it cannot keep is left out, with a warning for the first one. */
export async function ticketProperties(request: NewTicket, tools: HubspotTools): Promise<Properties> {
  const { ticket } = request;
  const { settings, directory } = tools;
  const pipeline = await directory.pipeline(ticket.queue ?? settings.pipeline);
  return {
    ...cleanFields(ticket.custom),
    subject: oneLine(ticket.subject),
    ...(ticket.description ? { content: cleanText(ticket.description) } : {}),
    hs_pipeline: pipeline.id,
    hs_pipeline_stage: pipeline.stages[0]?.id,
    ...(ticket.priority ? { hs_ticket_priority: settings.priorities[ticket.priority] } : {}),
    ...(await ownerOf(ticket.assignee, tools)),
    ...placedOf(ticket, tools),
    [settings.fields.ticket]: request.externalId,
  };
}

async function ownerOf(
  assignee: string | undefined,
  { directory, warnOnce }: HubspotTools,
): Promise<Properties> {
  if (!assignee) return {};
  const owner = /^\d+$|@/.test(assignee) ? await directory.ownerId(assignee) : undefined;
  if (owner) return { hubspot_owner_id: owner };
  warnOnce(
    "HubSpot knows no owner by the assignee that the mapping gives, which is left out: id or e-mail address",
  );
  return {};
}

/** What HubSpot's tickets do not have, in the properties that the settings name. */
function placedOf(ticket: NewTicket["ticket"], { settings, warnOnce }: HubspotTools): Properties {
  const values = {
    tags: ticket.tags?.map(cleanText).join(", "),
    skills: ticket.skills?.map(cleanText).join(", "),
    firstAnswer: inUtc(ticket.due?.firstAnswer),
    solution: inUtc(ticket.due?.solution),
  };
  const placed: Properties = {};
  for (const [name, value] of Object.entries(values) as [keyof typeof values, string | undefined][]) {
    const property = settings.fields[name];
    if (!value) continue;
    if (property) placed[property] = value;
    else
      warnOnce(
        `HubSpot's tickets have no ${name}: the setting fields.${name} names no property, so it is left out`,
      );
  }
  return placed;
}

function inUtc(time: string | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}
