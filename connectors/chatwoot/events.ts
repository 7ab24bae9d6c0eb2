import type { HelpdeskEvent, TicketSnapshot, TicketStatus } from "deskferry/sdk";
import { type ConversationRecord, ID_ATTRIBUTE, type MessageRecord, SUBJECT_ATTRIBUTE } from "./records.ts";
import type { Settings } from "./settings.ts";

/** A pending conversation is with Chatwoot's bot; a snoozed one waits, for the person as a rule. */
export const toStatus: Record<string, TicketStatus> = {
  open: "open",
  pending: "pending",
  snoozed: "pending",
  resolved: "solved",
};

const TYPES = ["incoming", "outgoing", "activity", "template"];
/** Of a change of status only the time is known, and by polling only roughly. */
const BUCKET_MS = 600_000;

export function typeOf({ message_type: type }: MessageRecord): string | undefined {
  return typeof type === "number" ? TYPES[type] : type;
}

/** Undefined for what Chatwoot itself says: greetings, surveys and what happened to the conversation. */
export function commentEvent(
  message: MessageRecord,
  conversation: ConversationRecord,
  settings: Settings,
): HelpdeskEvent | undefined {
  const type = typeOf(message);
  const at = momentOf(message.created_at);
  if ((type !== "incoming" && type !== "outgoing") || at === undefined) return undefined;
  const { sender } = message;
  const isStaffs = sender?.type === "user" || sender?.type === "agent_bot";
  // Only the API writes incoming messages in an API inbox.
  const isUs = type === "incoming" || (sender?.type === "user" && sender.id === String(settings.user));
  const isPublic = type === "outgoing" && message.private === false && isStaffs;
  return {
    type: "comment.added",
    id: `message/${message.id}`,
    at,
    author: { id: sender?.id ?? "unknown", isUs, ...(sender?.name ? { name: sender.name } : {}) },
    ticket: snapshot(conversation),
    commentId: String(message.id),
    ...(message.source_id && isUs ? { externalId: message.source_id } : {}),
    visibility: isPublic ? "public" : "internal",
    body: (message.content ?? "").replace(/\r\n?/g, "\n").trim(),
    attachments: (message.attachments ?? []).flatMap(({ data_url: address }) => fileOf(address ?? "")),
  };
}

/** Chatwoot never tells who changed a status. The same change twice in ten minutes counts as one. */
export function statusEvent(
  conversation: ConversationRecord,
  when: number | string,
  rawFrom?: string,
): HelpdeskEvent | undefined {
  const to = toStatus[conversation.status];
  const from = rawFrom === undefined ? undefined : toStatus[rawFrom];
  const at = momentOf(when);
  if (!to || to === from || at === undefined) return undefined;
  const bucket = Math.floor(Date.parse(at) / BUCKET_MS);
  return {
    type: "ticket.changed",
    id: `status/${conversation.id}/${bucket}/${to}`,
    at,
    author: { id: "unknown", isUs: false },
    ticket: snapshot(conversation),
    ...(from ? { from } : {}),
    to,
  };
}

function snapshot({
  id,
  status: raw,
  custom_attributes: attributes,
  meta,
}: ConversationRecord): TicketSnapshot {
  const status = toStatus[raw];
  const externalId = attributes?.[ID_ATTRIBUTE];
  const subject = attributes?.[SUBJECT_ATTRIBUTE];
  const assignee = meta?.assignee?.id;
  return {
    id,
    rawStatus: raw,
    ...(status ? { status } : {}),
    ...(typeof externalId === "string" ? { externalId } : {}),
    ...(typeof subject === "string" && subject !== "" ? { subject } : {}),
    ...(assignee ? { assignee } : {}),
    ...(meta?.team?.name ? { queue: meta.team.name } : {}),
  };
}

/** Seconds since 1970, or any text that is a time. */
function momentOf(given: number | string): string | undefined {
  const at = typeof given === "number" ? given * 1000 : Date.parse(given.replace(/ UTC$/, "Z"));
  return Number.isFinite(at) && Math.abs(at) < 8e15 ? new Date(at).toISOString() : undefined;
}

/** `…/rails/active_storage/blobs/redirect/<signed id>/<name>`: the signed id is what we fetch the file by. */
function fileOf(address: string): { id: string; name: string }[] {
  if (!URL.canParse(address)) return [];
  const path = new URL(address).pathname;
  const [, id, name] =
    /^\/rails\/active_storage\/blobs\/(?:redirect\/|proxy\/)?([^/]+)\/([^/]+)$/.exec(path) ?? [];
  return id && name ? [{ id: decoded(id), name: decoded(name) }] : [];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
