import type { Author, HelpdeskEvent, TicketSnapshot } from "deskferry/sdk";
import { isSameId } from "./api.ts";
import { type CaseRecord, type CommentRow, type HistoryRow, ID_FIELD } from "./records.ts";
import type { Settings } from "./settings.ts";
import { secondsOf } from "./soql.ts";

/** An event with the second by which the cursor goes. */
export interface Seen {
  event: HelpdeskEvent;
  second: number;
}

export interface Reader {
  settings: Settings;
  ownId: string;
}

/** What is this old is no news: ids of events are remembered for eight days, and a reply must not go out twice. */
const MOST_AGE_S = 7 * 86_400;

/**
 * The id holds the visibility, so that a note that staff publish later is a reply of its own; a text that is edited later
 * is not.
 */
export function commentSeen(row: CommentRow, reader: Reader): Seen | undefined {
  const second = secondsOf(row.SystemModstamp);
  if (second - secondsOf(row.CreatedDate) > MOST_AGE_S) return undefined;
  // Visitors of a portal write public comments, too; and flows, in nobody's name. Only staff's go to WhatsApp.
  const isStaffs = row.CreatedBy?.UserType === "Standard";
  const isPublic = row.IsPublished === true && isStaffs;
  const event: HelpdeskEvent = {
    type: "comment.added",
    id: `comment/${row.Id}/${isPublic ? "public" : "internal"}`,
    at: timeOf(second),
    author: authorOf(row, reader),
    ticket: snapshotOf(row.ParentId, row.Parent, reader),
    commentId: row.Id,
    visibility: isPublic ? "public" : "internal",
    body: (row.CommentBody ?? "").replace(/\r\n?/g, "\n").trim(),
    attachments: [],
  };
  return { event, second };
}

export function statusSeen(row: HistoryRow, reader: Reader): Seen | undefined {
  const { statuses } = reader.settings;
  const raw = String(row.NewValue ?? "");
  const to = statuses[raw];
  const from = typeof row.OldValue === "string" ? statuses[row.OldValue] : undefined;
  if (!to || to === from) return undefined;
  const second = secondsOf(row.CreatedDate);
  const event: HelpdeskEvent = {
    type: "ticket.changed",
    id: `status/${row.Id}`,
    at: timeOf(second),
    author: authorOf(row, reader),
    ticket: { ...snapshotOf(row.CaseId, row.Case, reader), status: to, rawStatus: raw },
    ...(from ? { from } : {}),
    to,
  };
  return { event, second };
}

function timeOf(second: number): string {
  return new Date(second * 1000).toISOString();
}

function authorOf({ CreatedById: id, CreatedBy: user }: CommentRow | HistoryRow, { ownId }: Reader): Author {
  return { id: id ?? "", isUs: isSameId(id, ownId), ...(user?.Name ? { name: user.Name } : {}) };
}

function snapshotOf(id: string, found: CaseRecord, { settings }: Reader): TicketSnapshot {
  const { Subject: subject, Status: raw, OwnerId: owner, Owner: name, [ID_FIELD]: externalId } = found;
  const status = raw ? settings.statuses[raw] : undefined;
  // Ids of queues begin with 00G, those of users with 005.
  const isQueue = owner?.startsWith("00G");
  return {
    id,
    ...(externalId ? { externalId } : {}),
    ...(subject ? { subject } : {}),
    ...(raw ? { rawStatus: raw } : {}),
    ...(status ? { status } : {}),
    ...(isQueue && name?.Name ? { queue: name.Name } : {}),
    ...(owner && !isQueue ? { assignee: owner } : {}),
  };
}
