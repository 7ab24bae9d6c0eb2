import { type MappingKind, mappingKinds } from "../domain/records.ts";
import { type Difference, differencesBetween } from "./difference.ts";
import { MappingError } from "./errors.ts";
import type { Mapper } from "./mapper.ts";

/** An input that mapping files of a kind were given. */
export interface ReplayedEvent {
  kind: MappingKind;
  input: object;
}

/** What becomes of one field. */
export interface FieldChange {
  /** `custom.City`; `error` when one of the two mappings fails. */
  field: string;
  events: number;
  /** From what to what, the most frequent first, as JSON; `nothing` where there is none. */
  transitions: { from: string; to: string; events: number }[];
  examples: { input: object; from: string; to: string }[];
}

export interface KindChanges {
  kind: MappingKind;
  events: number;
  /** Events of which any field changes. */
  changed: number;
  fields: FieldChange[];
}

const MOST_EXAMPLES = 3;

/** Collects, event by event, what differs between the records of two mapping folders; both must be loaded. */
export function createComparison(mapper: Pick<Mapper, "map">, folders: { old: string; new: string }) {
  const kinds = new Map<MappingKind, KindChanges & { byField: Map<string, FieldChange> }>();

  async function recordOf(folder: string, { kind, input }: ReplayedEvent): Promise<unknown> {
    try {
      // A route is decided with the ticket's record in hand; each folder makes its own.
      const ticket = kind === "route" ? { ticket: (await mapper.map(folder, "ticket", input)).record } : {};
      return (await mapper.map(folder, kind, { ...input, ...ticket })).record;
    } catch (error) {
      if (!(error instanceof MappingError)) throw error;
      return { error: error.message.slice(error.message.indexOf(":") + 2) };
    }
  }

  function note(event: ReplayedEvent, differences: Difference[]): void {
    const changes = kinds.get(event.kind) ?? {
      kind: event.kind,
      events: 0,
      changed: 0,
      fields: [],
      byField: new Map(),
    };
    kinds.set(event.kind, changes);
    changes.events += 1;
    if (differences.length > 0) changes.changed += 1;
    for (const difference of differences) noteField(changes.byField, event, difference);
  }

  return {
    async add(event: ReplayedEvent): Promise<void> {
      const [before, after] = await Promise.all([recordOf(folders.old, event), recordOf(folders.new, event)]);
      note(event, differencesBetween(before, after));
    },
    /** In the order of the kinds, each field by how many events it concerns. */
    result(): KindChanges[] {
      return [...kinds.values()]
        .sort((a, b) => mappingKinds.indexOf(a.kind) - mappingKinds.indexOf(b.kind))
        .map(({ byField, ...changes }) => ({ ...changes, fields: sorted([...byField.values()]) }));
    },
  };
}

function noteField(fields: Map<string, FieldChange>, { input }: ReplayedEvent, difference: Difference): void {
  // Items of a list come and go; the list is what the reader knows.
  const field = difference.path.replace(/\[\d+\]/g, "[]") || "the record";
  const from = shown(difference, "expected");
  const to = shown(difference, "got");
  const change = fields.get(field) ?? { field, events: 0, transitions: [], examples: [] };
  fields.set(field, change);
  change.events += 1;
  const known = change.transitions.find((each) => each.from === from && each.to === to);
  if (known) known.events += 1;
  else change.transitions.push({ from, to, events: 1 });
  if (change.examples.length < MOST_EXAMPLES) change.examples.push({ input, from, to });
}

function shown(difference: Difference, side: "expected" | "got"): string {
  if (!(side in difference)) return "nothing";
  const value = difference[side];
  return typeof value === "string" ? value : JSON.stringify(value);
}

function sorted(fields: FieldChange[]): FieldChange[] {
  return fields
    .map((field) => ({ ...field, transitions: field.transitions.sort((a, b) => b.events - a.events) }))
    .sort((a, b) => b.events - a.events);
}
