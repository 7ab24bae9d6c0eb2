import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { indentOnInput } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";

/** Chromium keeps the look of what it types over by a style of its own, which the page's policy forbids. */
const typeOver = EditorView.domEventHandlers({
  beforeinput(event, { state, dispatch }) {
    const text = event.data ?? "";
    if (event.inputType !== "insertText" || event.isComposing) return false;
    if (text === "" || state.selection.main.empty) return false;
    dispatch(state.update(state.replaceSelection(text), { scrollIntoView: true, userEvent: "input.type" }));
    return true;
  },
});

/**
 * Undo, line ends that keep their indent, and the other keys of an editor. Tab is left to the browser: it moves on, so
 * that nobody who works by keyboard is held in the editor.
 */
export const editing: Extension = [
  history(),
  indentOnInput(),
  keymap.of([...defaultKeymap, ...historyKeymap]),
  typeOver,
];
