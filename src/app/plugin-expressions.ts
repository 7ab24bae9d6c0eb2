import { MappingError } from "../mapping/errors.ts";
import type { Expressions as Evaluator } from "../mapping/expressions.ts";
import { PluginError } from "../sdk/errors.ts";
import type { Expressions } from "../sdk/expression.ts";

/** What connectors get of JSONata; they know no error but PluginError. */
export function toPluginExpressions({ compile, evaluate }: Omit<Evaluator, "close">): Expressions {
  return {
    compile: (expression) => compile(expression).catch(rethrow),
    evaluate: (expression, input) => evaluate(expression, input).catch(rethrow),
  };
}

function rethrow(error: unknown): never {
  if (error instanceof MappingError) {
    const { operatorMessage } = error;
    const kind = error.kind === "compile" ? "config" : "rejected";
    throw new PluginError({ kind, code: `expression_${error.kind}`, operatorMessage });
  }
  // Nothing was evaluated: no child could be started, or all are about to end.
  const operatorMessage = `expressions cannot be evaluated now (${error instanceof Error ? error.message : "unknown"})`;
  throw new PluginError({ kind: "unavailable", code: "no_evaluation", operatorMessage });
}
