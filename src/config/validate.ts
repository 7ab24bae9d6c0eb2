import type { z } from "zod";
import { suggest } from "../domain/did-you-mean.ts";
import type { ConfigDocument } from "./document.ts";
import type { ConfigProblem } from "./errors.ts";
import { keysAt, metaOf, schemasAt } from "./schema-walk.ts";
import { pathText, type SettingPath } from "./setting-path.ts";

export type Checked<T> = { value: T; problems?: never } | { value?: never; problems: ConfigProblem[] };

type Issue = z.core.$ZodIssue;

interface Section {
  /** Where the value stands in the file. */
  path: SettingPath;
  value: unknown;
}

/** Checks one part of the file; all problems at once, with the paths of the whole file. */
export function validate<S extends z.ZodType>(
  schema: S,
  section: Section,
  document: Pick<ConfigDocument, "interpolated" | "lineOf">,
): Checked<z.output<S>> {
  const value = structuredClone(section.value);
  let result = schema.safeParse(value);
  if (!result.success && convertVariables(result.error.issues, section.path, value, document.interpolated)) {
    result = schema.safeParse(value);
  }
  if (result.success) return { value: result.data };
  const problems = result.error.issues.flatMap((issue) =>
    toProblems(issue, schema, value).map(({ path, reason, remedy }) => {
      const full = [...section.path, ...path];
      const line = document.lineOf(full);
      return { path: pathText(full), reason, remedy, ...(line === undefined ? {} : { line }) };
    }),
  );
  return { problems };
}

/** Variables are text. Where a number or a switch is wanted they are converted; true when one was. */
function convertVariables(
  issues: Issue[],
  base: SettingPath,
  value: unknown,
  interpolated: Set<string>,
): boolean {
  let converted = false;
  for (const issue of issues) {
    if (issue.code !== "invalid_type") continue;
    const path = toPath(issue.path);
    const text = at(value, path);
    if (typeof text !== "string" || !interpolated.has(pathText([...base, ...path]))) continue;
    const typed = convert(text, issue.expected);
    if (typed === undefined) continue;
    const parent = at(value, path.slice(0, -1));
    const key = path.at(-1);
    if (typeof parent !== "object" || parent === null || key === undefined) continue;
    Object.assign(parent, { [key]: typed });
    converted = true;
  }
  return converted;
}

function convert(text: string, expected: string): number | boolean | undefined {
  if (expected === "boolean") return text === "true" ? true : text === "false" ? false : undefined;
  if (expected !== "number" && expected !== "int") return undefined;
  return /^-?[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : undefined;
}

interface Finding {
  path: SettingPath;
  reason: string;
  remedy: string;
}

function toProblems(issue: Issue, schema: z.ZodType, value: unknown): Finding[] {
  const path = toPath(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      reason: "there is no such setting",
      remedy: suggest(key, known),
    }));
  }
  if (issue.code === "invalid_key") {
    return [
      { path, reason: "this name cannot be used", remedy: capital(issue.issues[0]?.message ?? "Change it") },
    ];
  }
  const found = at(value, path);
  if (issue.code === "invalid_value") {
    const allowed = issue.values.map(String);
    return [
      { path, reason: `must be one of ${allowed.join(", ")}`, remedy: suggest(String(found), allowed) },
    ];
  }
  return [{ path, reason: reasonOf(issue, found), remedy: remedyFor(issue, found, describe(schema, path)) }];
}

function reasonOf(issue: Issue, found: unknown): string {
  if (found === undefined) return "is missing";
  const message = issue.message.replace(/^(Invalid input|Too (small|big)): /, "");
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function remedyFor(issue: Issue, found: unknown, description: string | undefined): string {
  const about = description ? `: ${description}` : "";
  if (found === undefined) return `Add it${about}`;
  const isNumberForText =
    issue.code === "invalid_type" && issue.expected === "string" && typeof found === "number";
  if (isNumberForText) return "Put it in quotes, so that YAML keeps it as text";
  return `Correct it${about}`;
}

function describe(schema: z.ZodType, path: SettingPath): string | undefined {
  for (const candidate of schemasAt(schema, path)) {
    const { description } = metaOf(candidate);
    if (typeof description === "string") return description;
  }
  return undefined;
}

function toPath(path: readonly PropertyKey[]): SettingPath {
  return path.map((key) => (typeof key === "number" ? key : String(key)));
}

function at(value: unknown, path: SettingPath): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string | number, unknown>)[key];
  }
  return current;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
