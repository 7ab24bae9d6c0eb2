import { createHash, createHmac } from "node:crypto";
import { z } from "zod";

/** What somebody may have to answer for. */
export const auditActs = [
  "process.started",
  "process.stopped",
  "secrets.taken",
  "secrets.refused",
  "mapping.taken",
  "mapping.refused",
  "channel.stopped",
  "channel.resumed",
  "connection.stopped",
  "connection.resumed",
  "templates.synced",
  "consent.changed",
  "dead.replayed",
  "dead.discarded",
  "dead.expired",
  "quarantine.shown",
  "quarantine.cleared",
  "quarantine.expired",
  "person.exported",
  "person.erased",
  "keys.rotated",
  "audit.trimmed",
  "token.created",
  "token.revoked",
] as const;
export type AuditAct = (typeof auditActs)[number];

/** What was done, as its caller tells it. */
export interface AuditDeed {
  what: AuditAct;
  /** Ids, counts and reasons. Never texts, names of people or phone numbers. */
  detail: Record<string, string>;
}

const entrySchema = z.object({
  /** 1 for the first of a channel. */
  seq: z.int().min(1),
  /** ISO 8601, our time. */
  at: z.string(),
  /** An act; a later version may know more of them. */
  what: z.string(),
  /** `system`, or `user:` and the operating system's name of who ran the command. */
  by: z.string(),
  detail: z.record(z.string(), z.string()),
  /** Hash of the entry before; empty for the first. */
  prev: z.string(),
  /** Which secret the hash was made with; empty for none. */
  key: z.string(),
});
export type AuditEntry = z.output<typeof entrySchema>;

/** The newest entry of a chain: what the next one follows, and what an operator may note outside of Redis. */
export interface AuditHead {
  seq: number;
  hash: string;
}

/** As stored: `<hash> <entry as JSON>`. */
export interface SealedEntry extends AuditHead {
  text: string;
}

/** Makes the entry that follows `after`, the chain's newest. The channel counts, so that none can be moved to another. */
export function sealEntry(
  channel: string,
  after: AuditHead | undefined,
  { secret, ...rest }: AuditDeed & { at: string; by: string; secret?: string | undefined },
): SealedEntry {
  const { at, by, what, detail } = rest;
  const seq = (after?.seq ?? 0) + 1;
  const key = secret === undefined ? "" : auditKeyId(secret);
  const entry: AuditEntry = { seq, at, what, by, detail, prev: after?.hash ?? "", key };
  const body = JSON.stringify(entry);
  const hash = hashOf(channel, body, secret);
  return { seq, hash, text: `${hash} ${body}` };
}

/** SHA-256 over channel and text, or with a secret its HMAC: 64 hex digits. */
export function hashOf(channel: string, body: string, secret: string | undefined): string {
  const made = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
  return made.update(`deskferry audit 1\n${channel}\n${body}`).digest("hex");
}

/** Tells secrets apart without showing them: 8 hex digits. */
export function auditKeyId(secret: string): string {
  return createHash("sha256").update(`deskferry audit key\n${secret}`).digest("hex").slice(0, 8);
}

export interface ReadEntry extends AuditEntry {
  hash: string;
  /** The text that the hash is over. */
  body: string;
}

/** Undefined for what cannot be an entry of ours. */
export function readEntry(text: string): ReadEntry | undefined {
  const [, hash, body] = /^([0-9a-f]{64}) (\{.*\})$/s.exec(text) ?? [];
  if (hash === undefined || body === undefined) return undefined;
  const found = entrySchema.safeParse(parsed(body));
  return found.success ? { ...found.data, hash, body } : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Up to which entry the oldest were removed because of their age; told by an entry of its own. */
export function trimmedBy(entry: AuditEntry): AuditHead | undefined {
  if (entry.what !== "audit.trimmed") return undefined;
  return { seq: Number(entry.detail["upTo"]), hash: entry.detail["hash"] ?? "" };
}

/** The deed of removing the oldest entries, up to this one. */
export function trimming(last: AuditHead, count: number): AuditDeed {
  return {
    what: "audit.trimmed",
    detail: { removed: String(count), upTo: String(last.seq), hash: last.hash },
  };
}
