import type { HelpdeskEvent, TicketSnapshot, TicketStatus } from "deskferry/sdk";
import { z } from "zod";
import { withoutMarks } from "./notes.ts";
import type { Case, Note } from "./records.ts";
import type { Settings } from "./settings.ts";

/** What is needed to judge a note besides itself. */
export interface Context {
  record: Case;
  externalId: string;
  account: string;
  staff: ReadonlySet<string>;
  settings: Settings;
}

const statusData = z.object({ field: z.literal("status"), value: z.string() });
const attribute = z.object({ status: z.string() });
const updateData = z.object({
  fields: z.array(z.string()),
  attributes: z.object({ was: attribute.partial().catch({}), became: attribute }),
});

/** Undefined for notes that say neither something new nor another status: who was assigned, what was linked. */
export function eventOf(note: Note, context: Context): HelpdeskEvent | undefined {
  if (note.type === "Post") return commentEvent(note, context);
  const change = changeOf(note);
  return change && statusEvent(note, change, context);
}

function commentEvent(note: Note, context: Context): HelpdeskEvent | undefined {
  const author = note.createdById ?? "";
  const body = withoutMarks(note.post ?? "");
  const attachments = filesOf(note);
  if (body === "" && attachments.length === 0) return undefined;
  // People may write in a portal of EspoCRM too: their words are not staff's reply.
  const isPublic = note.isInternal === false && context.staff.has(author);
  return {
    type: "comment.added",
    ...headOf(note, context),
    ticket: snapshot(context, context.record.status ?? ""),
    commentId: note.id,
    visibility: isPublic ? "public" : "internal",
    body,
    attachments,
  };
}

function filesOf({ attachmentsIds, attachmentsNames }: Note): { id: string; name: string }[] {
  const names = new Map(Object.entries(attachmentsNames ?? {}));
  return (attachmentsIds ?? []).map((id) => ({ id, name: names.get(id) ?? id }));
}

/** A note of its own, or, where the field is audited like the rest, part of an update. */
function changeOf({ type, data }: Note): { from?: string; to: string } | undefined {
  if (type === "Status") {
    const parsed = statusData.safeParse(data);
    return parsed.success ? { to: parsed.data.value } : undefined;
  }
  const parsed = updateData.safeParse(data);
  if (type !== "Update" || !parsed.success || !parsed.data.fields.includes("status")) return undefined;
  const { was, became } = parsed.data.attributes;
  return { to: became.status, ...(was.status ? { from: was.status } : {}) };
}

function statusEvent(
  note: Note,
  { from: rawFrom, to: rawTo }: { from?: string; to: string },
  context: Context,
): HelpdeskEvent | undefined {
  const { statuses } = context.settings;
  const to = statuses[rawTo];
  const from: TicketStatus | undefined = rawFrom === undefined ? undefined : statuses[rawFrom];
  if (!to || from === to) return undefined;
  return {
    type: "ticket.changed",
    ...headOf(note, context),
    ticket: snapshot(context, rawTo),
    ...(from ? { from } : {}),
    to,
  };
}

function headOf(note: Note, { account }: Context) {
  const id = note.createdById ?? "";
  const name = note.createdByName;
  return {
    id: `note/${note.number}`,
    at: momentOf(note.createdAt),
    author: { id, isUs: id === account, ...(name ? { name } : {}) },
  };
}

/** `2026-11-23 09:00:00`, always in UTC. */
function momentOf(given: string | null | undefined): string {
  const at = Date.parse(`${given ?? ""}Z`.replace(" ", "T"));
  return new Date(Number.isFinite(at) ? at : 0).toISOString();
}

function snapshot({ record, externalId, settings }: Context, rawStatus: string): TicketSnapshot {
  const status = settings.statuses[rawStatus];
  return {
    id: record.id,
    externalId,
    rawStatus,
    ...(status ? { status } : {}),
    ...(record.number ? { number: String(record.number) } : {}),
    ...(record.name ? { subject: record.name } : {}),
    ...(record.assignedUserName ? { assignee: record.assignedUserName } : {}),
  };
}
