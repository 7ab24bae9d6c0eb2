import {
  type CommentAdded,
  endsWithMark,
  htmlToText,
  type TicketChanged,
  type TicketSnapshot,
} from "deskferry/sdk";
import { type Known, secondsOf } from "./cursor.ts";
import type { ConversationRecord, TicketRecord } from "./records.ts";
import type { Settings } from "./settings.ts";
import { markedStatus } from "./statuses.ts";

/** Ids end with the second of the change, which the cursor goes by. */
export function commentEvent(
  conversation: ConversationRecord,
  ticket: TicketRecord,
  { ownId, settings }: { ownId: string; settings: Settings },
): CommentAdded {
  const { id, body, incoming, private: isPrivate, user_id: author, created_at: at } = conversation;
  // What the person wrote came by us, or by mail or portal: staff see it, and it does not go back to the person.
  const isPersons = incoming === true;
  const isUs = author === ownId || (isPersons && endsWithMark(body ?? ""));
  return {
    type: "comment.added",
    id: `comment/${id}@${secondsOf(at)}`,
    at,
    author: { id: author ?? "0", isUs },
    ticket: snapshotOf(ticket, settings),
    commentId: id,
    visibility: isPrivate === false && !isPersons ? "public" : "internal",
    body: htmlToText(body ?? ""),
    attachments: conversation.attachments.map(({ id: file, name }) => ({ id: file, name })),
  };
}

/**
 * Freshdesk tells the present status only, so it is compared with the one known, or with the one that we set. Some
 * accounts tell since when it is so.
 */
export function statusEvent(
  ticket: TicketRecord,
  known: Known | undefined,
  settings: Settings,
): TicketChanged | undefined {
  const mark = ticket.custom_fields[settings.fields.change];
  const before = known?.[0] ?? markedStatus(mark);
  const to = settings.statuses[String(ticket.status)];
  if (!to || before === undefined || before === ticket.status) return undefined;
  const from = settings.statuses[String(before)];
  if (from === to) return undefined;
  const at = ticket.stats?.status_updated_at ?? ticket.updated_at;
  const isUs = markedStatus(mark) === ticket.status && known?.[1] !== mark;
  return {
    type: "ticket.changed",
    id: `status/${ticket.id}/${ticket.status}@${secondsOf(at)}`,
    at,
    author: { id: isUs ? "deskferry" : "freshdesk", isUs },
    ticket: snapshotOf(ticket, settings),
    ...(from ? { from } : {}),
    to,
  };
}

/** What to remember of a ticket's status; nothing where it is the one that we set. */
export function knownStatus(ticket: TicketRecord, settings: Settings): Known | undefined {
  const mark = ticket.custom_fields[settings.fields.change];
  return markedStatus(mark) === ticket.status ? undefined : [ticket.status, String(mark ?? "")];
}

function snapshotOf(ticket: TicketRecord, settings: Settings): TicketSnapshot {
  const status = settings.statuses[String(ticket.status)];
  const externalId = ticket.custom_fields[settings.fields.ticket];
  return {
    id: ticket.id,
    rawStatus: String(ticket.status),
    ...(typeof externalId === "string" ? { externalId } : {}),
    ...(status ? { status } : {}),
    ...(ticket.subject ? { subject: ticket.subject } : {}),
    ...(ticket.responder_id ? { assignee: ticket.responder_id } : {}),
    ...(ticket.group_id ? { queue: ticket.group_id } : {}),
  };
}
