import { randomBytes } from "node:crypto";
import type { Cipher } from "../store/cipher.ts";
import { newKey } from "../store/content-keys.ts";

/** Keys that were asked for in vain since the start of the process, as readiness tells them. */
export function missingKeys(cipher: Cipher): string[] {
  return cipher
    .missing()
    .map((id) => `encryption key "${id}" is missing: what needs it waits; add it to encryption.keys again`);
}

/** A line for encryption.keys; its id has the day of `at` (milliseconds). */
export function freshKey(at: number): string {
  return newKey(at);
}

/** For encryption.nameKey: 256 bits. */
export function freshNameKey(): string {
  return randomBytes(32).toString("hex");
}
