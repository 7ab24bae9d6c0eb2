import type { Author, HelpdeskEvent, TicketSnapshot, TicketStatus } from "deskferry/sdk";
import { toStatus } from "./records.ts";

/** A comment as both the triggers and polling see it; from equal ones equal ids are made. */
export interface SeenComment {
  id: string;
  isPublic: boolean;
  body: string;
  /** Addresses of its files, `https://…/attachments/token/<token>/?name=<name>`. */
  files: string[];
}

export interface Origin {
  /** ISO 8601. */
  at: string;
  author: Author;
  ticket: TicketSnapshot;
}

export function commentEvent(origin: Origin, comment: SeenComment): HelpdeskEvent {
  return {
    type: "comment.added",
    id: `comment/${comment.id}`,
    ...origin,
    commentId: comment.id,
    visibility: comment.isPublic ? "public" : "internal",
    body: comment.body.replaceAll("&nbsp;", " ").replace(/\r\n?/g, "\n").trim(),
    attachments: comment.files.flatMap(fileOf),
  };
}

/**
 * Triggers know the minute of a change and nothing else that tells it apart, so the same change of a ticket twice in a
 * minute counts as one.
 */
export function statusEvent(origin: Origin, rawTo: string, rawFrom?: string): HelpdeskEvent | undefined {
  const to = toStatus[rawTo];
  const from: TicketStatus | undefined = rawFrom === undefined ? undefined : toStatus[rawFrom];
  if (!to || to === from) return undefined;
  const minute = new Date(origin.at).toISOString().slice(0, 16);
  return {
    type: "ticket.changed",
    id: `status/${origin.ticket.id}/${minute}/${to}`,
    ...origin,
    ticket: { ...origin.ticket, status: to, rawStatus: rawTo },
    ...(from ? { from } : {}),
    to,
  };
}

/** Triggers tell a file's address, but not its number; the token in the address is what both ways have. */
function fileOf(address: string): { id: string; name: string }[] {
  if (!URL.canParse(address)) return [];
  const url = new URL(address);
  const token = /^\/attachments\/token\/([\w-]+)\/?$/.exec(url.pathname)?.[1];
  return token ? [{ id: token, name: url.searchParams.get("name") ?? "file" }] : [];
}
