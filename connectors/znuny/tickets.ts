import {
  cleanText,
  type NewTicket,
  oneLine,
  PluginError,
  type RecordRef,
  type TicketStatus,
} from "deskferry/sdk";
import { z } from "zod";
import type { Settings } from "./settings.ts";
import { call, id, type ZnunyTools } from "./web-service.ts";

/** Dynamic fields that the add-on makes. */
export const TICKET_FIELD = "DeskferryTicket";
export const MESSAGE_FIELD = "DeskferryMessage";

const LONGEST_TITLE = 250;
const made = z.object({ TicketID: id });
const found = z.object({ TicketID: z.array(id).optional() });
const tickets = z.object({
  Ticket: z.array(
    z.object({
      TicketID: id,
      DynamicField: z.array(z.object({ Name: z.string(), Value: z.unknown() })).optional(),
    }),
  ),
});

interface Field {
  Name: string;
  Value: string;
}

export function ticketAddress({ url }: Settings, ticketId: string): string {
  return `${url}/index.pl?Action=AgentTicketZoom;TicketID=${encodeURIComponent(ticketId)}`;
}

export async function createTicket(request: NewTicket, tools: ZnunyTools): Promise<RecordRef> {
  const { settings, log } = tools;
  const { assignee } = request.ticket;
  const DynamicField = dynamicFieldsOf(request, tools);
  const body = { Ticket: ticketOf(request, settings), Article: firstArticle(request), DynamicField };
  const post = (ticket: Record<string, unknown>) =>
    call(
      { operation: "TicketCreate", body: { ...body, Ticket: ticket }, schema: made, what: "create ticket" },
      tools,
    );
  try {
    const { TicketID } = await post(assignee ? { ...body.Ticket, Owner: assignee } : body.Ticket);
    return { id: TicketID, address: ticketAddress(settings, TicketID) };
  } catch (error) {
    if (!assignee || !(error instanceof PluginError) || error.code !== "Owner")
      throw ofSettings(error, request, settings);
  }
  log.warn("Znuny did not accept the assignee of a ticket");
  const { TicketID } = await post(body.Ticket);
  return { id: TicketID, address: ticketAddress(settings, TicketID) };
}

/** What Znuny refuses a new ticket for is mostly a name in the settings or the mapping. */
function ofSettings(error: unknown, { ticket }: NewTicket, settings: Settings): unknown {
  if (!(error instanceof PluginError)) return error;
  const what = "create ticket";
  const queue = ticket.queue ?? settings.queue;
  const reasons: Record<string, string> = {
    Queue: `Znuny has no valid queue "${queue}"`,
    State: `Znuny has no state "${rawStatus(settings, "new")}"; see the setting statuses`,
    Priority: `Znuny has no priority "${settings.priorities[ticket.priority ?? "normal"]}"; see the setting priorities`,
    Name: "Znuny lacks a dynamic field of tickets that the mapping fills, or our own; install the add-on (see setup.md)",
    CustomerUser: "Znuny has no such customer user any more; was it deleted or made invalid there?",
    AccessDenied: `the account ${settings.username} may not create tickets in the queue "${queue}"; it needs the permission create or rw in the queue's group`,
  };
  const reason = reasons[String(error.code)];
  return reason
    ? new PluginError({ kind: "config", code: error.code ?? "", operatorMessage: `${what}: ${reason}` })
    : error;
}

function ticketOf({ contactId, ticket }: NewTicket, settings: Settings): Record<string, unknown> {
  return {
    Title: oneLine(ticket.subject).slice(0, LONGEST_TITLE),
    Queue: ticket.queue ?? settings.queue,
    State: rawStatus(settings, "new"),
    Priority: settings.priorities[ticket.priority ?? "normal"],
    CustomerUser: contactId,
    CustomerID: contactId,
  };
}

/** Znuny makes no ticket without one. It is for staff: the person's own messages follow as articles of theirs. */
function firstArticle({ ticket }: NewTicket) {
  return {
    Subject: "WhatsApp",
    Body: cleanText(ticket.description ?? "") || "A conversation on WhatsApp",
    ContentType: "text/plain; charset=utf8",
    CommunicationChannel: "Internal",
    SenderType: "agent",
    IsVisibleForCustomer: 0,
    NoAgentNotify: 1,
  };
}

/** As mappings call them. */
const SAID = {
  tags: "tags",
  skills: "skills",
  firstAnswer: "due.firstAnswer",
  solution: "due.solution",
} as const;

function dynamicFieldsOf({ externalId, ticket }: NewTicket, { settings, log }: ZnunyTools): Field[] {
  const fields: Field[] = [{ Name: TICKET_FIELD, Value: externalId }];
  for (const [Name, value] of Object.entries(ticket.custom ?? {})) {
    if (value !== null && Name !== TICKET_FIELD) fields.push({ Name, Value: cleanText(String(value)) });
  }
  const extra = {
    tags: ticket.tags?.join(", "),
    skills: ticket.skills?.join(", "),
    firstAnswer: ticket.due?.firstAnswer,
    solution: ticket.due?.solution,
  };
  for (const [name, value] of Object.entries(extra) as [keyof typeof extra, string | undefined][]) {
    const field = settings.fields[name];
    if (!value) continue;
    if (field) fields.push({ Name: field, Value: cleanText(value) });
    else log.warn(`Znuny has no ${SAID[name]}: the setting fields.${name} names no dynamic field for it`);
  }
  return fields;
}

/** Znuny looks texts up without regard to case, and returns all tickets for a field it does not know. */
export async function findTicket(externalId: string, tools: ZnunyTools): Promise<RecordRef | undefined> {
  const what = "look up ticket";
  const search = {
    [`DynamicField_${TICKET_FIELD}`]: { Equals: externalId },
    SearchInArchive: "AllTickets",
    SortBy: "Age",
    OrderBy: "Up",
    Limit: 20,
  };
  const { TicketID } = await call({ operation: "TicketSearch", body: search, schema: found, what }, tools);
  if (!TicketID || TicketID.length === 0) return undefined;
  const body = { TicketID, DynamicFields: 1 };
  const { Ticket } = await call({ operation: "TicketGet", body, schema: tickets, what }, tools);
  const match = Ticket.find(({ DynamicField = [] }) =>
    DynamicField.some(({ Name, Value }) => Name === TICKET_FIELD && Value === externalId),
  );
  return match && { id: match.TicketID, address: ticketAddress(tools.settings, match.TicketID) };
}

export async function updateTicket(
  ticketId: string,
  { status }: { status: TicketStatus },
  tools: ZnunyTools,
): Promise<void> {
  const what = "update ticket";
  const { settings } = tools;
  const State = rawStatus(settings, status);
  if (!State) {
    const operatorMessage = `${what}: the setting statuses names no state of Znuny for "${status}"`;
    throw new PluginError({ kind: "config", operatorMessage });
  }
  // Znuny lets nobody wait without an end.
  const pending = status === "pending" ? { PendingTime: { Diff: settings.pendingHours * 60 } } : {};
  const body = { TicketID: ticketId, Ticket: { State, ...pending } };
  try {
    await call({ operation: "TicketUpdate", body, schema: made, what }, tools);
  } catch (error) {
    if (!(error instanceof PluginError) || error.code !== "State") throw error;
    const operatorMessage = `${what}: Znuny has no state "${State}"; see the setting statuses`;
    throw new PluginError({ kind: "config", code: "State", operatorMessage });
  }
}

export function rawStatus(settings: Settings, status: TicketStatus): string | undefined {
  return Object.entries(settings.statuses).find(([, word]) => word === status)?.[0];
}
