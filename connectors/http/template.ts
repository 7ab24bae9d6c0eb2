import { PluginError } from "deskferry/sdk";

const PLACEHOLDER = /\{([A-Za-z][\w.]*)\}/g;

/** First names of the placeholders in a text: `ticket` of `{ticket.queue}`. */
export function rootsIn(template: string): string[] {
  return placeholdersIn(template).map((path) => path.split(".")[0] ?? path);
}

export function placeholdersIn(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, path = ""]) => path);
}

/** A path; every value is one segment, or a part of one, and cannot lead anywhere else. */
export function fillPath(template: string, input: unknown, what: string): string {
  return template.replace(PLACEHOLDER, (_, path: string) => {
    const value = textAt(input, path);
    if (value === undefined || value === "" || value === "." || value === "..") {
      const operatorMessage = `${what}: ${path}, which the path needs, is not there`;
      throw new PluginError({ kind: "rejected", code: "no_value", operatorMessage });
    }
    return encodeURIComponent(value.toWellFormed());
  });
}

/** A query parameter or a header as it is; undefined when one of its values is not there. */
export function fillText(template: string, input: unknown): string | undefined {
  let isWhole = true;
  const text = template.replace(PLACEHOLDER, (_, path: string) => {
    const value = textAt(input, path);
    isWhole &&= value !== undefined;
    return value ?? "";
  });
  return isWhole ? text : undefined;
}

function textAt(input: unknown, path: string): string | undefined {
  let value = input;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  const isText = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isText ? String(value) : undefined;
}
