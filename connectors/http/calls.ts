import { createHash } from "node:crypto";
import { type Attachment, type HttpAnswer, type HttpClient, PluginError, type Tools } from "deskferry/sdk";
import { createAuthorised } from "./authorised.ts";
import { bodyOf } from "./body.ts";
import { createEvaluator } from "./evaluator.ts";
import { failureOf, unclear, verdictOf } from "./judge.ts";
import { type Address, type Call, type CallName, wordsOf } from "./operation-settings.ts";
import type { Settings } from "./settings.ts";
import { fillPath, fillText } from "./template.ts";

/** What became of a request that was no error. `value` is what `answer` made, or `duplicate` for a duplicate. */
export interface Outcome {
  verdict: "done" | "missing" | "duplicate";
  value: unknown;
}

/** Carries out operations of the settings. */
export interface Calls {
  run(name: CallName, input: object, extra?: Extra): Promise<Outcome>;
  /** Compiles all expressions of the settings. */
  compileAll(): Promise<void>;
  http: HttpClient;
}

interface Extra {
  attachments?: readonly Attachment[];
  /** Ours: sent as idempotency key where the settings name a header for it. */
  key?: string;
}

export function createCalls(settings: Settings, tools: Tools): Calls {
  const http = createAuthorised(settings, tools);
  const evaluator = createEvaluator(settings, tools);
  const { keyHeader } = settings.idempotency;

  async function readAnswer(name: CallName, call: Call, answer: HttpAnswer, input: object): Promise<Outcome> {
    const what = wordsOf[name];
    const verdict = verdictOf(answer, call, { what, now: tools.clock.now() });
    if (verdict === "missing") return { verdict, value: undefined };
    const { status, headers } = answer;
    const context = { status, headers, body: contentOf(answer, call, verdict), input };
    if (verdict === "duplicate") {
      const which = call.duplicate === undefined ? "answer" : "duplicate";
      return { verdict, value: await evaluator.answer(name, which, context) };
    }
    const failure = failureOf(await evaluator.answer(name, "failed", context), what);
    if (failure?.kind === "not_found") return { verdict: "missing", value: undefined };
    if (failure) throw failure;
    if (call.expect !== undefined && (await evaluator.answer(name, "expect", context)) !== true) {
      throw unclear(what, "the answer is not as operations expect it");
    }
    return { verdict: "done", value: await evaluator.answer(name, "answer", context) };
  }

  return {
    http,
    compileAll: evaluator.compileAll,
    async run(name, input, { attachments = [], key } = {}) {
      const call: Call | undefined = settings.operations[name];
      if (!call) throw new PluginError({ kind: "bug", operatorMessage: `${name} is not in the settings` });
      await evaluator.compile(name);
      const what = wordsOf[name];
      const body = await bodyOf(await evaluator.body(name, input), call, attachments, what);
      const keyed = keyHeader && key ? { [keyHeader]: headerSafe(key) } : {};
      const { headers, ...address } = addressOf(call, input, what);
      const accept = Object.values(call.statuses).flat();
      const request = {
        method: call.method,
        ...address,
        headers: { ...headers, ...keyed },
        ...body,
        what,
        accept,
      };
      return readAnswer(name, call, await http.request(request), input);
    },
  };
}

/** Path, query and headers with their placeholders filled. */
export function addressOf({ path, query, headers }: Address, input: object, what: string) {
  return {
    path: fillPath(path, input, what),
    query: filled(query, input),
    headers: Object.fromEntries(
      Object.entries(filled(headers, input)).map(([name, value]) => [name, headerSafe(value)]),
    ),
  };
}

function filled(templates: Record<string, string> | undefined, input: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(templates ?? {}).flatMap(([name, template]) => {
      const text = fillText(template, input);
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

/** What no header can carry is replaced by its hash, which is as unique. */
function headerSafe(value: string): string {
  return /^[\x20-\x7e]{0,255}$/.test(value) ? value : createHash("sha256").update(value).digest("hex");
}

function contentOf(answer: HttpAnswer, { reads }: Call, verdict: "duplicate" | undefined): unknown {
  if (reads === "nothing") return undefined;
  if (reads === "text") return answer.text;
  if (verdict === undefined) return answer.json();
  try {
    return answer.json();
  } catch {
    return undefined;
  }
}
