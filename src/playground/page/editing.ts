import {
  Annotation,
  type ChangeSet,
  EditorSelection,
  type EditorState,
  type Extension,
  findClusterBreak,
  StateField,
  Transaction,
} from "@codemirror/state";
import { EditorView, type KeyBinding, keymap } from "@codemirror/view";

/**
 * Undo, line ends that keep their indent, deleting, selecting all. Tab is left to the browser: it moves on, so that
 * nobody who works by keyboard is held in the editor.
 */

interface Step {
  /** Back to what was before. */
  changes: ChangeSet;
  selection: EditorSelection;
  at: number;
}

interface Past {
  done: readonly Step[];
  undone: readonly Step[];
}

/** Changes of one kind that follow each other this soon are undone together. */
const TOGETHER_MS = 600;
const MAX_STEPS = 500;

const travel = Annotation.define<Past>();

const past = StateField.define<Past>({
  create: () => ({ done: [], undone: [] }),
  update(value, transaction) {
    const travelled = transaction.annotation(travel);
    if (travelled) return travelled;
    return transaction.docChanged ? { done: remember(value.done, transaction), undone: [] } : value;
  },
});

function remember(done: readonly Step[], transaction: Transaction): readonly Step[] {
  const at = transaction.annotation(Transaction.time) ?? 0;
  const changes = transaction.changes.invert(transaction.startState.doc);
  const last = done.at(-1);
  const isTyping = transaction.isUserEvent("input.type") || transaction.isUserEvent("delete");
  if (last && isTyping && at - last.at < TOGETHER_MS) {
    return [...done.slice(0, -1), { ...last, changes: changes.compose(last.changes), at }];
  }
  return [...done, { changes, selection: transaction.startState.selection, at }].slice(-MAX_STEPS);
}

function go(from: keyof Past, to: keyof Past): (view: EditorView) => boolean {
  return ({ state, dispatch }) => {
    const value = state.field(past);
    const step = value[from].at(-1);
    if (!step || state.readOnly) return true;
    const back: Step = { changes: step.changes.invert(state.doc), selection: state.selection, at: 0 };
    const next = { ...value, [from]: value[from].slice(0, -1), [to]: [...value[to], back] };
    dispatch({
      changes: step.changes,
      selection: step.selection,
      annotations: travel.of(next),
      scrollIntoView: true,
      userEvent: "undo",
    });
    return true;
  };
}

const undo = go("done", "undone");
const redo = go("undone", "done");

function newLine({ state, dispatch }: EditorView): boolean {
  const change = state.changeByRange(({ from, to }) => {
    const { text, from: start } = state.doc.lineAt(from);
    const before = text.slice(0, from - start);
    const indent = `${/^\s*/.exec(before)?.[0] ?? ""}${/[[({]\s*$/.test(before) ? "  " : ""}`;
    const insert = `${state.lineBreak}${indent}`;
    return { changes: { from, to, insert }, range: EditorSelection.cursor(from + insert.length) };
  });
  dispatch(state.update(change, { scrollIntoView: true, userEvent: "input" }));
  return true;
}

function remove(forward: boolean): (view: EditorView) => boolean {
  return ({ state, dispatch }) => {
    const change = state.changeByRange((range) => {
      const [from, to] = range.empty ? beside(state, range.head, forward) : [range.from, range.to];
      return { changes: { from, to }, range: EditorSelection.cursor(from) };
    });
    dispatch(state.update(change, { scrollIntoView: true, userEvent: "delete" }));
    return true;
  };
}

/** One letter with its marks, or one line end. */
function beside(state: EditorState, at: number, forward: boolean): [number, number] {
  const line = state.doc.lineAt(at);
  const edge = forward ? line.to : line.from;
  const other =
    at === edge ? at + (forward ? 1 : -1) : line.from + findClusterBreak(line.text, at - line.from, forward);
  const bounded = Math.max(0, Math.min(state.doc.length, other));
  return forward ? [at, bounded] : [bounded, at];
}

function selectAll({ state, dispatch }: EditorView): boolean {
  dispatch({ selection: { anchor: 0, head: state.doc.length }, userEvent: "select" });
  return true;
}

const keys: KeyBinding[] = [
  { key: "Enter", run: newLine, shift: newLine },
  { key: "Backspace", run: remove(false), shift: remove(false) },
  { key: "Delete", run: remove(true) },
  { key: "Mod-a", run: selectAll },
  { key: "Mod-z", run: undo, preventDefault: true },
  { key: "Mod-y", mac: "Mod-Shift-z", run: redo, preventDefault: true },
  { key: "Mod-Shift-z", run: redo, preventDefault: true },
];

/** What the browser would do by itself, and not as we need it. */
const instead = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType === "historyUndo") return undo(view);
    if (event.inputType === "historyRedo") return redo(view);
    if (event.inputType !== "insertText" || event.isComposing) return false;
    return typeOver(view, event.data ?? "") || closeBlock(view, event.data ?? "");
  },
});

/** Chromium keeps the look of what it types over by a style of its own, which the page's policy forbids. */
function typeOver({ state, dispatch }: EditorView, text: string): boolean {
  if (text === "" || state.selection.main.empty) return false;
  dispatch(state.update(state.replaceSelection(text), { scrollIntoView: true, userEvent: "input.type" }));
  return true;
}

/** A closing bracket at the beginning of a line goes back to the indent of what it closes. */
function closeBlock({ state, dispatch }: EditorView, text: string): boolean {
  const { head, empty } = state.selection.main;
  const before = state.sliceDoc(state.doc.lineAt(head).from, head);
  if (!empty || !/^[\])}]$/.test(text) || !/^\s* {2}$/.test(before)) return false;
  const from = head - 2;
  const selection = { anchor: from + 1 };
  dispatch({ changes: { from, to: head, insert: text }, selection, userEvent: "input.type" });
  return true;
}

export const editing: Extension = [past, keymap.of(keys), instead];
