import type { z } from "zod";
import {
  type CommentRecord,
  type ConfirmationRecord,
  type ContactRecord,
  commentRecord,
  confirmationRecord,
  contactRecord,
  type MappingKind,
  type RouteRecord,
  routeRecord,
  type TicketRecord,
  ticketRecord,
} from "../domain/records.ts";
import { MappingError } from "./errors.ts";

/** The record that each kind of mapping file produces. */
export interface MappingRecords {
  contact: ContactRecord;
  ticket: TicketRecord;
  route: RouteRecord;
  comment: CommentRecord;
  confirmation: ConfirmationRecord;
}

/** By kind of mapping file. */
export const recordSchemas: { [K in MappingKind]: z.ZodType<MappingRecords[K]> } = {
  contact: contactRecord,
  ticket: ticketRecord,
  route: routeRecord,
  comment: commentRecord,
  confirmation: confirmationRecord,
};

/** What a file means that produces nothing: a confirmation sends nothing, a route decides nothing. */
const nothingOf: Partial<Record<MappingKind, unknown>> = { confirmation: null, route: {} };

const MAX_DEPTH = 16;

type Issue = z.core.$ZodIssue;

/** The value as a record, with defaults. Throws MappingError; its text names fields and never quotes values. */
export function checkRecord<K extends MappingKind>(
  kind: K,
  value: unknown,
  file: { name: string; source: string },
): MappingRecords[K] {
  refuseHostileShape(value, file.name);
  const candidate = value === undefined ? nothingOf[kind] : value;
  const result = recordSchemas[kind].safeParse(candidate);
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap(expandUnion).flatMap(onePerKey);
  const show = createShower(file.source);
  const fields = issues.slice(0, 10).map((issue) => ({
    path: showPath(issue.path, show),
    reason: explain(issue, candidate, show),
    line: lineOfKey(file.source, issue.path.at(-1)),
  }));
  const reason = fields.map(({ path, reason }) => `${path || "the record"}: ${reason}`).join("; ");
  const { path = "", line } = fields[0] ?? {};
  throw new MappingError({ kind: "record", file: file.name, path, reason, line, fields, produced: value });
}

function refuseHostileShape(value: unknown, file: string): void {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) {
      const reason = `the record is nested deeper than ${MAX_DEPTH} levels. Make it flat`;
      throw new MappingError({ kind: "limit", file, reason });
    }
    const objects = level.filter((item) => typeof item === "object" && item !== null);
    if (objects.some((item) => Object.hasOwn(item as object, "__proto__"))) {
      throw new MappingError({ kind: "record", file, reason: "the record has a key __proto__. Remove it" });
    }
    level = objects.flatMap((item) => Object.values(item as object));
  }
}

/** Of the shapes a confirmation may have, the complaints of the one that was most likely meant. */
function expandUnion(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const meant = issue.errors
    .filter((branch) => branch.every(({ path, code }) => path.length > 0 || code === "unrecognized_keys"))
    .sort((a, b) => score(a) - score(b))[0];
  if (!meant) return [issue];
  return meant.flatMap((inner) => expandUnion({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** A field that does not exist is a fault at its own place, so that its line is found. */
function onePerKey(issue: Issue): Issue[] {
  if (issue.code !== "unrecognized_keys") return [issue];
  return issue.keys.map((key) => ({ ...issue, keys: [key], path: [...issue.path, key] }));
}

/** A branch whose own key is absent was not meant. */
function score(branch: Issue[]): number {
  return branch.filter(({ path, code }) => path.length === 1 || code === "unrecognized_keys").length;
}

type Shower = (key: PropertyKey) => string;

/** A key that does not stand in the mapping file was made from the input and may be personal data. */
function createShower(source: string): Shower {
  return (key) => (source.includes(String(key)) || fields.has(String(key)) ? String(key) : "…");
}

const fields = new Set(
  [contactRecord, ticketRecord, commentRecord].flatMap((schema) => Object.keys(schema.shape)),
);

function explain(issue: Issue, value: unknown, show: Shower): string {
  const message =
    issue.code === "unrecognized_keys"
      ? `there is no field ${issue.keys.map((key) => `"${show(key)}"`).join(", ")}`
      : issue.message;
  return `${message}. ${remedyFor(issue, valueAt(value, issue.path))}`;
}

function remedyFor(issue: Issue, found: unknown): string {
  if (issue.code === "unrecognized_keys") return "Correct its spelling or remove it";
  if (issue.code === "invalid_union")
    return "Produce {template: …}, {text: …}, {interactive: …}, {reaction: …} or null";
  if (issue.code === "too_big") return "Cut it with $plain(text, max)";
  if (issue.code === "invalid_value") return "Use one of these values";
  if (found === undefined || found === "") return 'Give it a default: value ? value : "…"';
  if (issue.code !== "invalid_type") return "Correct the expression";
  if (issue.expected === "array") return "Put it in [ ]: JSONata turns a list of one into its only item";
  if (issue.expected === "string") {
    return Array.isArray(found) ? "Join it with $join(list)" : "Turn it into text with $string(value)";
  }
  return "Correct the expression";
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return current;
}

/** `custom.City`, `template.body[0]`. */
function showPath(path: readonly PropertyKey[], show: Shower): string {
  let shown = "";
  for (const key of path) {
    if (typeof key === "number") shown += `[${key}]`;
    else shown += `${shown === "" ? "" : "."}${show(key)}`;
  }
  return shown;
}

/** Line of the field in the mapping file, when its name stands there exactly once as a key. */
function lineOfKey(source: string, key: PropertyKey | undefined): number | undefined {
  if (typeof key !== "string") return undefined;
  const places = source.split("\n").flatMap((text, index) => {
    const start = text.indexOf(`"${key}"`);
    return start >= 0 && /^\s*:/.test(text.slice(start + key.length + 2)) ? [index + 1] : [];
  });
  return places.length === 1 ? places[0] : undefined;
}
