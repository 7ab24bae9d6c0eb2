import { randomBytes } from "node:crypto";

/** A key that contents are encrypted with. */
export interface ContentKey {
  /** Stands beside every value: 1 to 20 of a-z, 0-9 and -. */
  id: string;
  /** 32. */
  bytes: Buffer;
}

export const KEY_BYTES = 32;
const LINE = /^([a-z0-9-]{1,20}):(.+)$/;
const HEX = /^[0-9a-f]{64}$/i;
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/;

/**
 * Reads `ID:KEY` lines, KEY as 64 hexadecimal digits or as base64. Throws an error that repeats no part of a key:
 * settings that were checked do not lead to one.
 */
export function readKeys(texts: readonly string[]): [ContentKey, ...ContentKey[]] {
  const lines = texts.flatMap((text) => text.split(/\s+/)).filter((line) => line !== "");
  const keys = lines.map((line, index) => readKey(line, index + 1));
  const double = keys.find(({ id }, index) => keys.findIndex((other) => other.id === id) < index);
  if (double) throw new Error(`two keys have the id "${double.id}"; give each an id of its own`);
  const [first, ...others] = keys;
  if (!first) throw new Error("there is no key; `deskferry keys new` makes one");
  return [first, ...others];
}

function readKey(line: string, number: number): ContentKey {
  const [, id, text = ""] = LINE.exec(line) ?? [];
  if (id === undefined)
    throw new Error(`key ${number} is not of the form ID:KEY, ID of a-z, 0-9 and - (20 at most)`);
  if (HEX.test(text)) return { id, bytes: Buffer.from(text, "hex") };
  const bytes = Buffer.from(text, "base64");
  if (!BASE64.test(text) || bytes.length !== KEY_BYTES)
    throw new Error(`key ${number} ("${id}") is not 32 bytes as base64 or as 64 hexadecimal digits`);
  return { id, bytes };
}

/** A line for the file of keys. `at`: milliseconds; the id has its day. */
export function newKey(at: number): string {
  const day = new Date(at).toISOString().slice(0, 10).replaceAll("-", "");
  return `k${day}-${randomBytes(2).toString("hex")}:${randomBytes(KEY_BYTES).toString("base64")}`;
}
