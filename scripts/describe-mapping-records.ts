import { z } from "zod";
import { mappingKinds } from "../src/domain/records.ts";
import { recordSchemas } from "../src/mapping/check-record.ts";

const HEAD = `# What mapping files must make

<!-- Generated from src/domain/records.ts by \`npm run docs\`. Do not edit. -->

Strict: a field that is not here is an error. \`custom\` is the helpdesk's own: any names, with texts, numbers, true,
false, or null to empty one. \`…[]\` is a list, \`a.b\` a field within, \`*\` any name.
`;

interface Shape {
  type?: string | string[] | undefined;
  description?: string | undefined;
  enum?: unknown[] | undefined;
  anyOf?: Shape[] | undefined;
  properties?: Record<string, Shape> | undefined;
  required?: string[] | undefined;
  additionalProperties?: Shape | boolean | undefined;
  items?: Shape | undefined;
  default?: unknown;
  pattern?: string | undefined;
  format?: string | undefined;
  minLength?: number | undefined;
  maxLength?: number | undefined;
  maxItems?: number | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
}

/** docs/reference/mapping-records.md. */
export function describeMappingRecords(): string {
  const sections = mappingKinds.map((kind) => {
    const shape = z.toJSONSchema(recordSchemas[kind], { io: "input" }) as Shape;
    const intro = shape.description ? `${shape.description}. One of these, or nothing.\n\n` : "";
    const rows = rowsOf(shape, "").join("\n");
    return `## \`${kind}.jsonata\`\n\n${intro}| Field | Value | |\n| --- | --- | --- |\n${rows}\n`;
  });
  return [HEAD, ...sections].join("\n");
}

function rowsOf(shape: Shape, path: string): string[] {
  const branches = (shape.anyOf ?? [shape]).filter((branch) => branch.properties);
  return branches.flatMap((branch) =>
    Object.entries(branch.properties ?? {}).flatMap(([name, inner]) => {
      const here = `${path}${name}`;
      const isRequired = branch.required?.includes(name) && inner.default === undefined;
      const about = [isRequired ? "required" : "", inner.description ?? ""].filter(Boolean).join("; ");
      const item = inner.items ?? inner;
      return [
        `| \`${here}\` | ${valueText(inner)} | ${about} |`,
        ...rowsOf(item, `${here}${inner.items ? "[]" : ""}.`),
      ];
    }),
  );
}

const words: Record<string, string> = {
  string: "text",
  boolean: "true or false",
  integer: "whole number",
};

function valueText(shape: Shape): string {
  if (shape.enum) return shape.enum.map((value) => `\`${String(value)}\``).join(", ") + byDefault(shape);
  if (shape.anyOf) return [...new Set(shape.anyOf.map(valueText))].join(", or ");
  if (shape.items)
    return `list of ${valueText(shape.items)}${shape.maxItems ? `, at most ${shape.maxItems}` : ""}`;
  if (typeof shape.additionalProperties === "object")
    return `by name: ${valueText(shape.additionalProperties)}`;
  if (shape.format === "date-time") return "time";
  const types = Array.isArray(shape.type) ? shape.type : [shape.type ?? "object"];
  return types.map((type) => words[type] ?? type).join(", ") + limitsOf(shape);
}

function limitsOf({ minLength, maxLength, minimum, maximum }: Shape): string {
  if (maxLength !== undefined) return ` of ${minLength ?? 0} to ${maxLength} characters`;
  if (minLength !== undefined)
    return minLength === 1 ? ", not empty" : ` of at least ${minLength} characters`;
  return minimum === undefined ? "" : ` from ${minimum} to ${maximum}`;
}

function byDefault(shape: Shape): string {
  return shape.default === undefined ? "" : `; by default \`${String(shape.default)}\``;
}
