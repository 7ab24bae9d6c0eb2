import { json, jsonParseLinter } from "@codemirror/lang-json";
import { bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import type { KnownFunction } from "../protocol.ts";
import { completion } from "./completion.ts";
import { editing } from "./editing.ts";
import { jsonata } from "./jsonata-language.ts";

/** An editor that holds one text for each kind of file, with its own history. */
export interface Editor {
  show(kind: string): void;
  text(kind: string): string;
  /** Replaces the text; can be undone. */
  put(kind: string, text: string): void;
  /** Marks faults of the text that is shown. */
  mark(faults: Mark[]): void;
  /** Puts the cursor there and the keyboard with it. */
  goTo(line: number): void;
  focus(): void;
}

/** A fault; of its whole line without a column. Both count from 1. */
export interface Mark {
  line: number;
  column?: number | undefined;
  message: string;
}

interface EditorOptions {
  label: string;
  language: Extension;
  texts: Record<string, string>;
  onChange(): void;
}

export function createMappingEditor(
  parent: HTMLElement,
  { functions, ...options }: Omit<EditorOptions, "language"> & { functions: readonly KnownFunction[] },
): Editor {
  return createEditor(parent, { ...options, language: [jsonata, completion(functions)] });
}

export function createInputEditor(parent: HTMLElement, options: Omit<EditorOptions, "language">): Editor {
  return createEditor(parent, { ...options, language: json() });
}

/** Why the text is not JSON, at its place; nothing when it is. */
export function jsonFault(text: string): Mark | undefined {
  const state = EditorState.create({ doc: text });
  const [fault] = jsonParseLinter()({ state } as EditorView);
  if (!fault) return undefined;
  const line = state.doc.lineAt(fault.from);
  return { line: line.number, column: fault.from - line.from + 1, message: fault.message };
}

function createEditor(parent: HTMLElement, { label, language, texts, onChange }: EditorOptions): Editor {
  const extensions = [
    lineNumbers(),
    lintGutter(),
    highlightActiveLine(),
    bracketMatching(),
    editing,
    keymap.of(lintKeymap),
    language,
    syntaxHighlighting(classHighlighter),
    EditorView.lineWrapping,
    EditorView.perLineTextDirection.of(true),
    EditorView.cspNonce.of(document.querySelector<HTMLMetaElement>("meta[name=style-nonce]")?.content ?? ""),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange();
    }),
  ];
  const states = new Map(
    Object.entries(texts).map(([kind, doc]) => [kind, EditorState.create({ doc, extensions })]),
  );
  const [first = ""] = states.keys();
  let shown = first;
  const view = new EditorView({ parent, state: stateOf(first) });

  function stateOf(kind: string): EditorState {
    return states.get(kind) ?? EditorState.create({ extensions });
  }
  return {
    show(kind) {
      states.set(shown, view.state);
      shown = kind;
      view.setState(stateOf(kind));
    },
    text: (kind) => (kind === shown ? view.state : stateOf(kind)).doc.toString(),
    put(kind, text) {
      const change = (state: EditorState) => ({ changes: { from: 0, to: state.doc.length, insert: text } });
      if (kind === shown) view.dispatch(change(view.state));
      else states.set(kind, stateOf(kind).update(change(stateOf(kind))).state);
    },
    mark(faults) {
      view.dispatch(
        setDiagnostics(
          view.state,
          faults.map((fault) => diagnosticOf(fault, view.state)),
        ),
      );
    },
    goTo(line) {
      const place = view.state.doc.line(Math.min(line, view.state.doc.lines));
      view.dispatch({ selection: { anchor: place.from }, scrollIntoView: true });
      view.focus();
    },
    focus: () => view.focus(),
  };
}

function diagnosticOf({ line, column, message }: Mark, { doc }: EditorState): Diagnostic {
  const place = doc.line(Math.max(1, Math.min(line, doc.lines)));
  const [from, to] = column === undefined ? wholeLine(place.text) : wordAt(place.text, column - 1);
  return { from: place.from + from, to: place.from + to, severity: "error", message };
}

function wholeLine(text: string): [number, number] {
  return [text.length - text.trimStart().length, text.length];
}

/** JSONata tells where it stopped reading, which is the end of the word that it did not expect. */
function wordAt(text: string, at: number): [number, number] {
  const end = Math.min(at, text.length);
  const word = /[$\w]+$|\S$/.exec(text.slice(0, end))?.[0] ?? "";
  return word === "" ? [end, Math.min(end + 1, text.length)] : [end - word.length, end];
}
