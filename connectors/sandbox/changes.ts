import type { CommentAdded, HelpdeskEvent, TicketChanged, TicketSnapshot, TicketStatus } from "deskferry/sdk";
import { z } from "zod";

const toStatus = {
  new: "new",
  in_progress: "open",
  waiting: "pending",
  resolved: "solved",
  closed: "closed",
} as const satisfies Record<string, TicketStatus>;

type SandboxStatus = keyof typeof toStatus;

const status = z.enum(["new", "in_progress", "waiting", "resolved", "closed"]);

/** The helpdesk's word for our status. */
export function fromDomainStatus(wanted: TicketStatus): SandboxStatus {
  const found = status.options.find((each) => toStatus[each] === wanted);
  return found ?? "in_progress";
}

const actor = z.object({ id: z.string(), name: z.string().optional() });

const ticket = z.object({
  id: z.string(),
  external_id: z.string().optional(),
  subject: z.string().optional(),
  status,
  assignee: z.string().optional(),
  queue: z.string().optional(),
});

const comment = z.object({
  id: z.string(),
  external_id: z.string().optional(),
  visibility: z.enum(["public", "internal"]).catch("internal"),
  body: z.string(),
  attachments: z.array(z.object({ id: z.string(), name: z.string() })).default([]),
});

const head = { id: z.string(), at: z.iso.datetime(), actor, ticket };

/** The changes that concern a person on the other side. Edited comments do not: what was private stays private. */
export const changeSchema = z.discriminatedUnion("type", [
  z.object({ ...head, type: z.literal("ticket.created") }),
  z.object({
    ...head,
    type: z.literal("ticket.updated"),
    changes: z.object({ status: z.object({ from: status.optional(), to: status }).optional() }),
  }),
  z.object({ ...head, type: z.literal("comment.added"), comment }),
]);

export type Change = z.output<typeof changeSchema>;

/** One change of the sandbox helpdesk in our words; none when no status and no comment is in it. */
export function toEvents(change: Change, account: string): HelpdeskEvent[] {
  const { id, at } = change;
  const author = {
    id: change.actor.id,
    isUs: change.actor.id === account,
    ...(change.actor.name ? { name: change.actor.name } : {}),
  };
  const base = { id, at, author, ticket: snapshotOf(change.ticket) };
  if (change.type === "comment.added")
    return [{ ...base, type: "comment.added", ...commentOf(change.comment) }];
  if (change.type === "ticket.created") {
    return [{ ...base, type: "ticket.changed", to: toStatus[change.ticket.status] }];
  }
  const moved = change.changes.status;
  if (!moved) return [];
  const event: TicketChanged = { ...base, type: "ticket.changed", to: toStatus[moved.to] };
  return [moved.from ? { ...event, from: toStatus[moved.from] } : event];
}

function snapshotOf(given: Change["ticket"]): TicketSnapshot {
  const { id, subject, assignee, queue } = given;
  return {
    id,
    status: toStatus[given.status],
    rawStatus: given.status,
    ...(given.external_id ? { externalId: given.external_id } : {}),
    ...(subject ? { subject } : {}),
    ...(assignee ? { assignee } : {}),
    ...(queue ? { queue } : {}),
  };
}

function commentOf(
  given: z.output<typeof comment>,
): Pick<CommentAdded, "commentId" | "externalId" | "visibility" | "body" | "attachments"> {
  return {
    commentId: given.id,
    visibility: given.visibility,
    body: given.body,
    attachments: given.attachments.map(({ id, name }) => ({ id, name })),
    ...(given.external_id ? { externalId: given.external_id } : {}),
  };
}
