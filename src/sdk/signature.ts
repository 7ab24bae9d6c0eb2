import { createHmac, timingSafeEqual } from "node:crypto";

/** How a signature is written. */
export interface HmacFormat {
  algorithm: "sha1" | "sha256";
  encoding: "hex" | "base64";
  /** Text before the digest, e.g. `sha256=`. */
  prefix?: string;
}

/** Constant-time comparison of two texts; different lengths are unequal at once, which tells nothing of the secret. */
export function safeEqual(actual: string, expected: string): boolean {
  const left = Buffer.from(actual);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}

export function hmac(secret: string, data: Buffer | string, format: HmacFormat): string {
  return (format.prefix ?? "") + createHmac(format.algorithm, secret).update(data).digest(format.encoding);
}

/**
 * True when one of the secrets made `signature`. All secrets are tried, so that the time does not tell which one
 * matched. No secrets, or no signature: false.
 */
export function verifyHmac(
  secrets: readonly string[],
  data: Buffer | string,
  signature: string | undefined,
  format: HmacFormat,
): boolean {
  if (!signature) return false;
  let valid = false;
  for (const secret of secrets) {
    if (secret !== "" && safeEqual(signature, hmac(secret, data, format))) valid = true;
  }
  return valid;
}

/** Older signatures are replays; clocks may differ by as much. */
const TOLERANCE_MS = 5 * 60_000;

export interface TimedSignature {
  /** Unix seconds, as the header has them. */
  time: string | undefined;
  /** The body as it came, never JSON that was written anew. */
  body: Buffer;
  signature: string | undefined;
  /** Milliseconds, of our clock. */
  now: number;
}

/**
 * True when one of the secrets made `signature` over `<time>.<body>`, and not longer than five minutes ago or ahead: what
 * was captured cannot be sent again later. No secrets, no time or no signature: false.
 */
export function verifyTimedHmac(
  secrets: readonly string[],
  { time = "", body, signature, now }: TimedSignature,
  format: HmacFormat,
): boolean {
  if (!/^\d{1,12}$/.test(time)) return false;
  const isOurs = verifyHmac(secrets, Buffer.concat([Buffer.from(`${time}.`), body]), signature, format);
  return isOurs && Math.abs(now - Number(time) * 1000) <= TOLERANCE_MS;
}
