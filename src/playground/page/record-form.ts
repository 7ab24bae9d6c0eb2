import type { FieldFault, RecordSchema } from "../protocol.ts";
import { el } from "./dom.ts";

/** Draws any record by its schema: each field with its name, what the schema says of it, and its fault. */

interface Field {
  /** As faults name it: `custom.City`, `template.body[0]`. */
  path: string;
  schema: RecordSchema;
  value: unknown;
}

export function drawRecord(schema: RecordSchema, value: unknown, faults: readonly FieldFault[]): HTMLElement {
  const whole = faults.filter(({ path }) => path === "").map(({ reason }) => faultLine(reason));
  return el("div", { class: "record" }, ...whole, drawValue({ path: "", schema, value }, faults));
}

function drawValue(field: Field, faults: readonly FieldFault[]): HTMLElement {
  const schema = meant(field.schema, field.value);
  const { value } = field;
  if (Array.isArray(value)) return drawList({ ...field, schema }, value, faults);
  if (isObject(value)) return drawFields({ ...field, schema }, value, faults);
  if (field.path === "" && (value === null || value === undefined)) {
    return el("p", { class: "nothing" }, "Nothing: this makes no record, and nothing is sent.");
  }
  return el("span", { class: "value", dir: "auto" }, value === null ? "(emptied)" : String(value));
}

function drawFields(
  field: Field,
  value: Record<string, unknown>,
  faults: readonly FieldFault[],
): HTMLElement {
  const known = Object.keys(field.schema.properties ?? {});
  const names = [...known, ...Object.keys(value).filter((name) => !known.includes(name))];
  const list = el("dl", { class: "fields" });
  for (const name of names) {
    const path = field.path === "" ? name : `${field.path}.${name}`;
    const schema = field.schema.properties?.[name] ?? restOf(field.schema);
    list.append(drawField({ path, schema, value: value[name] }, name, faults));
  }
  return list;
}

function drawField(field: Field, name: string, faults: readonly FieldFault[]): HTMLElement {
  const own = faults.filter(({ path }) => path === field.path);
  const isMissing = field.value === undefined;
  const content = isMissing ? el("span", { class: "absent" }, "not set") : drawValue(field, faults);
  const { description } = field.schema;
  return el(
    "div",
    { class: "field", "data-path": field.path, "data-wrong": own.length > 0, "data-absent": isMissing },
    el(
      "dt",
      { dir: "auto" },
      // Names of the helpdesk's own fields are shown as they are.
      field.path.includes(".") ? name : asLabel(name),
      ...(description ? [el("span", { class: "about" }, description)] : []),
    ),
    el("dd", {}, content, ...own.map(({ reason }) => faultLine(reason))),
  );
}

function drawList(field: Field, values: unknown[], faults: readonly FieldFault[]): HTMLElement {
  const schema = field.schema.items ?? {};
  const items = values.map((value, index) => {
    const path = `${field.path}[${index}]`;
    const own = faults.filter((fault) => fault.path === path).map(({ reason }) => faultLine(reason));
    return el("li", {}, drawValue({ path, schema, value }, faults), ...own);
  });
  return items.length === 0
    ? el("span", { class: "absent" }, "an empty list")
    : el("ul", { class: "items" }, ...items);
}

/** Of several shapes that a field may have, the one whose names the value has. */
function meant(schema: RecordSchema, value: unknown): RecordSchema {
  const shapes = schema.anyOf;
  if (!shapes) return schema;
  if (Array.isArray(value)) return shapes.find(({ type }) => type === "array") ?? schema;
  if (!isObject(value)) return schema;
  const names = Object.keys(value);
  const fits = (shape: RecordSchema) => names.some((name) => shape.properties && name in shape.properties);
  return shapes.find(fits) ?? shapes.find(({ additionalProperties }) => additionalProperties) ?? schema;
}

function restOf({ additionalProperties }: RecordSchema): RecordSchema {
  return typeof additionalProperties === "object" ? additionalProperties : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `dueAt` becomes "Due at". */
function asLabel(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function faultLine(reason: string): HTMLElement {
  return el("p", { class: "fault" }, reason);
}
