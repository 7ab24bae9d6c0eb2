import {
  type Clock,
  type HttpClient,
  type NewTicket,
  PluginError,
  type PluginLog,
  type RecordRef,
  type TicketStatus,
  type Tools,
} from "deskferry/sdk";
import type { Directory } from "./directory.ts";
import { read, refused, searchResult, type TicketRecord, ticketList, ticketRecord } from "./records.ts";
import type { Settings } from "./settings.ts";
import { changeMark, numberOfStatus } from "./statuses.ts";
import { ticketFields } from "./ticket-fields.ts";

export interface TicketTools {
  http: HttpClient;
  /** Makes a client for another host, without our credentials. */
  createClient: Tools["http"];
  settings: Settings;
  directory: Directory;
  log: PluginLog;
  clock: Clock;
  /** The same words once only: what Freshdesk cannot keep is so for every ticket. */
  warnOnce(message: string): void;
}

/** Longer than the "few minutes" after which Freshdesk's search shows a ticket. */
const NOT_INDEXED_MS = 15 * 60_000;
const PAGE = 100;
const MOST_PAGES = 5;

export function ticketAddress({ settings }: Pick<TicketTools, "settings">, id: string): string {
  return `${settings.url}/a/tickets/${id}`;
}

export function ticketPath(id: string): string {
  return `/tickets/${encodeURIComponent(id)}`;
}

export async function createTicket(request: NewTicket, tools: TicketTools): Promise<RecordRef> {
  const what = "create ticket";
  const json = await ticketFields(request, tools);
  const answer = await tools.http.request({ method: "POST", path: "/tickets", json, what, accept: [400] });
  if (answer.status === 400) {
    throw refused(answer, what, [...Object.keys(json), ...Object.keys(json["custom_fields"] ?? {})]);
  }
  const made = read(answer, ticketRecord, what);
  if (!carries(made, request.externalId, tools)) {
    tools.warnOnce(
      `Freshdesk does not show the ticket field ${tools.settings.fields.ticket} of a ticket it made`,
    );
  }
  return { id: made.id, address: ticketAddress(tools, made.id) };
}

function carries(ticket: TicketRecord, externalId: string, { settings }: TicketTools): boolean {
  return ticket.custom_fields[settings.fields.ticket] === externalId;
}

/** The newest tickets are looked through, since search does not know them yet; then search is asked for older ones. */
export async function findTicket(externalId: string, tools: TicketTools): Promise<RecordRef | undefined> {
  const found = (await findAmongNew(externalId, tools)) ?? (await search(externalId, tools));
  return found && { id: found.id, address: ticketAddress(tools, found.id) };
}

async function findAmongNew(externalId: string, tools: TicketTools): Promise<TicketRecord | undefined> {
  const what = "look up ticket";
  for (let page = 1; page <= MOST_PAGES; page++) {
    const query = { order_by: "created_at", order_type: "desc", per_page: PAGE, page };
    const listed = read(
      await tools.http.request({ method: "GET", path: "/tickets", query, what }),
      ticketList,
      what,
    );
    const found = listed.find((ticket) => carries(ticket, externalId, tools));
    const oldest = listed.at(-1)?.created_at ?? "";
    const isOld = tools.clock.now() - Date.parse(oldest) > NOT_INDEXED_MS;
    if (found || listed.length < PAGE || isOld) return found;
  }
  return undefined;
}

/**
 * Fields made in the newer kind of account are found as `custom_string` only, others by their name; an account that does
 * not know one of the two answers 400.
 */
async function search(externalId: string, tools: TicketTools): Promise<TicketRecord | undefined> {
  const what = "look up ticket";
  // The query language has no way to write a quotation mark.
  if (!/^[\w/:+.-]{1,300}$/.test(externalId)) return undefined;
  for (const field of ["custom_string", tools.settings.fields.ticket]) {
    const query = { query: `"${field}:'${externalId}'"` };
    const path = "/search/tickets";
    const answer = await tools.http.request({ method: "GET", path, query, what, accept: [400] });
    if (answer.status === 400) continue;
    const { results } = read(answer, searchResult, what);
    const found = results.find((ticket) => carries(ticket, externalId, tools));
    if (found) return found;
  }
  return undefined;
}

export async function updateTicket(
  id: string,
  { status }: { status: TicketStatus },
  tools: TicketTools,
): Promise<void> {
  const what = "update ticket";
  const { http, settings, clock } = tools;
  const number = numberOfStatus(status, settings);
  if (number === undefined) {
    const operatorMessage = `${what}: the setting statuses names no status of Freshdesk for "${status}"`;
    throw new PluginError({ kind: "config", operatorMessage });
  }
  const json = {
    status: number,
    custom_fields: { [settings.fields.change]: changeMark(number, clock.now()) },
  };
  const answer = await http.request({ method: "PUT", path: ticketPath(id), json, what, accept: [400, 405] });
  if (answer.status === 405) throw inBin(id, what);
  if (answer.status === 400) throw refused(answer, what, ["status", settings.fields.change]);
  const after = read(answer, ticketRecord, what);
  if (after.status === number) return;
  const operatorMessage = `${what}: Freshdesk left ticket ${id} at status ${after.status} instead of ${number}`;
  throw new PluginError({ kind: "rejected", operatorMessage });
}

/** Freshdesk answers 405 to changes of tickets that staff deleted or took for spam. */
export function inBin(id: string, what: string): PluginError {
  const operatorMessage = `${what}: ticket ${id} is deleted or marked as spam in Freshdesk`;
  return new PluginError({ kind: "not_found", code: 405, operatorMessage });
}
