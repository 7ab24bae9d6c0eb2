import type { Failure } from "../domain/failure.ts";

/**
 * - `compile`: the file cannot be read or is not valid JSONata.
 * - `evaluate`: it failed on this input.
 * - `limit`: it took too long, too much memory, or produced too much.
 * - `record`: it produced something that is not the record asked for.
 */
export type MappingErrorKind = "compile" | "evaluate" | "limit" | "record";

/** One field of a record that is not as its schema wants it. */
export interface FieldProblem {
  /** `custom.City`, `template.body[0]`; empty for the record itself. */
  path: string;
  /** Without values; ends with the remedy. */
  reason: string;
  /** Of the mapping file, where the field can be found there. */
  line?: number | undefined;
}

export interface MappingErrorDetails {
  kind: MappingErrorKind;
  /** Path of the mapping file. */
  file: string;
  /** Without personal data; ends with the remedy. */
  reason: string;
  line?: number | undefined;
  column?: number | undefined;
  /** Place in the produced record, e.g. `custom.City`. */
  path?: string | undefined;
  /** The file's kind and the version that failed, as traces show it: `ticket@3f2a…`. */
  mapping?: string | undefined;
  /** Of kind `limit`: the machine kept it waiting, and says nothing about the file. */
  isStalled?: boolean | undefined;
  /** JSONata's own words. They may quote what a person wrote. */
  detail?: string | undefined;
  /** Of kind `record`: each field that is at fault. */
  fields?: readonly FieldProblem[] | undefined;
  /** Of kind `record`: what the file made, for its author to look at. May hold personal data. */
  produced?: unknown;
}

/** A mapping file is at fault. Trying the same event again does not help before the file is changed. */
export class MappingError extends Error implements Failure {
  readonly retryable = false;
  readonly kind: MappingErrorKind;
  readonly operatorMessage: string;
  /** The message without its place. */
  readonly reason: string;
  readonly file: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly path: string | undefined;
  readonly mapping: string | undefined;
  readonly isStalled: boolean;
  readonly fields: readonly FieldProblem[];
  // Private, so that no logger that copies an error's properties can carry them away.
  readonly #detail: string | undefined;
  readonly #produced: unknown;

  constructor(details: MappingErrorDetails) {
    super(`${placeOf(details)}: ${details.reason}`);
    this.name = "MappingError";
    this.kind = details.kind;
    this.operatorMessage = this.message;
    this.reason = details.reason;
    this.file = details.file;
    this.line = details.line;
    this.column = details.column;
    this.path = details.path;
    this.mapping = details.mapping;
    this.isStalled = details.isStalled ?? false;
    this.fields = details.fields ?? [];
    this.#detail = details.detail;
    this.#produced = details.produced;
  }

  /** May hold personal data: for the author at the command line, never for logs or dead letters. */
  get detail(): string | undefined {
    return this.#detail;
  }

  /** May hold personal data, as `detail`. */
  get produced(): unknown {
    return this.#produced;
  }
}

function placeOf({ file, line, column, path }: MappingErrorDetails): string {
  const position = line === undefined ? "" : `:${line}${column === undefined ? "" : `:${column}`}`;
  return `${file}${position}${path ? ` (${path})` : ""}`;
}

/** Thrown by load with every file of the folder that is at fault. */
export class MappingLoadError extends Error implements Failure {
  readonly kind = "compile";
  readonly retryable = false;
  readonly operatorMessage: string;
  readonly problems: MappingError[];

  constructor(problems: MappingError[]) {
    super(problems.map((problem) => problem.message).join("\n"));
    this.name = "MappingLoadError";
    this.operatorMessage = this.message;
    this.problems = problems;
  }
}
