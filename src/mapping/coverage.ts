import { type MessageType, messageTypes } from "../domain/message.ts";
import { opensTicket } from "../domain/opens-ticket.ts";
import { type MappingKind, mappingKinds } from "../domain/records.ts";
import { placeAt } from "./place.ts";
import type { Coverage } from "./protocol.ts";

/** What no case has touched. */
export interface CoverageGap {
  /** Mapping file; with line and column, both from 1, where it is a branch. */
  place: string;
  what: string;
}

export interface CoverageReport {
  /** Branches of all files. */
  branches: number;
  taken: number;
  gaps: CoverageGap[];
}

export interface EvaluatedFile {
  kind: MappingKind;
  /** As shown. */
  name: string;
  source: string;
}

interface Seen {
  file: EvaluatedFile;
  branches: Map<string, { position: number; what: string; taken: boolean }>;
  types: Set<unknown>;
  readsMessage: boolean;
}

/** Collects, for a mapper, which branches and types of message its evaluations have touched. */
export function createCoverage() {
  const files = new Map<string, Seen>();

  return {
    /** After each evaluation, with what the child saw of it. */
    note(file: EvaluatedFile, { branches, readsMessage }: Coverage, input: unknown): void {
      const seen = files.get(file.name) ?? { file, branches: new Map(), types: new Set(), readsMessage };
      files.set(file.name, seen);
      for (const branch of branches) {
        const key = `${branch.position} ${branch.what}`;
        const taken = branch.taken || seen.branches.get(key)?.taken === true;
        seen.branches.set(key, { ...branch, taken });
      }
      seen.types.add(typeOf(input));
    },
    report(): CoverageReport {
      const all = [...files.values()].flatMap(({ branches }) => [...branches.values()]);
      const sorted = [...files.values()].sort((a, b) => order(a) - order(b));
      return {
        branches: all.length,
        taken: all.filter(({ taken }) => taken).length,
        gaps: sorted.flatMap((seen) => [...branchGaps(seen), ...typeGaps(seen)]),
      };
    },
  };
}

export type CoverageCollector = ReturnType<typeof createCoverage>;

function order({ file }: Seen): number {
  return mappingKinds.indexOf(file.kind);
}

function branchGaps({ file, branches }: Seen): CoverageGap[] {
  return [...branches.values()]
    .filter(({ taken }) => !taken)
    .sort((a, b) => a.position - b.position)
    .map(({ position, what }) => {
      const { line, column } = placeAt(file.source, position);
      return { place: `${file.name}:${line}:${column}`, what: NEVER[what] ?? what };
    });
}

const NEVER: Record<string, string> = {
  // biome-ignore lint/suspicious/noThenProperty: the name of a branch, not a promise
  then: "the condition is never true",
  else: "the condition is never false",
  value: "the value before the default operator is never used",
  default: "the default is never used",
  "right side": "the right side is never evaluated",
  function: "the function is never called",
};

/** Of a file that looks at the message: which types that reach it in production were never given to it. */
function typeGaps({ file, types, readsMessage }: Seen): CoverageGap[] {
  if (!readsMessage) return [];
  const missing = messageTypes.filter((type) => reaches(type, file.kind) && !types.has(type));
  if (missing.length === 0) return [];
  return [{ place: file.name, what: `no case with a message of type ${missing.join(", ")}` }];
}

/** Contact and comment are made of every message, the others of one that opens a ticket. */
function reaches(type: MessageType, kind: MappingKind): boolean {
  return kind === "contact" || kind === "comment" || opensTicket(type);
}

function typeOf(input: unknown): unknown {
  if (typeof input !== "object" || input === null || !("message" in input)) return undefined;
  const { message } = input;
  return typeof message === "object" && message !== null && "type" in message ? message.type : undefined;
}
