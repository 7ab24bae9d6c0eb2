import { inputSchema, type JsonSchema } from "./json-schema.ts";
import type { Plugins } from "./plugins.ts";
import { configFile } from "./schema.ts";

const HEAD = `# Settings

<!-- Generated from the schemas by \`npm run docs\`. Do not edit. -->

Everything that \`deskferry.yaml\` may hold. \`\${NAME}\` and \`\${NAME:-default}\` take environment variables; with only
\`NAME_FILE\` set, its file's contents. \`$\${\` writes a plain \`\${\`. Settings marked *secret* are never shown.
`;

/** docs/reference/settings.md. */
export function describeSettings(plugins: Plugins): string {
  const { properties = {} } = inputSchema(configFile);
  const parts = Object.entries(properties).map(([name, schema]) => section(name, schema));
  const channelTypes = Object.values(plugins.channelTypes).map(({ name, label, config }) =>
    chapter(`\`channels\` with \`type: ${name}\``, label, inputSchema(config)),
  );
  const connectors = Object.values(plugins.connectors).map(({ name, label, config }) =>
    chapter(`\`connections\` with \`use: ${name}\``, label, inputSchema(config)),
  );
  return `${[HEAD, ...parts, ...channelTypes, ...connectors].join("\n")}`;
}

function section(name: string, schema: JsonSchema): string {
  const entry = typeof schema.additionalProperties === "object" ? schema.additionalProperties : schema.items;
  return chapter(`\`${name}\``, schema.description ?? "", entry ?? schema);
}

function chapter(title: string, intro: string, schema: JsonSchema): string {
  const rows = rowsOf(schema, "");
  const table = ["| Setting | Value | Default | |", "| --- | --- | --- | --- |", ...rows].join("\n");
  return `## ${title}\n\n${intro === "" ? "" : `${intro}.\n\n`}${table}\n`;
}

function rowsOf(schema: JsonSchema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, setting]) => {
    const path = `${prefix}${name}`;
    const required = schema.required?.includes(name) ?? false;
    const nested = setting.properties ?? setting.items?.properties;
    const below = nested ? rowsOf(setting.items ?? setting, `${path}${setting.items ? "[]" : ""}.`) : [];
    return [row(path, setting, required), ...below];
  });
}

function row(path: string, setting: JsonSchema, required: boolean): string {
  const description = [
    setting.description ?? setting.items?.description,
    isSecret(setting) ? "*Secret.*" : "",
  ];
  const fallback = defaultText(setting, required);
  const cells = [`\`${path}\``, typeText(setting), fallback, description.filter(Boolean).join(". ")];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** Of a group the defaults stand in its own rows. */
function defaultText(setting: JsonSchema, required: boolean): string {
  if (setting.default === undefined) return required ? "required" : "";
  return setting.properties ? "" : code(setting.default);
}

function isSecret(setting: JsonSchema): boolean {
  if (setting.secret === true) return true;
  return [...(setting.anyOf ?? []), ...(setting.items ? [setting.items] : [])].some(isSecret);
}

function code(value: unknown): string {
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function typeText(setting: JsonSchema): string {
  if (setting.enum) return setting.enum.map(code).join(", ");
  if (setting.const !== undefined) return code(setting.const);
  if (setting.anyOf) return setting.anyOf.map(typeText).join(" or ");
  switch (setting.type) {
    case "array":
      return `list of ${typeText(setting.items ?? {})}`;
    case "integer":
    case "number":
      return `${setting.type === "integer" ? "whole number" : "number"}${rangeText(setting)}`;
    case "boolean":
      return "`true` or `false`";
    case "object":
      return "group";
    default:
      return setting.format === "uri" ? "address" : "text";
  }
}

function rangeText({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  const low = exclusiveMinimum === undefined ? minimum : `above ${exclusiveMinimum}`;
  const hasHigh = typeof maximum === "number" && maximum < Number.MAX_SAFE_INTEGER;
  if (low === undefined || low === Number.MIN_SAFE_INTEGER) return hasHigh ? ` up to ${maximum}` : "";
  return hasHigh ? `, ${low} to ${maximum}` : `, ${low} or more`;
}
