import jsonata from "jsonata";
import { refusalOf } from "./allowed.ts";
import { describeError } from "./describe-error.ts";
import { mappingFunctions } from "./functions.ts";
import { type Lookups, noLookups } from "./lookups/lookups.ts";
import { unknownName } from "./lookups/unknown-name.ts";
import { BUSY_SHARE, type Failure, MAX_RESULT_LENGTH, type Verdict } from "./protocol.ts";
import { LinearRegexEngine } from "./regex.ts";
import { pathTo, positionOfResult } from "./result-place.ts";

/** A compiled mapping file. `options` is read by JSONata at each evaluation, so that the limit can differ. */
export interface Program {
  expression: jsonata.Expression;
  options: jsonata.JsonataOptions;
  /** Offset of what makes the result. */
  position?: number | undefined;
}

const ownFunctions = mappingFunctions.map(({ name }) => name);

type Compiled = { ok: true; program: Program } | { ok: false; failure: Failure };

/** Nesting of evaluations and length of sequences, far above what a mapping needs (jsonata "Configuring Guardrails"). */
const MAX_STACK = 500;
const MAX_SEQUENCE = 10_000;

export function compile(source: string, lookups: Lookups = noLookups): Compiled {
  const options: jsonata.JsonataOptions = {
    stack: MAX_STACK,
    sequence: MAX_SEQUENCE,
    RegexEngine: LinearRegexEngine,
  };
  try {
    const expression = jsonata(source, options);
    for (const { name, create } of mappingFunctions) expression.registerFunction(name, create(lookups));
    const ast = expression.ast();
    const refusal = refusalOf(ast, ownFunctions) ?? unknownName(ast, lookups);
    return refusal
      ? { ok: false, failure: { kind: "compile", ...refusal } }
      : { ok: true, program: { expression, options, position: positionOfResult(ast) } };
  } catch (error) {
    const { reason, detail, position } = describeError(error);
    return {
      ok: false,
      failure: {
        kind: "compile",
        reason,
        ...(detail === undefined ? {} : { detail }),
        ...(position === undefined ? {} : { position }),
      },
    };
  }
}

interface Bounds {
  timeoutMs: number;
  /** Characters of JSON. */
  resultLength?: number | undefined;
}

export async function evaluate(
  program: Program,
  input: unknown,
  { timeoutMs, resultLength = MAX_RESULT_LENGTH }: Bounds,
): Promise<Verdict> {
  program.options.timeout = timeoutMs;
  const start = process.cpuUsage();
  try {
    return serialise(await program.expression.evaluate(input), program, resultLength);
  } catch (error) {
    const { limit, timeout, ...failure } = describeError(error);
    const kind = limit || timeout ? "limit" : "evaluate";
    const stalled = timeout === true && cpuMsSince(start) < timeoutMs * BUSY_SHARE;
    return { ok: false, failure: { kind, ...failure, ...(stalled ? { retry: true } : {}) } };
  }
}

/** Little of it at the end of the time means that the machine was busy with something else. */
function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** A result that JSON would carry only in part is refused, so that nothing is lost in silence. */
function serialise(result: unknown, { position }: Program, maxLength: number): Verdict {
  const at = position === undefined ? {} : { position };
  let foreign: Failure | undefined;
  const text: string | undefined = JSON.stringify(result, function (this: object, key, value: unknown) {
    const reason = foreign ? undefined : reasonAgainst(value);
    if (reason !== undefined) foreign = { kind: "evaluate", reason, path: placeOf(result, this, key) };
    // Once it is refused, nothing more of it is read.
    return foreign ? undefined : value;
  });
  if (foreign) return { ok: false, failure: { ...foreign, ...at } };
  if (text === undefined) return { ok: true, ...at };
  if (text.length <= maxLength) return { ok: true, result: text, ...at };
  const reason = `it produced more than ${maxLength} characters. Cut long texts with $plain(text, max)`;
  return { ok: false, failure: { kind: "limit", reason, path: largestField(result), ...at } };
}

/** JSON.stringify begins with a holder of its own, whose only key is empty: there the value is the result itself. */
function placeOf(result: unknown, holder: object, key: string): PropertyKey[] {
  const isWhole = key === "" && Object.is((holder as { "": unknown })[""], result);
  return isWhole ? [] : pathTo(result, holder, key);
}

function largestField(result: unknown): PropertyKey[] {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return [];
  const sizes = Object.entries(result).map(([key, value]) => ({
    key,
    size: JSON.stringify(value)?.length ?? 0,
  }));
  const [largest] = sizes.sort((a, b) => b.size - a.size);
  return largest ? [largest.key] : [];
}

function reasonAgainst(value: unknown): string | undefined {
  if (isFunction(value)) {
    return "the result holds a function instead of a value. Add the parentheses of the call";
  }
  if (typeof value === "number" && !Number.isFinite(value)) {
    return "the result holds a number that is infinite or not a number. Look at what it was divided by";
  }
  return undefined;
}

/** JSONata keeps functions as objects with these marks. */
function isFunction(value: unknown): boolean {
  if (typeof value === "function") return true;
  return (
    typeof value === "object" &&
    value !== null &&
    ("_jsonata_function" in value || "_jsonata_lambda" in value)
  );
}
