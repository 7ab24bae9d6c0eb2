import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

interface Operation {
  requestBody?: { content: Record<string, unknown> };
  responses?: Record<string, { content?: Record<string, unknown> }>;
}

/** A vendor's own description of its API in test/specs/, asked what is wrong with a request or an answer. */
export interface VendorSpec {
  /** In words; one problem when the description does not know the path at all. */
  requestProblems(method: string, path: string, body: unknown): string[];
  answerProblems(method: string, path: string, answer: { status: number; body: unknown }): string[];
}

export function loadVendorSpec(folder: string, vendor: string): VendorSpec {
  const file = new URL(`../specs/${folder}/schemas.json`, import.meta.url);
  const document = JSON.parse(readFileSync(file, "utf8")) as {
    paths: Record<string, Record<string, Operation>>;
  };
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(document, folder);

  /** The path as the description writes it, e.g. `/api/v1/accounts/{account_id}/contacts/{id}`. */
  function templateOf(path: string): string | undefined {
    const matches = (template: string) => new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`).test(path);
    const placeholders = (template: string) => template.split("{").length;
    const templates = Object.keys(document.paths).filter(matches);
    return templates.sort((left, right) => placeholders(left) - placeholders(right))[0];
  }

  const compiled = new Map<string, ValidateFunction>();
  /** Compiling takes a hundred times as long as asking. */
  function validatorOf(pointer: string[]): ValidateFunction {
    const $ref = `${folder}#/${pointer.map(escaped).join("/")}`;
    const known = compiled.get($ref) ?? ajv.compile({ $ref });
    compiled.set($ref, known);
    return known;
  }

  function problems(pointer: string[], label: string, body: unknown): string[] {
    const validate = validatorOf(pointer);
    return validate(body)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${label}${instancePath}: ${message}`);
  }

  return {
    requestProblems(method, path, body) {
      const template = templateOf(path);
      const operation = template && document.paths[template]?.[method.toLowerCase()];
      if (!template || !operation) return [`${method} ${path}: not in ${vendor}'s description`];
      if (!operation.requestBody) return [];
      const pointer = ["paths", template, method.toLowerCase(), "requestBody", "content"];
      return problems([...pointer, "application/json", "schema"], `${method} ${template}`, body);
    },
    answerProblems(method, path, { status, body }) {
      const template = templateOf(path) ?? path;
      const answer = document.paths[template]?.[method.toLowerCase()]?.responses?.[status];
      const label = `${method} ${template} ${status}`;
      if (!answer) return [`${label}: not in ${vendor}'s description`];
      if (!answer.content) return [];
      const pointer = ["paths", template, method.toLowerCase(), "responses", String(status), "content"];
      return problems([...pointer, "application/json", "schema"], label, body);
    },
  };
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));
}
