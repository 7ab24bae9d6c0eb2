import { createHash } from "node:crypto";

/** A short, stable name for a text: 80 bits of its SHA-256, 20 hex digits. */
export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 20);
}
