import type { Evaluation, Fault, RecordSchema } from "../protocol.ts";
import { button, byId, count, el, segments } from "./dom.ts";
import type { Editor, Mark } from "./editors.ts";
import { drawRecord } from "./record-form.ts";

/** Shows what an evaluation gave: the record as a form and as JSON, or the faults, here and in the editor. */
export interface RecordPanel {
  show(outcome: Evaluation, file: string, schema: RecordSchema): void;
  /** Instead of a record: what must be mended before one can be made. */
  wait(reason: string): void;
}

export function createRecordPanel(
  mapping: Editor,
  say: (text: string, state: "good" | "bad") => void,
): RecordPanel {
  const form = byId("form-view", HTMLDivElement);
  const raw = byId("json-view", HTMLPreElement);
  const faults = byId("faults", HTMLUListElement);
  const verdict = byId("verdict", HTMLParagraphElement);
  makeReachable(byId("sheet", HTMLDivElement));
  segments(byId("views", HTMLDivElement), "view", {
    values: ["Form", "JSON"],
    onChoose(view) {
      form.hidden = view !== "Form";
      raw.hidden = view !== "JSON";
    },
  });

  function judge(state: "good" | "bad", text: string): void {
    verdict.dataset["state"] = state;
    verdict.textContent = text;
  }

  function draw(schema: RecordSchema, value: unknown, found: Fault["fields"]): void {
    form.replaceChildren(drawRecord(schema, value, found));
    raw.textContent = value === undefined ? "nothing" : JSON.stringify(value, null, 2);
  }

  function showFault(fault: Fault, file: string, schema: RecordSchema): void {
    const lines = linesOf(fault);
    mapping.mark(lines.filter((line): line is Mark => line.line !== undefined));
    faults.replaceChildren(...lines.map((line) => faultItem(line, mapping)));
    judge("bad", count(lines.length, "problem"));
    if (fault.kind === "record") draw(schema, fault.produced, fault.fields);
    else clear("There is no record while the mapping has a problem.");
    const [first] = lines;
    const place = first?.line === undefined ? "" : `, line ${first.line}`;
    say(`${file}${place}: ${first?.message ?? fault.reason}`, "bad");
  }

  function clear(text: string): void {
    form.replaceChildren(el("p", { class: "nothing" }, text));
    raw.textContent = text;
  }

  return {
    show(outcome, file, schema) {
      if ("fault" in outcome) return showFault(outcome.fault, file, schema);
      mapping.mark([]);
      faults.replaceChildren();
      judge("good", `valid, version ${outcome.version}`);
      draw(schema, outcome.record, []);
      say(outcome.record === null ? `${file} makes nothing of this` : `${file} makes a valid record`, "good");
    },
    wait(reason) {
      mapping.mark([]);
      faults.replaceChildren();
      judge("bad", "waiting");
      clear(reason);
      say(reason, "bad");
    },
  };
}

/** What scrolls must be reached by keyboard as well. */
function makeReachable(sheet: HTMLElement): void {
  sheet.tabIndex = 0;
  sheet.setAttribute("role", "region");
  sheet.setAttribute("aria-label", "The record");
}

function linesOf(fault: Fault): (Omit<Mark, "line"> & { line?: number | undefined })[] {
  if (fault.fields.length === 0) {
    const detail = fault.detail && !fault.reason.includes(fault.detail) ? ` (${fault.detail})` : "";
    return [{ line: fault.line, column: fault.column, message: `${fault.reason}${detail}` }];
  }
  return fault.fields.map(({ path, reason, line }) => ({
    line,
    message: `${path || "the record"}: ${reason}`,
  }));
}

function faultItem({ line, message }: ReturnType<typeof linesOf>[number], mapping: Editor): HTMLElement {
  if (line === undefined) return el("li", {}, message);
  return el(
    "li",
    {},
    button(`Line ${line}`, () => mapping.goTo(line)),
    ` ${message}`,
  );
}
