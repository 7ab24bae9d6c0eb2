import { type Expressions, PluginError, type Tools } from "deskferry/sdk";
import { unclear } from "./judge.ts";
import { type Call, type CallName, wordsOf } from "./operation-settings.ts";
import type { Settings } from "./settings.ts";

const expressionNames = ["body", "expect", "failed", "answer", "duplicate"] as const;
type ExpressionName = (typeof expressionNames)[number];

/** The expressions of the settings' operations. */
export interface Evaluator {
  /** Before anything is sent: an expression that turns out wrong after a create would leave its record unread. */
  compile(name: CallName): Promise<void>;
  compileAll(): Promise<void>;
  /** Undefined when there is no such expression. */
  body(name: CallName, input: object): Promise<unknown>;
  /** After sending: a failure says nothing of what became of the request, hence `ambiguous`. */
  answer(name: CallName, which: ExpressionName, context: object): Promise<unknown>;
}

export function createEvaluator(settings: Settings, tools: Tools): Evaluator {
  const compiled = new Set<CallName>();

  function expressionOf(name: CallName, which: ExpressionName) {
    const call: Call | undefined = settings.operations[name];
    const own = call?.[which];
    if (own !== undefined) return { source: own, place: `operations.${name}.${which}` };
    if (which !== "failed" || settings.failed === undefined) return undefined;
    return { source: settings.failed, place: "failed" };
  }

  async function compile(name: CallName): Promise<void> {
    if (compiled.has(name)) return;
    for (const which of expressionNames) {
      const expression = expressionOf(name, which);
      if (expression) await expressionsOf(tools).compile(expression);
    }
    compiled.add(name);
  }

  return {
    compile,
    async compileAll() {
      for (const name of Object.keys(wordsOf) as CallName[]) await compile(name);
      const { webhook } = settings;
      if (webhook) await expressionsOf(tools).compile({ source: webhook.events, place: "webhook.events" });
    },
    async body(name, input) {
      const expression = expressionOf(name, "body");
      return expression && expressionsOf(tools).evaluate(expression, input);
    },
    async answer(name, which, context) {
      const expression = expressionOf(name, which);
      try {
        return expression && (await expressionsOf(tools).evaluate(expression, context));
      } catch (error) {
        const reason = error instanceof PluginError ? error.operatorMessage : `${which} cannot be evaluated`;
        throw unclear(wordsOf[name], reason);
      }
    },
  };
}

function expressionsOf({ expressions }: Tools): Expressions {
  if (expressions) return expressions;
  const operatorMessage = "nobody evaluates expressions here: tools.expressions is missing";
  throw new PluginError({ kind: "bug", operatorMessage });
}
