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

function decode(body: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
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
    const [value, below] = tidyValue(list[index], depth, cut);
    list[index] = value;
    wasCut ||= below;
  }
  return wasCut;
}

function tidyObject(fields: Fields, depth: number, cut: WeakSet<object>): boolean {
  // JSON.parse makes `__proto__` an own key; copied by assignment somewhere later it would change the prototype.
  Reflect.deleteProperty(fields, "__proto__");
  let wasCut = false;
  for (const key of Object.keys(fields)) {
    const [value, below] = tidyValue(fields[key], depth, cut);
    fields[key] = value;
    wasCut ||= below;
  }
  return wasCut;
}

function tidyValue(value: unknown, depth: number, cut: WeakSet<object>): [value: unknown, wasCut: boolean] {
  if (typeof value === "string") return [tidyText(value), false];
  if (typeof value !== "object" || value === null) return [value, false];
  if (depth >= MAX_DEPTH) return ["[nested too deeply]", true];
  return [value, tidy(value as Fields | unknown[], depth + 1, cut)];
}
