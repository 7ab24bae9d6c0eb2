/** Puts the page together: an input and a mapping file in, a record out; saving and tests below. */

import type { Start } from "../protocol.ts";
import { byId, segments } from "./dom.ts";
import { createPayloadDialog } from "./payload-dialog.ts";
import { createSampleList } from "./sample-list.ts";
import { createSaving } from "./saving.ts";
import { calls } from "./server-calls.ts";
import { tell } from "./telling.ts";
import { createTests } from "./tests-panel.ts";
import { createWorkbench } from "./workbench.ts";

function play(start: Start): void {
  const bench = createWorkbench({
    ...tell,
    start,
    onChange(what) {
      if (what === "input") samples.leave();
      else saving.show(bench.kind());
    },
  });
  const samples = createSampleList(start.samples, ({ inputs }) => bench.put(inputs));
  const saving = createSaving({ ...tell, ...bench });
  const unsaved = () => start.kinds.filter(saving.isChanged).map(({ file }) => file);

  function showKind(name: string): void {
    const kind = start.kinds.find((one) => one.kind === name);
    if (!kind) return;
    bench.showKind(kind);
    samples.show(kind);
    saving.show(kind);
    byId("mapping-title", HTMLHeadingElement).textContent = kind.file;
  }

  createTests({ ...tell, ...bench, unsaved, onCases: () => samples.show(bench.kind()) });
  createPayloadDialog(start.channelTypes, ({ inputs }) => {
    bench.put(inputs);
    samples.leave();
    bench.input.focus();
  });
  segments(byId("kinds", HTMLDivElement), "kind", {
    values: start.kinds.map(({ kind }) => kind),
    onChoose: showKind,
  });
  byId("folder", HTMLElement).textContent = start.folder;
  byId("skip", HTMLAnchorElement).addEventListener("click", (event) => {
    event.preventDefault();
    bench.mapping.focus();
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved().length > 0) event.preventDefault();
  });
  showKind(start.kinds[0]?.kind ?? "");
}

tell.act(async () => play(await calls.start()));
