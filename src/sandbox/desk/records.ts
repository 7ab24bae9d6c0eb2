/** What the sandbox helpdesk holds, in the form its API shows it. */

export const deskStatuses = ["new", "in_progress", "waiting", "resolved", "closed"] as const;
export type DeskStatus = (typeof deskStatuses)[number];

export const deskPriorities = ["low", "normal", "high", "urgent"] as const;

export interface DeskContact {
  id: string;
  external_id: string;
  name: string;
  phone?: string;
  user_id?: string;
  email?: string;
  language?: string;
  organisation?: string;
  custom: Record<string, unknown>;
  created_at: string;
}

export interface DeskTicket {
  id: string;
  external_id?: string;
  contact_id: string;
  subject: string;
  description?: string;
  queue: string;
  priority: string;
  assignee?: string;
  tags: string[];
  skills: string[];
  /** ISO 8601. */
  due: { first_answer?: string; solution?: string };
  custom: Record<string, unknown>;
  status: DeskStatus;
  created_at: string;
  updated_at: string;
  /** Where staff see it. */
  url?: string;
}

export interface DeskAttachment {
  id: string;
  name: string;
  mime_type: string;
  size: number;
  /** Hex. */
  sha256: string;
}

export interface DeskComment {
  id: string;
  ticket_id: string;
  external_id?: string;
  contact_id?: string;
  author: Actor;
  visibility: "public" | "internal";
  body: string;
  attachments: DeskAttachment[];
  created_at: string;
}

/** Who did something: the API account or a member of staff. */
export interface Actor {
  id: string;
  name: string;
  kind: "api" | "agent";
}

/** One change, as the feed lists it and the webhook carries it. */
export interface DeskChange {
  kind: "change";
  type: "contact.saved" | "ticket.created" | "ticket.updated" | "comment.added" | "comment.updated";
  id: string;
  actor: Actor;
  contact?: DeskContact;
  ticket?: DeskTicket;
  comment?: DeskComment;
  /** Of an update: field → before and after. */
  changes?: Record<string, { from?: unknown; to: unknown }>;
}

/** One attempt to post one change. */
export interface DeskWebhook {
  kind: "webhook";
  change: string;
  attempt: number;
  status?: number;
  error?: string;
}

export type DeskEntry = DeskChange | DeskWebhook;
