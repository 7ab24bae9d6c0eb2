import type { ContactRecord } from "deskferry/sdk";
import { clean } from "./records.ts";
import type { OdooTools } from "./tools.ts";

/** What a mapping gives by the technical names of fields; null empties one. A name that the model lacks is told of. */
export async function customValues(
  model: string,
  custom: ContactRecord["custom"],
  { directory, warnOnce }: OdooTools,
): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(custom ?? {})) {
    const field = (await directory.fields(model)).get(name);
    if (field) values[name] = valueFor(value);
    else warnOnce(`Odoo's model ${model} has no field "${name}", which the mapping names`);
  }
  return values;
}

function valueFor(value: string | number | boolean | null): unknown {
  if (value === null) return false;
  return typeof value === "string" ? clean(value) : value;
}
