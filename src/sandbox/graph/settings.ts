import type { Clock } from "../../sdk/clock.ts";

/** One business number with the app that its webhooks go through. */
export interface GraphNumber {
  phoneNumberId: string;
  /** WhatsApp business account. */
  wabaId: string;
  /** As people dial it, e.g. `+44 1632 960961`. */
  displayPhoneNumber: string;
  verifiedName: string;
  /** Bearer token that may send from this number. */
  accessToken: string;
  /** Signs the webhooks. */
  appSecret: string;
  /** Where webhooks go; without it none are posted. */
  callbackUrl?: string;
  /** Proves to the callback, at set-up, that we are who we say. */
  verifyToken?: string;
}

export type TemplateStatus = "APPROVED" | "PENDING" | "REJECTED" | "PAUSED" | "DISABLED";

/** A template as `GET /{waba}/message_templates` lists it. */
export interface GraphTemplate {
  name: string;
  language: string;
  status: TemplateStatus;
  category: "UTILITY" | "MARKETING" | "AUTHENTICATION";
  parameter_format: "POSITIONAL" | "NAMED";
  components: TemplateComponent[];
}

export interface TemplateComponent {
  type: "HEADER" | "BODY" | "FOOTER" | "BUTTONS";
  /** Of a header: TEXT, IMAGE, VIDEO, DOCUMENT or LOCATION. */
  format?: string;
  text?: string;
  buttons?: { type: string; text: string; url?: string }[];
}

/** How the statuses of accepted messages come back. */
export interface StatusBehaviour {
  /** Waiting times from acceptance, in milliseconds; a missing state is never reported. */
  delaysMs: { sent?: number; delivered?: number; read?: number };
  /** Share of statuses (0 to 1) that never come. */
  lose: number;
  /** Share of statuses that come twice. */
  double: number;
  /** Deal the waiting times out in another order. */
  shuffle: boolean;
  /** Post the first status and wait for its answer before the send request itself is answered. */
  beforeAnswer: boolean;
}

export interface GraphOptions {
  numbers: GraphNumber[];
  templates: GraphTemplate[];
  statuses?: Partial<StatusBehaviour>;
  /** Waiting times between attempts of a webhook that was not answered with 200. Meta goes on for 7 days. */
  retryDelaysMs?: number[];
  webhookTimeoutMs?: number;
  /** Webhooks at the same time. */
  connections?: number;
  clock?: Clock;
  /** Number of random bytes wanted → bytes; ids and chances come from here. */
  random?: (bytes: number) => Buffer;
  ledgerFile?: string;
  port?: number;
  host?: string;
}

export const defaultStatuses: StatusBehaviour = {
  delaysMs: { sent: 0, delivered: 0, read: 0 },
  lose: 0,
  double: 0,
  shuffle: false,
  beforeAnswer: false,
};

/** About five minutes in all: long enough for a restart, short enough for a test to end. */
export const defaultRetryDelaysMs = [
  250, 500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 60_000, 120_000,
];
