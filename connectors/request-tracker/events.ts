import { type HelpdeskEvent, htmlToText, type TicketSnapshot } from "deskferry/sdk";
import type { Settings } from "./settings.ts";

/** A transaction of RT as both the webhook and polling see it; from equal ones equal events are made. */
export interface Change {
  id: string;
  type: string;
  old?: string | undefined;
  new?: string | undefined;
  /** ISO 8601. */
  created: string;
  creator: { name: string; realName?: string | undefined; privileged: boolean };
  text?: { type: string; content: string } | undefined;
  attachments: { id: string; name: string }[];
  ticket: {
    id: string;
    externalId: string;
    status: string;
    subject?: string | undefined;
    queue?: string | undefined;
    owner?: string | undefined;
  };
}

/** The account under which RT's scrips act. */
const RT_SYSTEM = "RT_System";

/** Undefined for what nobody outside needs to know. */
export function toEvent(change: Change, settings: Settings): HelpdeskEvent | undefined {
  if (change.type === "Status") return statusEvent(change, settings);
  if (change.type !== "Correspond" && change.type !== "Comment") return undefined;
  return {
    type: "comment.added",
    ...origin(change, settings, change.ticket.status),
    commentId: change.id,
    visibility: visibilityOf(change, settings),
    body: bodyOf(change),
    attachments: change.attachments,
  };
}

function statusEvent(change: Change, settings: Settings): HelpdeskEvent | undefined {
  const from = change.old === undefined ? undefined : settings.statuses[change.old];
  const to = change.new === undefined ? undefined : settings.statuses[change.new];
  if (!to || change.new === undefined || from === to) return undefined;
  // A correspondence opens a waiting ticket by itself (RT::Action::AutoOpen): nobody decided anything.
  const isAutoOpen =
    change.creator.name === RT_SYSTEM && to === "open" && (from === "new" || from === "pending");
  if (isAutoOpen) return undefined;
  return {
    type: "ticket.changed",
    ...origin(change, settings, change.new),
    ...(from ? { from } : {}),
    to,
  };
}

function origin(change: Change, settings: Settings, status: string) {
  const { name, realName } = change.creator;
  return {
    id: `txn/${change.id}`,
    at: change.created,
    author: { id: name, ...(realName ? { name: realName } : {}), isUs: isUs(name, settings) },
    ticket: snapshot(change, settings, status),
  };
}

/** RT compares names of users without regard to case. */
function isUs(name: string, settings: Settings): boolean {
  return name.toLowerCase() === settings.username.toLowerCase();
}

function snapshot({ ticket }: Change, settings: Settings, rawStatus: string): TicketSnapshot {
  const status = settings.statuses[rawStatus];
  return {
    id: ticket.id,
    externalId: ticket.externalId,
    rawStatus,
    ...(status ? { status } : {}),
    ...(ticket.subject ? { subject: ticket.subject } : {}),
    ...(ticket.queue ? { queue: ticket.queue } : {}),
    ...(ticket.owner && ticket.owner !== "Nobody" ? { assignee: ticket.owner } : {}),
  };
}

/** A correspondence may also be a mail from the requestor or somebody in Cc: only what staff wrote goes out. */
function visibilityOf(change: Change, settings: Settings): "public" | "internal" {
  const byStaff = change.creator.privileged || isUs(change.creator.name, settings);
  return change.type === "Correspond" && byStaff ? "public" : "internal";
}

function bodyOf({ text }: Change): string {
  if (!text) return "";
  return text.type === "text/html" ? htmlToText(text.content) : text.content.replace(/\r\n?/g, "\n").trim();
}
