import { createHash, timingSafeEqual } from "node:crypto";

/** What a token may be used for; each of them at some address. */
export const tokenScopes = ["metrics:read", "health:read"] as const;
export type TokenScope = (typeof tokenScopes)[number];

/** What is kept of a token: enough to know it again, not to make it. Times are ISO 8601. */
export interface TokenRecord {
  id: string;
  /** SHA-256 of the whole token, hex. Its 256 random bits need no slow hash (ASVS 6.5.2). */
  hash: string;
  scopes: readonly TokenScope[];
  createdAt: string;
  expiresAt: string;
}

const SHAPE = /^dfy_([a-z0-9]{8})_[A-Za-z0-9_-]{43}$/;
const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

/** A new token, to be shown once, and what is kept of it. `random` gives so many bytes that nobody can guess. */
export function newToken(
  { scopes, now, days }: { scopes: readonly TokenScope[]; now: number; days: number },
  random: (bytes: number) => Buffer,
): { token: string; record: TokenRecord } {
  const id = [...random(8)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
  const token = `dfy_${id}_${random(32).toString("base64url")}`;
  const expiresAt = new Date(now + days * 86_400_000).toISOString();
  return {
    token,
    record: { id, hash: hashOf(token), scopes, createdAt: new Date(now).toISOString(), expiresAt },
  };
}

/** The id in a token; undefined when it is none. */
export function tokenId(token: string): string | undefined {
  return SHAPE.exec(token)?.[1];
}

/** Whether it is this very token and still in force; of an unknown one as slow as of a known. */
export function isValid(token: string, record: TokenRecord | undefined, now: number): boolean {
  const given = Buffer.from(hashOf(token), "hex");
  const known = Buffer.from(record?.hash ?? hashOf(""), "hex");
  const isSame = given.length === known.length && timingSafeEqual(given, known);
  return isSame && record !== undefined && Date.parse(record.expiresAt) > now;
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
