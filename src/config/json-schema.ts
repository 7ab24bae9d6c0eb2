import { z } from "zod";
import type { Plugins } from "./plugins.ts";
import { configFile } from "./schema.ts";
import { strict } from "./strict.ts";

/** A JSON Schema (2020-12), as far as we look into it. */
export interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  /** Our own mark, see sdk/fields.ts. */
  secret?: boolean;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  if?: JsonSchema;
  then?: JsonSchema;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  [keyword: string]: unknown;
}

/** What may be written in the file: settings with defaults are optional. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  const result = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      // zod leaves out the default of a setting that is transformed, a server's address for one.
      const { def } = zodSchema._zod;
      if (def.type === "default") jsonSchema.default ??= (def as z.core.$ZodDefaultDef).defaultValue;
    },
  });
  return result as JsonSchema;
}

/** JSON Schema of deskferry.yaml, so that editors complete and check it. */
export function configJsonSchema(plugins: Plugins): JsonSchema {
  const root = inputSchema(configFile);
  const properties = root.properties ?? {};
  const whole: JsonSchema = {
    ...root,
    title: "deskferry.yaml",
    properties: {
      ...properties,
      channels: withPlugins(properties["channels"], "type", plugins.channelTypes),
      connections: withPlugins(properties["connections"], "use", plugins.connectors),
    },
  };
  return allowVariables(whole);
}

function withPlugins(
  section: JsonSchema | undefined,
  key: string,
  plugins: Record<string, { config: z.ZodType }>,
): JsonSchema {
  const entry = section?.additionalProperties;
  if (typeof entry !== "object") throw new Error(`the schema of ${key} entries has changed shape`);
  const { [key]: name, ...ours } = entry.properties ?? {};
  const cases = Object.entries(plugins).map(([plugin, { config }]) => ({
    if: { properties: { [key]: { const: plugin } }, required: [key] },
    // biome-ignore lint/suspicious/noThenProperty: the keyword is JSON Schema's
    then: settingsOf(config, { [key]: {}, ...ours }),
  }));
  // Ours to be completed, anything else for plugins from outside.
  const named = {
    description: name?.description ?? "",
    anyOf: [{ enum: Object.keys(plugins) }, { type: "string" }],
  };
  const properties = { [key]: named, ...ours };
  return { ...section, additionalProperties: { ...entry, properties, allOf: cases } };
}

function settingsOf(config: z.ZodType, ours: Record<string, JsonSchema>): JsonSchema {
  const { $schema: _, ...settings } = inputSchema(strict(config));
  return { ...settings, properties: { ...ours, ...settings.properties } };
}

const VARIABLE: JsonSchema = { type: "string", pattern: "\\$\\{" };

/** A number, a switch or text of a certain form may also be a variable: `port: ${PORT}`. */
function allowVariables(schema: JsonSchema): JsonSchema {
  const { description, default: fallback, secret, ...rest } = schema;
  if (isNarrowScalar(rest)) {
    const outside = { description, default: fallback, secret };
    const given = Object.entries(outside).filter(([, value]) => value !== undefined);
    return { ...Object.fromEntries(given), anyOf: [rest, VARIABLE] };
  }
  return {
    ...schema,
    ...(schema.properties ? { properties: mapSchemas(schema.properties) } : {}),
    ...(schema.items ? { items: allowVariables(schema.items) } : {}),
    ...(schema.allOf ? { allOf: schema.allOf.map(allowInBranch) } : {}),
    ...(schema.anyOf ? { anyOf: schema.anyOf.map(allowVariables) } : {}),
    ...(typeof schema.additionalProperties === "object"
      ? { additionalProperties: allowVariables(schema.additionalProperties) }
      : {}),
  };
}

function allowInBranch(branch: JsonSchema): JsonSchema {
  // biome-ignore lint/suspicious/noThenProperty: the keyword is JSON Schema's
  return branch.then ? { ...branch, then: allowVariables(branch.then) } : branch;
}

function mapSchemas(schemas: Record<string, JsonSchema>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, allowVariables(schema)]));
}

function isNarrowScalar({
  type,
  enum: values,
  const: only,
  format,
  pattern,
  minLength,
}: JsonSchema): boolean {
  if (only !== undefined || values !== undefined) return true;
  if (type === "number" || type === "integer" || type === "boolean") return true;
  return type === "string" && [format, pattern, minLength].some((limit) => limit !== undefined);
}
