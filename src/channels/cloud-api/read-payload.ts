import type { Quarantined } from "../../sdk/index.ts";
import { asFields, type Fields, tidyText } from "./fields.ts";

/** Deeper than anything Meta sends; keeps every later reader that recurses (JSON.stringify too) from overflowing. */
const MAX_DEPTH = 64;

export interface Payload {
  root: Fields;
  /** True for an object of which something nested too deeply was cut off. */
  isCut(value: object): boolean;
}

/** The body as an object with encodable texts, or the reason why it cannot be read. */
export function readPayload(body: Buffer): Payload | Quarantined {
  const text = decode(body);
  if (text === undefined) return { reason: "not UTF-8", payload: { base64: body.toString("base64") } };
  const parsed = parseJson(text);
  if (parsed === undefined) return { reason: "not JSON", payload: tidyText(text) };
  const root = asFields(parsed.value);
  if (!root) return { reason: "not an object", payload: tidyText(text) };
  const cut = new WeakSet<object>();
  tidy(root, 1, cut);
  return { root, isCut: (value) => cut.has(value) };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decode(body: Buffer): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Tidies in place (the object is ours alone); returns true when something below was cut off. */
function tidy(node: Fields | unknown[], depth: number, cut: WeakSet<object>): boolean {
  const wasCut = Array.isArray(node) ? tidyList(node, depth, cut) : tidyObject(node, depth, cut);
  if (wasCut) cut.add(node);
  return wasCut;
}

function tidyList(list: unknown[], depth: number, cut: WeakSet<object>): boolean {
  let wasCut = false;
  for (let index = 0; index < list.length; index += 1) {
    const value = list[index];
    const tidied = tidyValue(value, depth, cut);
    if (tidied !== value) list[index] = tidied;
    wasCut ||= isCutOff(tidied, value, cut);
  }
  return wasCut;
}

function tidyObject(fields: Fields, depth: number, cut: WeakSet<object>): boolean {
  // JSON.parse makes `__proto__` an own key; copied by assignment somewhere later it would change the prototype.
  if (Object.hasOwn(fields, "__proto__")) Reflect.deleteProperty(fields, "__proto__");
  let wasCut = false;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    const tidied = tidyValue(value, depth, cut);
    if (tidied !== value) fields[key] = tidied;
    wasCut ||= isCutOff(tidied, value, cut);
  }
  return wasCut;
}

const TOO_DEEP = "[nested too deeply]";

function tidyValue(value: unknown, depth: number, cut: WeakSet<object>): unknown {
  if (typeof value === "string") return tidyText(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return TOO_DEEP;
  tidy(value as Fields | unknown[], depth + 1, cut);
  return value;
}

/** Whether something was cut off here or below. */
function isCutOff(tidied: unknown, value: unknown, cut: WeakSet<object>): boolean {
  return typeof value === "object" && value !== null && (tidied === TOO_DEEP || cut.has(value));
}
