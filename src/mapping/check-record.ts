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
import { createShower, placeOfPath, type Shower } from "./record-place.ts";
import { versionDetail } from "./used-versions.ts";

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

/** The file that made a value. */
export interface MadeBy {
  name: string;
  source: string;
  version?: string;
  /** Offset in the source of what made it. */
  position?: number | undefined;
}

/** The value as a record, with defaults. Throws MappingError; its text names fields and never quotes values. */
export function checkRecord<K extends MappingKind>(kind: K, value: unknown, file: MadeBy): MappingRecords[K] {
  const made = { file: file.name, mapping: mappingOf(kind, file) };
  const hostile = hostileShape(value);
  if (hostile) throw new MappingError({ ...made, ...hostile, ...placeOfPath(hostile.path, file) });
  const candidate = value === undefined ? nothingOf[kind] : value;
  const result = recordSchemas[kind].safeParse(candidate);
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap(expandUnion).flatMap(onePerKey);
  const show = createShower(file.source);
  const fields = issues.slice(0, 10).map((issue) => ({
    ...placeOfPath(issue.path, file),
    reason: explain(issue, candidate, show),
  }));
  const reason = fields.map(({ path, reason }) => `${path || "the record"}: ${reason}`).join("; ");
  const { path = "", line } = fields[0] ?? {};
  throw new MappingError({ ...made, kind: "record", path, reason, line, fields, produced: value });
}

function mappingOf(kind: MappingKind, { version }: MadeBy): string | undefined {
  return version === undefined ? undefined : versionDetail(kind, version).mapping;
}

/** What no schema is asked about; `path` leads to the field at the top of it. */
function hostileShape(
  value: unknown,
): { kind: "limit" | "record"; reason: string; path: PropertyKey[] } | undefined {
  let level: { item: unknown; path: PropertyKey[] }[] = [{ item: value, path: [] }];
  for (let depth = 0; level.length > 0; depth += 1) {
    const [first] = level;
    if (depth > MAX_DEPTH) {
      const reason = `the record is nested deeper than ${MAX_DEPTH} levels. Make it flat`;
      return { kind: "limit", reason, path: first?.path ?? [] };
    }
    const objects = level.filter(({ item }) => typeof item === "object" && item !== null);
    const poisoned = objects.find(({ item }) => Object.hasOwn(item as object, "__proto__"));
    if (poisoned) {
      const reason = "the record has a key __proto__. Remove it";
      return { kind: "record", reason, path: poisoned.path };
    }
    level = objects.flatMap(({ item, path }) =>
      Object.entries(item as object).map(([key, inner]) => ({
        item: inner,
        path: path.length > 0 ? path : [key],
      })),
    );
  }
  return undefined;
}

/** Of the shapes a confirmation may have, the complaints of the one that was most likely meant. */
function expandUnion(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const meant = issue.errors
    .map((branch) => branch.flatMap(expandUnion))
    .filter((branch) => branch.every(({ path, code }) => path.length > 0 || code === "unrecognized_keys"))
    .sort((a, b) => score(a) - score(b))[0];
  if (!meant) return [issue];
  return meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** A field that does not exist is a fault at its own place, so that its line is found. */
function onePerKey(issue: Issue): Issue[] {
  if (issue.code !== "unrecognized_keys") return [issue];
  return issue.keys.map((key) => ({ ...issue, keys: [key], path: [...issue.path, key] }));
}

/** A branch that does not know the keys that are there was not meant; then one whose own key is absent. */
function score(branch: Issue[]): number {
  return branch.reduce((sum, issue) => {
    if (issue.code === "unrecognized_keys") return sum + 100 * issue.keys.length;
    return issue.path.length === 1 ? sum + 1 : sum;
  }, 0);
}

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
