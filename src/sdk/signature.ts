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
