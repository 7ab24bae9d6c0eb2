import type { Lookups } from "./lookups.ts";

/** Why a name that stands in the source names nothing, and where. */
interface UnknownName {
  reason: string;
  position?: number;
}

interface Call {
  procedure: { value: unknown };
  arguments: unknown[];
  position?: unknown;
}

/** Which argument of which function names what; see docs/mapping-functions.md. */
const naming: Record<string, { place: number; of(lookups: Lookups): object; where: string }> = {
  table: { place: 0, of: ({ tables }) => tables, where: "table of this name in tables/" },
  label: { place: 0, of: ({ labels }) => labels?.texts ?? {}, where: "label of this name in labels.yaml" },
  addBusinessTime: {
    place: 2,
    of: ({ calendars }) => calendars,
    where: "calendar of this name in calendars/",
  },
  isOpen: { place: 1, of: ({ calendars }) => calendars, where: "calendar of this name in calendars/" },
};

/** Finds tables, calendars and labels that are written out in the source and are not there, at load. */
export function unknownName(ast: unknown, lookups: Lookups): UnknownName | undefined {
  const waiting: unknown[] = [ast];
  const seen = new Set<unknown>();
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (typeof node !== "object" || node === null || seen.has(node)) continue;
    seen.add(node);
    const problem = isCall(node) ? problemOf(node, lookups) : undefined;
    if (problem) return problem;
    waiting.push(...Object.values(node));
  }
  return undefined;
}

function isCall(node: object): node is Call {
  return "procedure" in node && "arguments" in node && Array.isArray(node.arguments);
}

function problemOf(
  { procedure, arguments: given, position }: Call,
  lookups: Lookups,
): UnknownName | undefined {
  const named = String(procedure.value);
  const rule = Object.hasOwn(naming, named) ? naming[named] : undefined;
  const argument = rule && (given[rule.place] as { type?: unknown; value?: unknown } | undefined);
  if (!rule || argument?.type !== "string" || typeof argument.value !== "string") return undefined;
  if (Object.hasOwn(rule.of(lookups), argument.value)) return undefined;
  const reason = `there is no ${rule.where}: "${argument.value}". Add it or correct the name`;
  return { reason, ...(typeof position === "number" ? { position } : {}) };
}
