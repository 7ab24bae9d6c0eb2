import type { EvaluateRequest, KindStart, Start } from "../protocol.ts";
import { byId } from "./dom.ts";
import { createInputEditor, createMappingEditor, type Editor, jsonFault } from "./editors.ts";
import { createRecordPanel } from "./record-panel.ts";
import { calls } from "./server-calls.ts";
import type { Tell } from "./telling.ts";

/** The two editors and what the one makes of the other, evaluated whenever the keyboard rests. */
export interface Workbench {
  input: Editor;
  mapping: Editor;
  kind(): KindStart;
  showKind(kind: KindStart): void;
  /** What stands in the editors; undefined, and told, when the input is not JSON. */
  request(): { kind: string; source: string; input: unknown } | undefined;
  /** Replaces the inputs of these kinds; not a change of the person's own. */
  put(inputs: Record<string, unknown>): void;
}

interface WorkbenchOptions extends Tell {
  start: Start;
  /** `input` when the person changed the input, `mapping` when the mapping. */
  onChange(what: "input" | "mapping"): void;
}

/** Nobody wants a verdict on half a word. */
const REST_MS = 200;

export function createWorkbench({ start, onChange, say, act }: WorkbenchOptions): Workbench {
  let kind = start.kinds[0] as KindStart;
  let timer = 0;
  let asking = new AbortController();
  let putting = false;
  const input = createInputEditor(byId("input", HTMLDivElement), {
    label: "Input, JSON",
    texts: firstInputs(start),
    onChange: () => changed("input"),
  });
  const mapping = createMappingEditor(byId("mapping", HTMLDivElement), {
    label: "Mapping, JSONata",
    functions: start.functions,
    texts: Object.fromEntries(start.kinds.map((one) => [one.kind, one.source])),
    onChange: () => changed("mapping"),
  });
  const record = createRecordPanel(mapping, say);

  function changed(what: "input" | "mapping"): void {
    if (!putting) onChange(what);
    window.clearTimeout(timer);
    timer = window.setTimeout(() => act(evaluate), REST_MS);
  }

  function request() {
    const text = input.text(kind.kind);
    const fault = jsonFault(text);
    input.mark(fault ? [fault] : []);
    if (!fault)
      return { kind: kind.kind, source: mapping.text(kind.kind), input: JSON.parse(text) as unknown };
    record.wait(`The input is not JSON, line ${fault.line}: ${fault.message}`);
    return undefined;
  }

  /** A route is decided with the ticket's record in hand: adds it to an input without. True when it did, or cannot. */
  async function addTicket(question: EvaluateRequest, signal: AbortSignal): Promise<boolean> {
    const { input: given } = question;
    if (question.kind !== "route" || !isObject(given) || "ticket" in given || !("message" in given))
      return false;
    const made = await calls.evaluate(
      { kind: "ticket", source: mapping.text("ticket"), input: given },
      signal,
    );
    if (signal.aborted) return true;
    if ("fault" in made)
      record.wait(`The route sees the ticket, and ticket.jsonata fails: ${made.fault.reason}`);
    else put({ route: { ...given, ticket: made.record } });
    return true;
  }

  function put(inputs: Record<string, unknown>): void {
    putting = true;
    const known = start.kinds.filter((one) => one.kind in inputs);
    for (const one of known) input.put(one.kind, asJson(inputs[one.kind]));
    putting = false;
  }

  /** The answer to an older question is dropped: what is shown belongs to what stands in the editors. */
  async function evaluate(): Promise<void> {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    await judge(signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async function judge(signal: AbortSignal): Promise<void> {
    const { file, schema, stamp } = kind;
    const question = request();
    if (!question || (await addTicket(question, signal))) return;
    if (stamp === null && question.source.trim() === "") {
      return record.wait(
        `There is no ${file}, and none is needed: without it nothing is made. Write one here.`,
      );
    }
    const outcome = await calls.evaluate(question, signal);
    if (!signal.aborted) record.show(outcome, file, schema);
  }

  return {
    input,
    mapping,
    kind: () => kind,
    showKind(chosen) {
      kind = chosen;
      input.show(kind.kind);
      mapping.show(kind.kind);
      window.clearTimeout(timer);
      act(evaluate);
    },
    request,
    put,
  };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstInputs({ samples, kinds }: Start): Record<string, string> {
  const all = samples.flatMap(({ samples: some }) => some);
  const first = ({ kind, cases }: KindStart) => [...all, ...cases].find(({ inputs }) => kind in inputs);
  return Object.fromEntries(kinds.map((one) => [one.kind, asJson(first(one)?.inputs[one.kind] ?? {})]));
}

function asJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
