import {
  type CommentAdded,
  htmlToText,
  type TicketChanged,
  type TicketSnapshot,
  type TicketStatus,
} from "deskferry/sdk";
import type { CrmObject } from "./records.ts";
import { replyIn } from "./replies.ts";
import type { Settings } from "./settings.ts";

/** What was set in one call has one time; some milliseconds may lie between. */
const TOGETHER_MS = 2_000;

/** A note of staff, and the ticket of ours that it stands on. */
export interface SeenNote {
  note: CrmObject;
  ticket: CrmObject;
  /** It stands on another one of ours too: then nobody can tell whom it is for. */
  isShared: boolean;
}

/** What events take from the directory, looked up beforehand. */
export type WordOf = (stageId: string | undefined) => TicketStatus | undefined;

/** Ids end with the time of the change, which the cursor goes by. */
export function commentEvent(
  { note, ticket, isShared }: SeenNote,
  settings: Settings,
  wordOf: WordOf,
): CommentAdded {
  const { hs_note_body: html = "", hubspot_owner_id: owner = "0" } = note.properties;
  const at = note.createdAt ?? "";
  const text = htmlToText(html);
  const reply = replyIn(text, settings.replyMarker);
  return {
    type: "comment.added",
    id: `comment/${note.id}@${Date.parse(at)}`,
    at,
    author: { id: owner, isUs: false },
    ticket: snapshotOf(ticket, settings, wordOf),
    commentId: note.id,
    visibility: reply !== undefined && !isShared ? "public" : "internal",
    body: reply ?? text,
    attachments: [],
  };
}

/** Every change of status since `from` (milliseconds), oldest first: HubSpot keeps the last twenty. */
export function statusEvents(
  ticket: CrmObject,
  from: number,
  { settings, wordOf }: { settings: Settings; wordOf: WordOf },
): TicketChanged[] {
  const { hs_pipeline_stage: stages = [], [settings.fields.change]: marks = [] } =
    ticket.propertiesWithHistory;
  // Within a millisecond the order is HubSpot's own, newest first.
  const oldestFirst = [...stages]
    .reverse()
    .sort((left, right) => Date.parse(left.timestamp) - Date.parse(right.timestamp));
  return oldestFirst.flatMap(({ value, timestamp }, index) => {
    const before = oldestFirst[index - 1];
    const time = Date.parse(timestamp);
    const to = wordOf(value ?? undefined);
    const old = wordOf(before?.value ?? undefined);
    if (!before || !(time >= from) || !to || to === old) return [];
    const isUs = marks.some(
      (mark) =>
        mark.value?.startsWith(`${value}@`) && Math.abs(Date.parse(mark.timestamp) - time) <= TOGETHER_MS,
    );
    const snapshot = snapshotOf(ticket, settings, wordOf);
    return {
      type: "ticket.changed",
      id: `status/${ticket.id}/${value}@${time}`,
      at: timestamp,
      author: { id: isUs ? "deskferry" : "hubspot", isUs },
      ticket: { ...snapshot, status: to, rawStatus: value ?? "" },
      ...(old ? { from: old } : {}),
      to,
    };
  });
}

function snapshotOf({ id, properties }: CrmObject, settings: Settings, wordOf: WordOf): TicketSnapshot {
  const {
    [settings.fields.ticket]: externalId,
    subject,
    hs_pipeline_stage: stage,
    hs_pipeline: queue,
    hubspot_owner_id: assignee,
  } = properties;
  const status = wordOf(stage);
  return {
    id,
    ...(stage ? { rawStatus: stage } : {}),
    ...(status ? { status } : {}),
    ...(externalId ? { externalId } : {}),
    ...(subject ? { subject } : {}),
    ...(assignee ? { assignee } : {}),
    ...(queue ? { queue } : {}),
  };
}
