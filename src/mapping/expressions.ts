import { createHash } from "node:crypto";
import { MappingError } from "./errors.ts";
import { placeAt } from "./place.ts";
import { createPool } from "./pool.ts";
import type { Failure } from "./protocol.ts";
import type { Work } from "./worker.ts";

/** JSONata that stands in the settings of a connection rather than in a mapping file. */
export interface SettingsExpression {
  source: string;
  /** Where it stands, for errors: `operations.createTicket.body`. */
  place: string;
}

export interface Expressions {
  /** Throws MappingError when it is no JSONata or holds what is not allowed. */
  compile(expression: SettingsExpression): Promise<void>;
  /** The result as JSON carries it; undefined when there is none. Throws MappingError. */
  evaluate(expression: SettingsExpression, input: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** A page of changes holds many long texts, so that more is allowed than to a mapping, which makes one record. */
const TIMEOUT_MS = 1000;
const MEMORY_MB = 256;
const MAX_RESULT = 4 * 1024 * 1024;

/**
 * Evaluates what operators wrote against what a server answered, under the rules of mapping files and in children of
 * its own: an answer that was made to harm holds up no mapping. The first child starts with the first expression.
 */
export function createExpressions(): Expressions {
  const pool = createPool({ children: 1, timeoutMs: TIMEOUT_MS, memoryMb: MEMORY_MB });

  async function run(expression: SettingsExpression, work: Partial<Work>): Promise<unknown> {
    const { source } = expression;
    const version = createHash("sha256").update(source).digest("hex").slice(0, 12);
    const verdict = await pool.run({ version, source, resultLength: MAX_RESULT, ...work });
    if (!verdict.ok) throw toError(verdict.failure, expression);
    return verdict.result === undefined ? undefined : JSON.parse(verdict.result);
  }

  return {
    compile: async (expression) => void (await run(expression, {})),
    evaluate: async (expression, input) => run(expression, { input: textOf(input, expression) }),
    close: () => pool.close(),
  };
}

/** Nesting without an end overflows the stack of JSON.stringify. */
function textOf(input: unknown, { place }: SettingsExpression): string {
  try {
    return JSON.stringify(input) ?? "null";
  } catch {
    const reason = "what it is to look at is nested too deeply";
    throw new MappingError({ kind: "evaluate", file: place, reason });
  }
}

function toError(failure: Failure, { source, place }: SettingsExpression): MappingError {
  const { kind, reason, detail, position } = failure;
  const where = position === undefined ? {} : placeAt(source, position);
  return new MappingError({ kind, file: place, reason, detail, ...where });
}
