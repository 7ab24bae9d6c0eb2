import type { HelpdeskEvent, TicketSnapshot, TicketStatus } from "deskferry/sdk";
import type { IssueWithHistory, Journal } from "./records.ts";
import type { Settings } from "./settings.ts";

/** What is needed to judge a journal besides itself. */
export interface Context {
  issue: IssueWithHistory;
  externalId: string;
  settings: Settings;
  /** Names of statuses by Redmine's ids. */
  statusNames: ReadonlyMap<string, string>;
  isStaff: boolean;
}

/** One journal may be a note and a change of status at once: the note comes first. Ours are left out before. */
export function eventsOf(journal: Journal, context: Context): HelpdeskEvent[] {
  return [commentOf(journal, context), statusChangeOf(journal, context)].filter(
    (event) => event !== undefined,
  );
}

/**
 * Files without a note stay inside: Redmine splits a private note with files in two, of which the one with the files
 * looks public (Journal#split_private_notes).
 */
function commentOf(journal: Journal, context: Context): HelpdeskEvent | undefined {
  const body = (journal.notes ?? "").replace(/\r\n?/g, "\n").trim();
  if (body === "") return undefined;
  const isPublic = journal.private_notes === false && context.isStaff;
  return {
    type: "comment.added",
    id: `journal/${journal.id}`,
    ...origin(journal, context),
    ticket: snapshot(context, context.issue.status.name),
    commentId: String(journal.id),
    visibility: isPublic ? "public" : "internal",
    body,
    attachments: filesOf(journal),
  };
}

/** A file that was removed has no new value. */
function filesOf({ details }: Journal): { id: string; name: string }[] {
  return (details ?? []).flatMap(({ property, name, new_value }) =>
    property === "attachment" && new_value ? [{ id: name, name: new_value }] : [],
  );
}

function statusChangeOf(journal: Journal, context: Context): HelpdeskEvent | undefined {
  const change = journal.details?.find(({ property, name }) => property === "attr" && name === "status_id");
  if (!change) return undefined;
  const { settings, statusNames } = context;
  const inWords = (id: string | null | undefined): [string, TicketStatus | undefined] => {
    const raw = statusNames.get(id ?? "") ?? "";
    return [raw, settings.statuses[raw]];
  };
  const [, from] = inWords(change.old_value);
  const [raw, to] = inWords(change.new_value);
  if (!to || from === to) return undefined;
  return {
    type: "ticket.changed",
    id: `journal/${journal.id}/status`,
    ...origin(journal, context),
    ticket: snapshot(context, raw),
    ...(from ? { from } : {}),
    to,
  };
}

function origin({ created_on, user }: Journal, _context: Context) {
  return {
    at: created_on,
    author: { id: user?.id ?? "", ...(user ? { name: user.name } : {}), isUs: false },
  };
}

function snapshot({ issue, externalId, settings }: Context, rawStatus: string): TicketSnapshot {
  const status = settings.statuses[rawStatus];
  return {
    id: issue.id,
    externalId,
    rawStatus,
    queue: issue.category ? `${issue.project.name}/${issue.category.name}` : issue.project.name,
    ...(status ? { status } : {}),
    ...(issue.subject ? { subject: issue.subject } : {}),
    ...(issue.assigned_to ? { assignee: issue.assigned_to.name } : {}),
  };
}
