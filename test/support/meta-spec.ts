import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

/** Meta's own description of its API, v23.0; see test/specs/meta/readme.md. */
const folder = new URL("../specs/meta/", import.meta.url);

interface Schema {
  [keyword: string]: unknown;
  allOf?: Schema[];
  required?: string[];
  properties?: Record<string, Schema>;
  enum?: string[];
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), "utf8"));
}

/** Request bodies of `POST /{phone-number-id}/messages` by Meta's name of the situation. */
export const requestExamples = readJson("request-examples.json") as Record<string, Record<string, unknown>>;

export type SpecName =
  | "MessageResponse"
  | "MediaUploadResponse"
  | "MediaResponse"
  | "TemplatesResponse"
  | "SubscribedAppsAnswer"
  | "PhoneNumberAnswer"
  | "ErrorAnswer";

/**
 * Where Meta's schemas contradict Meta's examples and documentation, the latter are right. Each repair says what was
 * wrong; as it stands the document refuses all 50 of its own request examples.
 */
function repair(schemas: Record<string, Schema>): void {
  // "No other properties" in each part of an allOf forbids the properties of the other parts.
  for (const { allOf = [] } of Object.values(schemas))
    for (const part of allOf) delete part["additionalProperties"];
  // A user id goes into `recipient` (business-scoped user ids, 2026); `individual` and `text` are the defaults.
  of(schemas, "BaseMessageProperties").required = ["messaging_product"];
  // Written in small letters, and out of date: `button` in any case, digits as number or text, more kinds of button.
  const component = of(schemas, "TemplateComponent").properties ?? {};
  component["type"] = { type: "string", pattern: "^([a-z]+|[A-Z]+)$" };
  component["sub_type"] = { type: "string" };
  component["index"] = { type: ["string", "integer"], pattern: "^[0-9]$" };
  of(schemas, "LanguageObject").required = ["code"];
  // Numbers in every example, and in the messages that arrive.
  const place = of(schemas, "LocationMessage").allOf?.[1]?.properties?.["location"]?.properties ?? {};
  for (const coordinate of ["latitude", "longitude"]) place[coordinate] = { type: ["number", "string"] };
}

function of(schemas: Record<string, Schema>, name: string): Schema {
  const schema = schemas[name];
  if (!schema) throw new Error(`Meta's description has no schema ${name}`);
  return schema;
}

/** What Meta's description finds wrong with an answer; empty when nothing. */
export function specProblems(name: SpecName, body: unknown): string[] {
  return problemsOf(name, body);
}

/** The same of a request to send; `type` tells which schema applies, as Meta's discriminator says. */
export function requestProblems(body: Record<string, unknown>): string[] {
  const type = String(body["type"] ?? "text");
  return problemsOf(`${type.charAt(0).toUpperCase()}${type.slice(1)}Message`, body);
}

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
const compiled = new Map<string, ValidateFunction>();

function problemsOf(name: string, body: unknown): string[] {
  if (!ajv.getSchema("meta")) load();
  const validate = compiled.get(name) ?? ajv.compile({ $ref: `meta#/components/schemas/${name}` });
  compiled.set(name, validate);
  return validate(body)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function load(): void {
  const document = readJson("schemas.json") as { components: { schemas: Record<string, Schema> } };
  repair(document.components.schemas);
  ajv.addSchema(document, "meta");
}
