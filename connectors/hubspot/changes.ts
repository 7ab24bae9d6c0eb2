import {
  type CommentAdded,
  endsWithMark,
  type HelpdeskEvent,
  type HttpAnswer,
  type TicketChanged,
} from "deskferry/sdk";
import { advance, type Cursor, type Lane, type Looked, laneFrom, parseCursor } from "./cursor.ts";
import { commentEvent, type SeenNote, statusEvents, type WordOf } from "./events.ts";
import { nameOf } from "./files.ts";
import { associationBatch, type CrmObject, objectList, read } from "./records.ts";
import type { HubspotTools } from "./tools.ts";

const what = "list changes";
/** With their history at most fifty records can be read at once. */
const PAGE = 50;

interface Found extends Looked {
  records: CrmObject[];
}

/**
 * Notes that are new and tickets that changed are searched for, each by its time. HubSpot's webhooks would tell neither
 * the ticket nor the files of a note, and service keys have none: docs/decisions/0033-replies-in-hubspot.md.
 */
export async function listChanges(
  text: string | undefined,
  tools: HubspotTools,
): Promise<{ events: HelpdeskEvent[]; cursor: string; more: boolean }> {
  if (text === undefined) return { events: [], cursor: await startNow(tools), more: false };
  const cursor = parseCursor(text);
  const notes = await lookForNotes(cursor.notes, tools);
  const tickets = await lookForStatuses(cursor.tickets, tools);
  const next: Cursor = { notes: notes.next, tickets: tickets.next };
  const events = [...notes.events, ...tickets.events].sort(inOrder);
  return { events, cursor: JSON.stringify(next), more: notes.isFull || tickets.isFull };
}

/** What happened in this very second is taken as done. */
async function startNow(tools: HubspotTools): Promise<string> {
  const second = Math.floor(tools.clock.now() / 1000) * 1000;
  const notes = await lookForNotes(laneFrom(second), tools);
  const tickets = await lookForStatuses(laneFrom(second), tools);
  const given = (events: HelpdeskEvent[]) => events.map(({ id }) => id);
  const cursor: Cursor = {
    notes: laneFrom(notes.now, given(notes.events)),
    tickets: laneFrom(tickets.now, given(tickets.events)),
  };
  return JSON.stringify(cursor);
}

/** HubSpot's own clock, which tells whole seconds. */
function nowOf({ headers }: HttpAnswer, { clock }: HubspotTools): number {
  const told = Date.parse(headers["date"] ?? "");
  return Number.isNaN(told) ? clock.now() : told;
}

const searches = {
  notes: {
    time: "hs_createdate",
    told: "createdAt",
    properties: ["hs_note_body", "hs_attachment_ids", "hubspot_owner_id"],
  },
  tickets: { time: "hs_lastmodifieddate", told: "updatedAt", properties: [] },
} as const;

function search(kind: keyof typeof searches, { reach, skip }: Lane, tools: HubspotTools) {
  const { api, settings } = tools;
  const { time, properties } = searches[kind];
  const filters = [
    { propertyName: time, operator: "GTE", value: String(reach) },
    ...(kind === "tickets" ? [{ propertyName: settings.fields.ticket, operator: "HAS_PROPERTY" }] : []),
  ];
  const json = {
    filterGroups: [{ filters }],
    sorts: [{ propertyName: time, direction: "ASCENDING" }],
    properties,
    limit: PAGE,
    ...(skip > 0 ? { after: String(skip) } : {}),
  };
  return api.call({ method: "POST", path: api.crm("objects", `/${kind}/search`), json, what });
}

async function find(kind: keyof typeof searches, lane: Lane, tools: HubspotTools): Promise<Found> {
  const answer = await search(kind, lane, tools);
  const records = read(answer, objectList, what).results;
  const last = Date.parse(records.at(-1)?.[searches[kind].told] ?? "");
  return { records, last, full: records.length === PAGE ? PAGE : undefined, now: nowOf(answer, tools) };
}

async function lookForNotes(lane: Lane, tools: HubspotTools) {
  const found = await find("notes", lane, tools);
  const seen = await onOurTickets(found.records.filter(isStaffs), tools);
  const wordOf = await wordsOf(
    seen.map(({ ticket }) => ticket),
    tools,
  );
  const events: CommentAdded[] = [];
  for (const each of seen) {
    const event = commentEvent(each, tools.settings, wordOf);
    if (lane.given.includes(event.id)) continue;
    if (each.isShared) tools.warnOnce("a note that stands on several of our tickets goes to nobody");
    events.push({ ...event, attachments: await filesOf(each.note, event, tools) });
  }
  return outcome(lane, found, events);
}

/**
 * Our own have a mark at the end and no owner; a note of staff may quote one of them. They need no look at their tickets:
 * most notes are what people wrote.
 */
function isStaffs({ properties }: CrmObject): boolean {
  return Boolean(properties["hubspot_owner_id"]) || !endsWithMark(properties["hs_note_body"] ?? "");
}

async function lookForStatuses(lane: Lane, tools: HubspotTools) {
  const found = await find("tickets", lane, tools);
  const history = ["hs_pipeline_stage", tools.settings.fields.change];
  const ids = found.records.map(({ id }) => id);
  const tickets = await readTickets(ids, tools, { propertiesWithHistory: history });
  const wordOf = await wordsOf(tickets, tools);
  const events = tickets
    .flatMap((ticket) => statusEvents(ticket, lane.from, { settings: tools.settings, wordOf }))
    .filter(({ id }) => !lane.given.includes(id));
  return outcome(lane, found, events);
}

function outcome<E extends CommentAdded | TicketChanged>(lane: Lane, found: Found, events: E[]) {
  const fresh = events.map(({ id }) => id);
  return { events, next: advance(lane, found, fresh), isFull: found.full !== undefined, now: found.now };
}

async function onOurTickets(notes: CrmObject[], tools: HubspotTools): Promise<SeenNote[]> {
  if (notes.length === 0) return [];
  const { api, settings } = tools;
  const path = api.crm("associations", "/notes/tickets/batch/read");
  const json = { inputs: notes.map(({ id }) => ({ id })) };
  const { results } = read(await api.call({ method: "POST", path, json, what }), associationBatch, what);
  const ticketsOf = new Map(
    results.map(({ from, to }) => [from.id, [...new Set(to.map(({ toObjectId }) => toObjectId))]]),
  );
  const tickets = await readTickets([...new Set([...ticketsOf.values()].flat())], tools);
  const ours = new Map(
    tickets.filter(({ properties }) => properties[settings.fields.ticket]).map((each) => [each.id, each]),
  );
  return notes.flatMap((note) => {
    const [ticket, ...others] = (ticketsOf.get(note.id) ?? []).flatMap((id) => ours.get(id) ?? []);
    return ticket ? { note, ticket, isShared: others.length > 0 } : [];
  });
}

/** As they are now; what is deleted meanwhile is left out. */
async function readTickets(ids: string[], { api, settings }: HubspotTools, more: object = {}) {
  const tickets: CrmObject[] = [];
  const path = api.crm("objects", "/tickets/batch/read");
  const properties = [
    "subject",
    "hs_pipeline",
    "hs_pipeline_stage",
    "hubspot_owner_id",
    settings.fields.ticket,
  ];
  for (let start = 0; start < ids.length; start += PAGE) {
    const inputs = ids.slice(start, start + PAGE).map((id) => ({ id }));
    const json = { inputs, properties, ...more };
    tickets.push(...read(await api.call({ method: "POST", path, json, what }), objectList, what).results);
  }
  return tickets;
}

/** All statuses that stand in these tickets, in our words. */
async function wordsOf(tickets: CrmObject[], { directory }: HubspotTools): Promise<WordOf> {
  const stages = tickets.flatMap(({ properties, propertiesWithHistory }) => [
    properties["hs_pipeline_stage"],
    ...(propertiesWithHistory["hs_pipeline_stage"] ?? []).map(({ value }) => value),
  ]);
  const words = new Map<string, Awaited<ReturnType<typeof directory.statusOf>>>();
  for (const stage of new Set(stages)) if (stage) words.set(stage, await directory.statusOf(stage));
  return (stage) => words.get(stage ?? "");
}

/** Only those of a reply are fetched by anybody, and each name costs a call. */
async function filesOf({ properties }: CrmObject, { visibility }: CommentAdded, tools: HubspotTools) {
  if (visibility !== "public") return [];
  const ids = (properties["hs_attachment_ids"] ?? "").split(";").filter((id) => /^\d+$/.test(id));
  const files: { id: string; name: string }[] = [];
  for (const id of ids) files.push({ id, name: await nameOf(id, tools) });
  return files;
}

/** By time; within a millisecond a status comes after the words that led to it. */
function inOrder(left: HelpdeskEvent, right: HelpdeskEvent): number {
  const byTime = Date.parse(left.at) - Date.parse(right.at);
  return byTime !== 0
    ? byTime
    : Number(left.type === "ticket.changed") - Number(right.type === "ticket.changed");
}
