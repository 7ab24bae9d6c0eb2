import type { Clock } from "../../sdk/clock.ts";
import { hmac } from "../../sdk/signature.ts";
import { systemClock } from "../clock.ts";
import { createFaults, type Faults } from "../faults.ts";
import type { FormFile } from "../form.ts";
import { createJournal, type Journal } from "../journal.ts";
import { createWebhookSender, type WebhookSender } from "../webhook-sender.ts";
import type { Actor, DeskChange, DeskComment, DeskContact, DeskEntry, DeskTicket } from "./records.ts";

export interface DeskOptions {
  /** Bearer token of the API account. */
  token: string;
  /** Signs the webhooks. */
  webhookSecret: string;
  /** Takes the webhooks; without it none are posted. */
  callbackUrl?: string;
  /** `unique`: a second record with the same external id is refused with 409. `plain`: it is made. */
  externalIds?: "unique" | "plain";
  /** How long a new record stays invisible to look-ups by external id. */
  lagMs?: number;
  /** Post the webhook of an API write, and wait for its answer, before the write itself is answered. */
  echoFirst?: boolean;
  /** Start of the addresses where staff see tickets; the ticket's id is appended. */
  ticketUrl?: string;
  retryDelaysMs?: number[];
  clock?: Clock;
  ledgerFile?: string;
  port?: number;
  host?: string;
}

/** The settings that may change while it runs. */
export interface DeskBehaviour {
  externalIds: "unique" | "plain";
  lagMs: number;
  echoFirst: boolean;
}

export type StoredFile = FormFile;

/** Everything that one sandbox helpdesk remembers. In memory only: a restart forgets. */
export interface DeskWorld {
  options: DeskOptions;
  behaviour: DeskBehaviour;
  callbackUrl: string | undefined;
  clock: Clock;
  contacts: Map<string, DeskContact>;
  tickets: Map<string, DeskTicket>;
  /** By ticket, in order of arrival. */
  comments: Map<string, DeskComment[]>;
  files: Map<string, StoredFile>;
  /** Record id → when look-ups begin to see it, in milliseconds since 1970. */
  visibleAt: Map<string, number>;
  journal: Journal<DeskEntry>;
  sender: WebhookSender;
  faults: Faults;
  nextId(): string;
}

export const apiAccount: Actor = { id: "api", name: "API account", kind: "api" };

export function createDeskWorld(options: DeskOptions): DeskWorld {
  const clock = options.clock ?? systemClock;
  let lastId = 1000;
  return {
    options,
    behaviour: {
      externalIds: options.externalIds ?? "plain",
      lagMs: options.lagMs ?? 0,
      echoFirst: options.echoFirst ?? false,
    },
    callbackUrl: options.callbackUrl,
    clock,
    contacts: new Map(),
    tickets: new Map(),
    comments: new Map(),
    files: new Map(),
    visibleAt: new Map(),
    journal: createJournal({ clock, ...(options.ledgerFile ? { file: options.ledgerFile } : {}) }),
    sender: createWebhookSender({
      retryDelaysMs: options.retryDelaysMs ?? [250, 1000, 4000, 15_000, 60_000],
      timeoutMs: 10_000,
      connections: 32,
    }),
    faults: createFaults(),
    nextId() {
      lastId += 1;
      return String(lastId);
    },
  };
}

export function nowOf(world: DeskWorld): string {
  return new Date(world.clock.now()).toISOString();
}

/** Notes a change and posts its webhook. Resolves when the write that made it may be answered. */
export async function recordChange(world: DeskWorld, change: Omit<DeskChange, "kind" | "id">): Promise<void> {
  const copy = structuredClone(change);
  const entry = world.journal.append({ kind: "change", id: `change-${world.nextId()}`, ...copy });
  const posted = postChange(world, { ...copy, kind: "change", id: entry.id }, entry.at);
  if (world.behaviour.echoFirst && change.actor.kind === "api") await posted;
}

async function postChange(world: DeskWorld, change: DeskChange, at: string): Promise<void> {
  const url = world.callbackUrl;
  if (!url) return;
  const { kind, ...content } = change;
  const body = Buffer.from(JSON.stringify({ ...content, at }));
  await world.sender.post({
    url,
    body,
    headers: () => signedHeaders(world, body),
    onAttempt: (result) => world.journal.append({ kind: "webhook", change: change.id, ...result }),
  });
}

/** `X-Sandbox-Signature: sha256=` and the HMAC of `<timestamp>.<body>`; the time stamp is that of the attempt. */
function signedHeaders(world: DeskWorld, body: Buffer): Record<string, string> {
  const timestamp = String(Math.floor(world.clock.now() / 1000));
  const signed = Buffer.concat([Buffer.from(`${timestamp}.`), body]);
  const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
  return {
    "Content-Type": "application/json",
    "X-Sandbox-Timestamp": timestamp,
    "X-Sandbox-Signature": hmac(world.options.webhookSecret, signed, format),
  };
}
