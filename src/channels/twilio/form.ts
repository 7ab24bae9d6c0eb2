import { tidyText } from "../cloud-api/fields.ts";

/** Fields of a form as they came, in order; a name may stand in it twice. */
export function fieldsOf(body: Buffer): [name: string, value: string][] {
  return [...new URLSearchParams(body.toString("utf8"))];
}

/** One value a name, the first one, in encodable text. */
export function toForm(body: Buffer): ReadonlyMap<string, string> {
  const form = new Map<string, string>();
  for (const [name, value] of fieldsOf(body)) {
    // As an object's key it would be the prototype.
    if (name !== "__proto__" && !form.has(name)) form.set(name, tidyText(value));
  }
  return form;
}
