import { hash } from "node:crypto";

/** A short, stable name for a text: 80 bits of its SHA-256, 20 hex digits. */
export function digest(text: string): string {
  return hash("sha256", text, "hex").slice(0, 20);
}
