import type { Author, HelpdeskEvent, TicketSnapshot } from "deskferry/sdk";
import type { z } from "zod";
import type { CommentRecord, changeItem, IssueRecord, userRecord } from "./records.ts";
import type { Settings } from "./settings.ts";
import { statusOf } from "./statuses.ts";
import { plainText } from "./wiki-text.ts";

type User = z.output<typeof userRecord>;

/** A change of an issue as both the webhook and its history have it. */
export interface Change {
  id: string;
  /** ISO 8601. */
  at: string;
  author: User | null | undefined;
  items: z.output<typeof changeItem>[];
}

/** By webhook, few fields of the issue come along with a comment: not our id, for instance. */
export function commentEvent(
  comment: CommentRecord,
  issue: Pick<IssueRecord, "key" | "fields">,
  settings: Settings,
): HelpdeskEvent[] {
  const at = momentOf(comment.created);
  if (at === undefined) return [];
  const { text, files } = plainText(comment.body ?? "");
  // What customers write in the portal is for staff, and needs no copy on WhatsApp. A comment for a role is not public.
  const isStaffs = comment.author?.accountType !== "customer" && !comment.visibility;
  return [
    {
      type: "comment.added",
      id: `comment/${comment.id}`,
      at,
      author: authorOf(comment.author, settings),
      ticket: snapshot(issue, settings),
      commentId: comment.id,
      visibility: comment.jsdPublic === true && isStaffs ? "public" : "internal",
      body: text,
      attachments: [...new Set(files)].map((name) => ({ id: `${comment.id}/${name}`, name })),
    },
  ];
}

export function statusEvents(
  change: Change,
  issue: Pick<IssueRecord, "key" | "fields">,
  settings: Settings,
): HelpdeskEvent[] {
  const item = change.items.find(({ field }) => field === "status");
  const rawTo = item?.to;
  const to = rawTo ? statusOf(rawTo, settings) : undefined;
  const from = item?.from ? statusOf(item.from, settings) : undefined;
  if (!rawTo || !to || to === from) return [];
  return [
    {
      type: "ticket.changed",
      id: `change/${change.id}`,
      at: change.at,
      author: authorOf(change.author, settings),
      ticket: { ...snapshot(issue, settings), status: to, rawStatus: rawTo },
      ...(from ? { from } : {}),
      to,
    },
  ];
}

function authorOf(user: User | null | undefined, settings: Settings): Author {
  const id = user?.accountId ?? "unknown";
  return {
    id,
    isUs: id === settings.accountId,
    ...(user?.displayName ? { name: user.displayName } : {}),
  };
}

function snapshot({ key, fields }: Pick<IssueRecord, "key" | "fields">, settings: Settings): TicketSnapshot {
  const externalId = fields[settings.fields.ticket];
  const rawStatus = fields.status?.name;
  const status = rawStatus === undefined ? undefined : statusOf(rawStatus, settings);
  return {
    id: key,
    ...(typeof externalId === "string" && externalId !== "" ? { externalId } : {}),
    ...(fields.summary ? { subject: fields.summary } : {}),
    ...(rawStatus === undefined ? {} : { rawStatus }),
    ...(status ? { status } : {}),
    ...(fields.assignee?.displayName ? { assignee: fields.assignee.displayName } : {}),
  };
}

/** Any text that is a time, and numbers since 1970: milliseconds, in some answers seconds. */
export function momentOf(given: string | number): string | undefined {
  const at = typeof given === "number" ? (given < 1e11 ? given * 1000 : given) : Date.parse(given);
  return Number.isFinite(at) && Math.abs(at) < 8e15 ? new Date(at).toISOString() : undefined;
}
