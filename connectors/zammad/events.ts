import {
  type Author,
  type CommentAdded,
  htmlToText,
  type TicketChanged,
  type TicketSnapshot,
} from "deskferry/sdk";
import type { ArticleRecord, TicketRecord } from "./records.ts";
import type { Settings } from "./settings.ts";

/** Zammad's owner of what nobody owns, and author of what it does by itself. */
export const NOBODY = "1";

export function commentEvent(article: ArticleRecord, ticket: TicketRecord, settings: Settings): CommentAdded {
  const isUs = article.created_by_id === settings.account;
  return {
    type: "comment.added",
    id: `article/${article.id}`,
    at: article.created_at,
    author: { ...authorOf(article), isUs },
    ticket: snapshotOf(ticket, settings),
    commentId: article.id,
    ...(isUs && article.message_id ? { externalId: article.message_id } : {}),
    visibility: isReply(article, settings) ? "public" : "internal",
    body: textOf(article),
    attachments: filesOf(article),
  };
}

/**
 * Goes to the person: said by an agent, made public, and of a type that the settings take for a reply. What is missing
 * counts as "no". E-mails reach people by themselves, calls were heard, and triggers write as `System`.
 */
function isReply({ internal, sender, type }: ArticleRecord, { replyTypes }: Settings): boolean {
  return internal === false && sender === "Agent" && replyTypes.some((each) => each === type);
}

function authorOf({ created_by_id: id, created_by: author }: ArticleRecord): Omit<Author, "isUs"> {
  const name = [author?.firstname, author?.lastname].filter(Boolean).join(" ");
  return { id, ...(name ? { name } : {}) };
}

/** Zammad's pages write HTML, we write text; what says nothing of itself is text. */
function textOf({ body, content_type: type }: ArticleRecord): string {
  const text = /html/i.test(type ?? "") ? htmlToText(body ?? "") : (body ?? "").replace(/\r\n?/g, "\n");
  return text.trim();
}

/**
 * Files are found below their article. Pictures within the text are not listed, but shown by an address; one of another
 * article, which a quotation may hold, stays there.
 */
function filesOf({ id, body, attachments }: ArticleRecord): CommentAdded["attachments"] {
  const files = new Map((attachments ?? []).map((file) => [file.id, file.filename || "file"]));
  for (const [, article, file = ""] of (body ?? "").matchAll(/\/ticket_attachment\/\d+\/(\d+)\/(\d+)(?!\d)/g))
    if (article === id && !files.has(file)) files.set(file, `picture-${file}`);
  return [...files].map(([file, name]) => ({ id: `${id}/${file}`, name }));
}

/**
 * Webhooks know no number of a change, only its time and perhaps a moment more: the same change of a ticket twice in a
 * minute counts once.
 */
export function statusEvent(
  change: { at: string; author: Author; from?: string; to: string },
  ticket: TicketRecord,
  settings: Settings,
): TicketChanged | undefined {
  const to = settings.statuses[change.to];
  const from = change.from === undefined ? undefined : settings.statuses[change.from];
  const at = Date.parse(change.at);
  if (!to || to === from || Number.isNaN(at)) return undefined;
  return {
    type: "ticket.changed",
    id: `status/${ticket.id}/${new Date(at).toISOString().slice(0, 16)}/${to}`,
    at: new Date(at).toISOString(),
    author: change.author,
    ticket: { ...snapshotOf(ticket, settings), status: to, rawStatus: change.to },
    ...(from ? { from } : {}),
    to,
  };
}

export function externalIdOf(ticket: TicketRecord, { attribute }: Settings): string | undefined {
  const value = ticket[attribute];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function snapshotOf(ticket: TicketRecord, settings: Settings): TicketSnapshot {
  const { id, title, state, group, owner_id: owner } = ticket;
  const externalId = externalIdOf(ticket, settings);
  const status = state ? settings.statuses[state] : undefined;
  return {
    id,
    ...(externalId ? { externalId } : {}),
    ...(state ? { rawStatus: state } : {}),
    ...(status ? { status } : {}),
    ...(title ? { subject: title } : {}),
    ...(group ? { queue: group } : {}),
    ...(owner && owner !== NOBODY ? { assignee: owner } : {}),
  };
}
