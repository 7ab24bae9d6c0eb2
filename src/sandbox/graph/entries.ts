import type { Journal, Stamped } from "../journal.ts";
import type { Json } from "../read.ts";
import type { CheckedContent } from "./check-message.ts";

/** A person wrote to a business number. */
export interface MessageEntry {
  kind: "message";
  number: string;
  /** Phone with `+`, or the user id of somebody without one. */
  person: string;
  wamid: string;
  type: string;
  /** The message as the webhook carries it. */
  message: Json;
}

/** A send request was accepted. This, and not the answer that went out, is what the person gets. */
export interface SendEntry {
  kind: "send";
  number: string;
  person: string;
  wamid: string;
  type: string;
  /** What the person reads: the body, the caption, or the template filled in. */
  text: string;
  template?: { name: string; language: string };
  /** `GET /sandbox/media/{id}` shows an uploaded one. */
  media?: CheckedContent["media"];
  taps?: CheckedContent["taps"];
  reactsTo?: string;
  /** Id of the message quoted. */
  replyTo?: string;
  /** `biz_opaque_callback_data`: the sender's own reference. */
  callbackData?: string;
}

/** A send request was refused. */
export interface RefusedEntry {
  kind: "refused";
  number: string;
  person?: string;
  code: number;
  details: string;
  callbackData?: string;
}

/** The business marked a person's message as read. */
export interface MarkedReadEntry {
  kind: "marked-read";
  number: string;
  wamid: string;
  /** It also shows that an answer is being written. */
  typing: boolean;
}

/** The business uploaded a file. */
export interface UploadEntry {
  kind: "upload";
  number: string;
  media: string;
  mimeType: string;
}

export interface StatusEntry {
  kind: "status";
  number: string;
  person: string;
  wamid: string;
  state: string;
  /** Decided to be lost: no webhook was posted. */
  lost: boolean;
}

/** One attempt to post one webhook. */
export interface WebhookEntry {
  kind: "webhook";
  id: string;
  field: string;
  wamids: string[];
  attempt: number;
  status?: number;
  error?: string;
}

/** The person side or the account changed in a way that the page shows. */
export interface ControlEntry {
  kind: "clock" | "template";
  detail: string;
}

export type GraphEntry =
  | MessageEntry
  | SendEntry
  | RefusedEntry
  | MarkedReadEntry
  | UploadEntry
  | StatusEntry
  | WebhookEntry
  | ControlEntry;

/** What `GET /sandbox/ledger` answers; each list in the order of events. */
export interface GraphLedger {
  messages: Stamped<MessageEntry>[];
  sends: Stamped<SendEntry>[];
  refused: Stamped<RefusedEntry>[];
  markedRead: Stamped<MarkedReadEntry>[];
  statuses: Stamped<StatusEntry>[];
  webhooks: Stamped<WebhookEntry>[];
  /** Webhooks not yet answered with 200 and not given up. */
  pendingWebhooks: number;
}

/** The ledger after entry `since`, of one person if given. */
export function readLedger(
  journal: Journal<GraphEntry>,
  filter: { since: number; person?: string },
): Omit<GraphLedger, "pendingWebhooks"> {
  const ledger: Omit<GraphLedger, "pendingWebhooks"> = {
    messages: [],
    sends: [],
    refused: [],
    markedRead: [],
    statuses: [],
    webhooks: [],
  };
  for (const entry of journal.since(filter.since)) {
    if (filter.person && "person" in entry && entry.person !== filter.person) continue;
    sortIn(ledger, entry);
  }
  return ledger;
}

function sortIn(ledger: Omit<GraphLedger, "pendingWebhooks">, entry: Stamped<GraphEntry>): void {
  if (entry.kind === "message") ledger.messages.push(entry);
  else if (entry.kind === "send") ledger.sends.push(entry);
  else if (entry.kind === "refused") ledger.refused.push(entry);
  else if (entry.kind === "marked-read") ledger.markedRead.push(entry);
  else if (entry.kind === "status") ledger.statuses.push(entry);
  else if (entry.kind === "webhook") ledger.webhooks.push(entry);
}
