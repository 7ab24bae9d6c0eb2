import { type Author, type HelpdeskEvent, htmlToText, type TicketSnapshot } from "deskferry/sdk";
import type { FoundMessage, FoundTicket } from "./found.ts";
import { externalIdOf } from "./message-id.ts";
import { timeOf } from "./records.ts";

/** What is needed to judge a message besides itself. */
export interface Context {
  ticket: FoundTicket;
  /** Number of our account. */
  account: number;
  internalSubtypes: ReadonlySet<number>;
  /** Whether its author is a member of staff. */
  isStaff: boolean;
  /** Names of its files by their numbers. */
  files: ReadonlyMap<number, string>;
}

/** Undefined when nothing is left of it: who deletes a message in Odoo empties it. */
export function commentEvent(message: FoundMessage, context: Context): HelpdeskEvent | undefined {
  const attachments = [...message.attachment_ids]
    .sort((left, right) => left - right)
    .flatMap((id) => ({ id: String(id), name: context.files.get(id) ?? "" }))
    .filter(({ name }) => name !== "");
  const body = htmlToText(message.body ?? "");
  if (body === "" && attachments.length === 0) return undefined;
  const externalId = externalIdOf(message.message_id);
  return {
    type: "comment.added",
    id: `message/${message.id}`,
    at: new Date(timeOf(message.date ?? message.create_date)).toISOString(),
    author: authorOf(message, context),
    ticket: snapshot(context),
    commentId: String(message.id),
    ...(externalId === undefined ? {} : { externalId }),
    visibility: isPublic(message, context) ? "public" : "internal",
    body,
    attachments,
  };
}

/** As Odoo itself decides what persons outside see; and what they write themselves needs no copy on WhatsApp. */
function isPublic({ subtype_id: subtype, is_internal: hidden }: FoundMessage, context: Context): boolean {
  if (!context.isStaff || !subtype || hidden !== false) return false;
  return !context.internalSubtypes.has(subtype.id);
}

/** `message` is the one that Odoo wrote about the change: it knows by whom, but not, for ordinary accounts, of what. */
export function statusEvent(message: FoundMessage, context: Context): HelpdeskEvent | undefined {
  const { ticket } = context;
  const { status: to } = ticket;
  if (!to || ticket.stageTime === undefined) return undefined;
  return {
    type: "ticket.changed",
    id: `status/${ticket.id}/${ticket.stageTime}/${to}`,
    at: new Date(ticket.stageTime).toISOString(),
    author: authorOf(message, context),
    ticket: snapshot(context),
    to,
  };
}

function authorOf(message: FoundMessage, { account }: Context): Author {
  const { author_id: author, create_uid: creator } = message;
  const isUs = creator?.id === account || externalIdOf(message.message_id) !== undefined;
  return { id: String(author?.id ?? ""), isUs, ...(author?.name ? { name: author.name } : {}) };
}

function snapshot({ ticket }: Context): TicketSnapshot {
  const { id, externalId, subject, stage, status, queue, assignee } = ticket;
  return {
    id: String(id),
    externalId,
    ...(stage ? { rawStatus: stage.name } : {}),
    ...(status ? { status } : {}),
    ...(subject ? { subject } : {}),
    ...(queue ? { queue: queue.name } : {}),
    ...(assignee === undefined ? {} : { assignee }),
  };
}
