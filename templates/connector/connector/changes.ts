import type { HelpdeskEvent } from "deskferry/sdk";
import { z } from "zod";

const status = z.enum(["new", "open", "pending", "solved", "closed"]);

/** A change, alike in webhooks and in the list of changes. */
export const change = z.object({
  id: z.number(),
  at: z.iso.datetime(),
  author: z.string(),
  ticket: z.object({ id: z.string(), externalId: z.string().optional(), subject: z.string(), status }),
  from: status.optional(),
  comment: z
    .object({
      id: z.string(),
      externalId: z.string().optional(),
      body: z.string(),
      // What is in doubt stays inside.
      visibility: z.enum(["public", "internal"]).catch("internal"),
      attachments: z.array(z.object({ id: z.string(), name: z.string() })).default([]),
    })
    .optional(),
});

/** A change in our words. Acme's statuses are ours; where they are not, a table translates them here. */
export function toEvent(given: z.output<typeof change>, account: string): HelpdeskEvent {
  const { id, at, author, comment, from } = given;
  const { externalId, ...rest } = given.ticket;
  const ticket = { ...rest, ...(externalId ? { externalId } : {}) };
  // One change has one id, by webhook and by polling; our own writes come back and are known by their author.
  const head = { id: `change/${id}`, at, author: { id: author, isUs: author === account }, ticket };
  if (!comment) return { ...head, type: "ticket.changed", to: ticket.status, ...(from ? { from } : {}) };
  const { id: commentId, externalId: ours, body, visibility, attachments } = comment;
  const known = ours === undefined ? {} : { externalId: ours };
  return { ...head, type: "comment.added", commentId, ...known, body, visibility, attachments };
}
