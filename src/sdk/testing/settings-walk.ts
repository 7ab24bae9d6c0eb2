import { z } from "zod";

interface JsonSchema {
  type?: string;
  secret?: boolean;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  additionalProperties?: boolean | JsonSchema;
}

/** Settings as JSON Schema, from which forms, documentation and masking derive. */
export function jsonSchemaOf(config: z.ZodType): JsonSchema {
  return z.toJSONSchema(config, { io: "input" }) as JsonSchema;
}

/** Whether the schema, or one of its alternatives or items, is marked with `secret()`. */
export function isSecret(schema: JsonSchema): boolean {
  return [schema, ...(schema.anyOf ?? []), ...(schema.items ? [schema.items] : [])].some(
    (part) => part.secret === true || (part !== schema && isSecret(part)),
  );
}

/** Values of all settings that are marked as secret. */
export function secretsIn(schema: JsonSchema, settings: unknown): string[] {
  if (isSecret(schema)) return textsIn(settings);
  if (typeof settings !== "object" || settings === null) return [];
  return Object.entries(settings).flatMap(([name, value]) => {
    const part = schema.properties?.[name];
    return part ? secretsIn(part, value) : [];
  });
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.flatMap(textsIn) : [];
}

/** The same settings with other secrets. */
export function replaceSecrets(schema: JsonSchema, settings: unknown): unknown {
  if (isSecret(schema)) return Array.isArray(settings) ? settings.map(otherSecret) : otherSecret();
  if (Array.isArray(settings)) return settings.map((item) => replaceSecrets(schema.items ?? {}, item));
  if (typeof settings !== "object" || settings === null) return settings;
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      const part = schema.properties?.[name];
      return [name, part && value !== undefined ? replaceSecrets(part, value) : value];
    }),
  );
}

function otherSecret(): string {
  return "another-secret-0123456789abcdef";
}
