import type { KindStart } from "../protocol.ts";
import { button, byId, el } from "./dom.ts";
import type { Editor } from "./editors.ts";
import { calls } from "./server-calls.ts";
import type { Tell } from "./telling.ts";

/** Saves the file that is shown, on a click only; never over a change that somebody else made on disk. */
export interface Saving {
  /** Draws whether the file has changes that are not saved. */
  show(kind: KindStart): void;
  isChanged(kind: KindStart): boolean;
}

interface SavingOptions extends Tell {
  mapping: Editor;
  kind(): KindStart;
}

export function createSaving({ mapping, kind, say, act }: SavingOptions): Saving {
  const saveButton = byId("save", HTMLButtonElement);
  const state = byId("save-state", HTMLParagraphElement);
  const conflict = byId("conflict", HTMLDivElement);

  const isChanged = (one: KindStart) => mapping.text(one.kind) !== one.source;

  function show(one: KindStart): void {
    saveButton.textContent = `Save ${one.file}`;
    const there = isChanged(one) ? "changes not saved" : "as on disk";
    state.textContent = one.stamp === null ? "not on disk yet" : there;
    state.dataset["state"] = isChanged(one) ? "bad" : "good";
    const label = document.querySelector<HTMLElement>(`#kinds [data-value="${one.kind}"]`);
    if (label) label.dataset["changed"] = String(isChanged(one));
  }

  async function save(one: KindStart): Promise<void> {
    const source = mapping.text(one.kind);
    if (!isChanged(one)) return say(`${one.file} has no changes to save`, "good");
    const saved = await calls.save({ kind: one.kind, source, stamp: one.stamp });
    if ("conflict" in saved) return tellConflict(one, saved.conflict);
    Object.assign(one, { source, stamp: saved.stamp });
    conflict.replaceChildren();
    show(kind());
    say(`${one.file} is saved`, "good");
  }

  function tellConflict(one: KindStart, onDisk: { source: string; stamp: string | null }): void {
    const settle = (text: string, keepMine: boolean) => () => {
      Object.assign(one, onDisk);
      conflict.replaceChildren();
      if (!keepMine) mapping.put(one.kind, onDisk.source);
      show(kind());
      if (keepMine) act(() => save(one));
      else say(text, "good");
      saveButton.focus();
    };
    const text = `${one.file} was changed on disk since this page read it. Nothing was written.`;
    const take = button(
      "Show what is on disk",
      settle(`${one.file} as on disk; undo brings yours back`, false),
    );
    conflict.replaceChildren(
      el("p", {}, text),
      el("div", { class: "row" }, take, button("Write mine over it", settle("", true))),
    );
    say(text, "bad");
    take.focus();
  }

  saveButton.addEventListener("click", () => act(() => save(kind())));
  return {
    show(one) {
      conflict.replaceChildren();
      show(one);
    },
    isChanged,
  };
}
