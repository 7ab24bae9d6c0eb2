import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";

interface Operation {
  requestBody?: { content: Record<string, unknown> };
  responses?: Record<string, { content?: Record<string, unknown> }>;
}

/** Chatwoot's own description of its API, 4.11.0; see test/specs/chatwoot/readme.md. */
const document = JSON.parse(
  readFileSync(new URL("../specs/chatwoot/schemas.json", import.meta.url), "utf8"),
) as { paths: Record<string, Record<string, Operation>> };

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema(document, "chatwoot");

/** The path as the description writes it, e.g. `/api/v1/accounts/{account_id}/contacts/{id}`. */
function templateOf(path: string): string | undefined {
  const matches = (template: string) => new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`).test(path);
  const placeholders = (template: string) => template.split("{").length;
  const templates = Object.keys(document.paths).filter(matches);
  return templates.sort((left, right) => placeholders(left) - placeholders(right))[0];
}

/** What the description finds wrong with a request; also when it does not know the path at all. */
export function requestProblems(method: string, path: string, body: unknown): string[] {
  const template = templateOf(path);
  const operation = template && document.paths[template]?.[method.toLowerCase()];
  if (!template || !operation) return [`${method} ${path}: not in Chatwoot's description`];
  if (!operation.requestBody) return [];
  const pointer = [
    "paths",
    template,
    method.toLowerCase(),
    "requestBody/content",
    "application/json",
    "schema",
  ]
    .map((part) => (part.includes("{") || part === "application/json" ? escaped(part) : part))
    .join("/");
  const validate = ajv.compile({ $ref: `chatwoot#/${pointer}` });
  return validate(body)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message }) => `${method} ${template}${instancePath}: ${message}`,
      );
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));
}
