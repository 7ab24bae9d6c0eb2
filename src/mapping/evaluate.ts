import jsonata from "jsonata";
import { refusalOf } from "./allowed.ts";
import { describeError } from "./describe-error.ts";
import { mappingFunctions } from "./functions.ts";
import { type Lookups, noLookups } from "./lookups/lookups.ts";
import { unknownName } from "./lookups/unknown-name.ts";
import { BUSY_SHARE, type Failure, MAX_RESULT_LENGTH, type Verdict } from "./protocol.ts";
import { LinearRegexEngine } from "./regex.ts";

/** A compiled mapping file. `options` is read by JSONata at each evaluation, so that the limit can differ. */
export interface Program {
  expression: jsonata.Expression;
  options: jsonata.JsonataOptions;
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
      : { ok: true, program: { expression, options } };
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
    return serialise(await program.expression.evaluate(input), resultLength);
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
function serialise(result: unknown, maxLength: number): Verdict {
  const text: string | undefined = JSON.stringify(result, refuseForeign);
  if (text === undefined) return { ok: true };
  if (text.length <= maxLength) return { ok: true, result: text };
  const reason = `it produced more than ${maxLength} characters. Cut long texts with $plain(text, max)`;
  return { ok: false, failure: { kind: "limit", reason } };
}

function refuseForeign(key: string, value: unknown): unknown {
  if (isFunction(value)) {
    const message = "the result holds a function instead of a value. Add the parentheses of the call";
    throw { code: "MAPPING", message: key === "" ? message : `${message} (at a field called as such)` };
  }
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw { code: "MAPPING", message: "the result holds a number that is infinite or not a number" };
  }
  return value;
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
